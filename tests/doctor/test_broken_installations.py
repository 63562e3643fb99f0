"""What `baton doctor` finds in an installation that is well, and in one for each way to break it."""

import shutil
import sqlite3
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from unittest.mock import AsyncMock

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from activities.support.hold_watch import HoldWatch
from baton.doctor import ledger as ledger_checks
from baton.gateway.app import GatewayParts, create_app
from baton.gateway.coalescer import Coalescer
from baton.gateway.signals import SignalSender
from baton.health.findings import Level
from baton.holds.names import HOLDS_ID
from baton.ledger.ledger import Ledger
from baton.notifications.endpoint import notify_queue
from baton.orders.names import WORKFLOW_QUEUE, partner_queue
from baton.process.http_server import address_of, listen, serving
from tests.doctor.examination import NOWHERE, orchestra_at
from tests.eventually import eventually
from tests.ledger.examples import watch
from tests.sandbox_server import running_sandbox

_Usage = namedtuple("_Usage", "total used free")


async def test_an_installation_that_is_well_has_no_complaint(examination):
    await eventually(examination.complaints, lambda complaints: not complaints)
    findings = await examination.findings()
    assert {"temporal.reachable", "workers.account", "ledger.complete", "webhook.delivery", "machine.clock"} <= {
        finding.check for finding in findings if finding.level is Level.OK
    }


async def test_every_complaint_names_effect_and_remedy(examination, tmp_path):
    broken = {
        "TEMPORAL_ADDRESS": "127.0.0.1:9",
        "ORCHESTRA_BASE_URL": NOWHERE,
        "BATON_LEDGER_URL": f"sqlite:///{tmp_path / 'none.db'}",
        "BATON_WATCH": "base,nowhere",
    }
    complaints = await examination.complaints(NOWHERE, **broken)
    assert len(complaints) >= 5
    assert all(finding.effect and finding.remedy for finding in complaints.values())


async def test_a_server_that_is_down_is_named(examination):
    complaints = await examination.complaints(TEMPORAL_ADDRESS="127.0.0.1:9")
    assert set(complaints) == {"temporal.reachable"}
    assert "127.0.0.1:9" in complaints["temporal.reachable"].message


async def test_a_missing_namespace_is_named_with_its_command(examination):
    complaints = await examination.complaints(TEMPORAL_NAMESPACE="nowhere")
    assert complaints["temporal.namespace"].level is Level.PROBLEM
    assert "namespace create -n nowhere" in complaints["temporal.namespace"].remedy


async def test_a_bare_server_lacks_attributes_workers_and_retention(examination, bare_temporal):
    address = bare_temporal.client.service_client.config.target_host
    complaints = await examination.complaints(TEMPORAL_ADDRESS=address)
    assert set(complaints) == {
        "temporal.search_attributes",
        "temporal.retention",
        "workers.workflows",
        "workers.account",
    }
    assert "BatonPhase" in complaints["temporal.search_attributes"].message
    assert "baton worker" in complaints["workers.workflows"].remedy


async def test_an_account_that_no_worker_serves_is_named(examination, tmp_path):
    world = examination.world
    secret = world.account.webhook_secrets[0].get_secret_value()
    partners = tmp_path / "partners.toml"
    account = f'base_url = "{world.account.base_url}"\napi_key = "fn_sandbox"\nwebhook_secrets = "{secret}"\n'
    polled = 'tracking = "polls"\n'
    partners.write_text(f"[accounts.default]\n{account}\n[accounts.lonely]\n{account}{polled}")
    complaints = await examination.complaints(BATON_PARTNERS_FILE=str(partners))
    assert set(complaints) == {"workers.account"}
    assert complaints["workers.account"].subject == "lonely"
    assert partner_queue("lonely") in complaints["workers.account"].message


async def test_an_endpoint_that_no_worker_serves_is_named(examination, tmp_path):
    file = tmp_path / "endpoints.toml"
    file.write_text('[endpoints.lonely]\nurl = "https://app.example/events"\nsecret = "whsec_' + "QUJD" * 8 + '"\n')
    complaints = await examination.complaints(BATON_ENDPOINTS_FILE=str(file))
    assert set(complaints) == {"workers.endpoints"}
    assert notify_queue("lonely") in complaints["workers.endpoints"].message


async def test_a_chain_where_an_address_waits_and_nobody_watches_is_named(examination):
    watching, long_ago = examination.world.ledger.watching, datetime.now(UTC) - timedelta(days=40)
    await watching.watch(watch(chain="tron", since=long_ago))
    try:
        complaints = await examination.complaints()
    finally:
        await watching.forget("tron", closed_before=datetime.now(UTC), made_before=datetime.now(UTC))
    assert set(complaints) == {"chain.watch"}
    assert complaints["chain.watch"].subject == "tron"


async def test_a_worker_of_another_version_is_named(examination, bare_temporal):
    address = bare_temporal.client.service_client.config.target_host
    older = await Client.connect(address, identity="baton-worker 0.0.1 4711@elsewhere")

    @activity.defn
    async def nothing() -> None:
        return None

    async with Worker(older, task_queue=partner_queue("default"), activities=[nothing]):
        complaints = await examination.complaints(TEMPORAL_ADDRESS=address)
    assert "0.0.1" in complaints["workers.version"].message
    assert complaints["workers.workflows"].message.endswith(WORKFLOW_QUEUE)


async def test_accounts_that_cannot_be_read_are_named(examination, tmp_path):
    complaints = await examination.complaints(BATON_PARTNERS_FILE=str(tmp_path / "gone.toml"))
    assert set(complaints) == {"settings.accounts"}
    assert "gone.toml" in complaints["settings.accounts"].message


async def test_a_database_that_is_down_is_named(examination):
    complaints = await examination.complaints(BATON_LEDGER_URL="postgresql://baton:pw@127.0.0.1:9/ledger")
    assert set(complaints) == {"ledger.reachable"}
    assert "127.0.0.1:9" in complaints["ledger.reachable"].message
    assert "pw" not in complaints["ledger.reachable"].message


async def test_a_damaged_file_is_named(examination, tmp_path):
    damaged = tmp_path / "ledger.db"
    damaged.write_bytes(b"this is no database, and never was one" * 40)
    complaints = await examination.complaints(BATON_LEDGER_URL=f"sqlite:///{damaged}")
    assert set(complaints) == {"ledger.reachable"}


async def test_a_ledger_of_a_newer_version_is_named_and_not_changed(examination, tmp_path):
    file = await _ledger_of_version(99, tmp_path)
    complaints = await examination.complaints(BATON_LEDGER_URL=f"sqlite:///{file}")
    assert complaints["ledger.schema"].level is Level.PROBLEM
    assert "99" in complaints["ledger.schema"].message


async def test_an_older_or_missing_ledger_is_a_warning_and_not_made(examination, tmp_path):
    missing = tmp_path / "later.db"
    complaints = await examination.complaints(BATON_LEDGER_URL=f"sqlite:///{missing}")
    assert complaints["ledger.schema"].level is Level.WARNING
    assert not missing.exists()
    older = await _ledger_of_version(4, tmp_path)
    before = older.read_bytes()
    complaints = await examination.complaints(BATON_LEDGER_URL=f"sqlite:///{older}")
    assert "version 4" in complaints["ledger.schema"].message
    assert older.read_bytes() == before


async def test_a_ledger_that_lacks_orders_is_named(examination, tmp_path):
    file = tmp_path / "new.db"
    await (await Ledger.open(f"sqlite:///{file}")).close()
    complaints = await examination.complaints(BATON_LEDGER_URL=f"sqlite:///{file}")
    assert set(complaints) == {"ledger.complete"}
    assert "baton ledger rebuild" in complaints["ledger.complete"].remedy


@pytest.mark.parametrize(("free", "level"), [(2**20, Level.PROBLEM), (2**30, Level.WARNING)])
async def test_a_disk_that_fills_up_is_named(examination, monkeypatch, free, level):
    monkeypatch.setattr(ledger_checks.shutil, "disk_usage", lambda _: _Usage(2**40, 2**40 - free, free))
    complaints = await examination.complaints()
    assert complaints["machine.disk"].level is level
    monkeypatch.undo()
    assert shutil.disk_usage("/").free > 0


async def test_a_key_that_orchestra_refuses_is_named_but_not_shown(examination):
    complaints = await examination.complaints(ORCHESTRA_API_KEY="fn_secret_but_wrong")
    assert set(complaints) == {"orchestra.key"}
    assert "fn_secret_but_wrong" not in complaints["orchestra.key"].model_dump_json()
    assert "ORCHESTRA_API_KEY" in complaints["orchestra.key"].remedy


async def test_an_orchestra_that_does_not_answer_is_named(examination):
    complaints = await examination.complaints(ORCHESTRA_BASE_URL=NOWHERE)
    assert set(complaints) == {"orchestra.reachable"}


async def test_an_endpoint_that_is_not_registered_is_named(examination):
    async with running_sandbox() as (url, _):
        complaints = await examination.complaints(ORCHESTRA_BASE_URL=url)
    assert set(complaints) == {"webhook.registered"}
    assert "baton webhook register" in complaints["webhook.registered"].remedy


async def test_a_secret_that_the_gateway_does_not_have_is_named(examination):
    complaints = await examination.complaints(ORCHESTRA_WEBHOOK_SECRET="whsec_another")
    assert set(complaints) == {"webhook.delivery"}
    assert "whsec_another" not in complaints["webhook.delivery"].model_dump_json()


async def test_settings_without_a_webhook_secret_are_named(examination):
    complaints = await examination.complaints(ORCHESTRA_WEBHOOK_SECRET="")
    assert set(complaints) == {"webhook.secret"}


async def test_an_endpoint_that_cannot_be_reached_is_named(examination):
    unreachable = f"{NOWHERE}/webhooks/orchestra/default"
    async with running_sandbox(webhook_url=unreachable) as (url, _):
        complaints = await examination.complaints(ORCHESTRA_BASE_URL=url)
    assert set(complaints) == {"webhook.delivery"}
    assert unreachable in complaints["webhook.delivery"].message


async def test_a_gateway_that_is_down_is_named(examination):
    complaints = await examination.complaints(NOWHERE)
    assert set(complaints) == {"gateway.alive"}


async def test_something_else_at_the_gateways_address_is_named(examination):
    complaints = await examination.complaints(examination.world.account.base_url)
    assert complaints["gateway.alive"].level is Level.PROBLEM


async def test_a_gateway_without_temporal_is_named(examination):
    world = examination.world
    client = await Client.connect("127.0.0.1:9", lazy=True)
    parts = GatewayParts({"default": world.account}, client, world.ledger, Coalescer(SignalSender(client), window=0))
    listener = listen("127.0.0.1", 0)
    async with serving(create_app(parts), listener, grace=1):
        complaints = await examination.complaints(address_of(listener))
    assert set(complaints) == {"gateway.ready"}
    assert "temporal" in complaints["gateway.ready"].message


@pytest.mark.parametrize(
    ("behind", "level"), [(timedelta(minutes=1), Level.WARNING), (timedelta(minutes=10), Level.PROBLEM)]
)
async def test_a_clock_that_is_wrong_is_named(examination, behind, level):
    async with orchestra_at(format_datetime(datetime.now(UTC) + behind, usegmt=True)) as url:
        complaints = await examination.complaints(ORCHESTRA_BASE_URL=url)
    assert complaints["machine.clock"].level is level
    assert "behind" in complaints["machine.clock"].message


async def test_a_provider_that_does_not_answer_is_named(examination, tmp_path):
    chains = tmp_path / "chains.toml"
    chains.write_text(f'[chains.base]\nproviders = [{{ url = "{NOWHERE}" }}]\n')
    complaints = await examination.complaints(BATON_CHAINS_FILE=str(chains))
    assert complaints["chain.provider"].level is Level.PROBLEM
    assert complaints["chain.provider"].subject == "base"


async def test_a_chain_that_is_not_known_is_named(examination):
    complaints = await examination.complaints(BATON_WATCH="atlantis")
    assert set(complaints) == {"settings.chains"}
    assert "atlantis" in complaints["settings.chains"].message


async def test_every_secret_that_cannot_be_used_is_named(examination, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    files = dict.fromkeys(("BATON_METRICS_TOKEN_FILE", "BATON_PAGE_KEY_FILE"), str(empty))
    found = await examination.findings(BATON_API_TOKEN="short", **files)
    messages = " ".join(finding.message for finding in found if finding.check == "settings.secrets")
    assert "BATON_API_TOKEN: has less than 20 characters" in messages
    for name in files:
        assert f"{name}: {empty} is empty" in messages


async def _ledger_of_version(version, folder):
    file = folder / f"version-{version}.db"
    await (await Ledger.open(f"sqlite:///{file}")).close()
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE baton_alembic_version SET version_num = ?", (f"{version:04}",))
    connection.close()
    return file


async def test_every_hold_is_pointed_out_with_the_command_that_releases_it(examination):
    client = examination.world.baton
    held = (await client.hold("submits", reason="the node is behind", route="base")).hold
    complaints = await examination.complaints()
    assert complaints["holds.open"].level is Level.WARNING
    assert f"{held.id} stops submits on base" in complaints["holds.open"].message
    assert complaints["holds.open"].remedy == f"baton release {held.id} --reason TEXT"

    await client.release(held.id, reason="it has caught up")
    assert "holds.open" not in await examination.complaints()


async def test_a_workflow_of_the_holds_that_was_ended_by_hand_is_named(examination, monkeypatch):
    client = examination.world.baton
    monkeypatch.setattr(HoldWatch, "_start_again", AsyncMock())  # as if no worker ran
    held = (await client.hold("approvals", reason="an audit")).hold
    await examination.world.environment.client.get_workflow_handle(HOLDS_ID).terminate("by mistake")
    complaints = await examination.complaints()
    assert {"holds.workflow", "holds.open"} <= set(complaints)

    await client.release(held.id, reason="it is over")
    assert "holds.workflow" not in await examination.complaints()
