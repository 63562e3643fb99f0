"""Calls use the account's access as it stands when they start, and a rotated key heals itself."""

import asyncio
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.support.account_clients import AccountClients
from activities.support.hold_gate import HoldGate
from activities.zeroconf import ZeroConfActivities
from baton.accounts.book import AccountBook
from baton.holds.models import HoldsState
from baton.ledger.ledger import Ledger
from baton.orchestra.client import OrchestraClient
from baton.orders.rules.zeroconf import ZeroConfTerms
from baton.settings import Settings
from tests.activities.order_read import KEY, new_order
from tests.eventually import eventually
from tests.sandbox_server import running_sandbox

NEXT = "fn_rotated_key"


def write(folder: Path, base_url: str, key: str, rest: str = "") -> Settings:
    """Write a partners file with the account `main`; return settings that name it."""
    file = folder / "partners.toml"
    file.write_text(f'[accounts.main]\nbase_url = "{base_url}"\napi_key = "{key}"\n{rest}')
    return Settings(partners_file=file)


async def call(clients: AccountClients, order_id: str) -> str:
    """Read an order as an activity does; return its status."""

    async def read() -> str:
        async with clients.for_activity("main") as client:
            return (await client.status(order_id=order_id)).order.status

    return await ActivityEnvironment().run(read)


async def test_a_rotated_key_counts_from_the_next_call_on(tmp_path: Path) -> None:
    async with running_sandbox(scenario="stepped") as (base_url, sandbox):
        order_id = await new_order(base_url, sandbox)
        async with AccountClients(AccountBook(write(tmp_path, base_url, KEY), pause=0)) as clients:
            assert await call(clients, order_id) == "processing"
            write(tmp_path, base_url, NEXT)
            await sandbox.accept_keys(NEXT)
            assert await call(clients, order_id) == "processing"


async def test_a_call_refused_for_its_key_is_retried_with_a_changed_key(tmp_path: Path) -> None:
    async with running_sandbox(scenario="stepped") as (base_url, sandbox):
        order_id = await new_order(base_url, sandbox)
        async with AccountClients(AccountBook(write(tmp_path, base_url, KEY), pause=3600)) as clients:
            await sandbox.accept_keys(NEXT)
            with pytest.raises(ApplicationError) as refused:
                await call(clients, order_id)
            assert (refused.value.type, refused.value.non_retryable) == ("unauthorized", True)
            write(tmp_path, base_url, NEXT)
            with pytest.raises(ApplicationError) as healing:
                await call(clients, order_id)
            assert (healing.value.type, healing.value.non_retryable) == ("account_changed", False)
            assert await call(clients, order_id) == "processing"


async def test_a_running_call_keeps_its_client_until_it_ends(tmp_path: Path) -> None:
    async with running_sandbox(scenario="stepped") as (base_url, sandbox):
        order_id = await new_order(base_url, sandbox)
        async with AccountClients(AccountBook(write(tmp_path, base_url, KEY), pause=0)) as clients:
            async with clients.client("main") as old:
                assert isinstance(old, OrchestraClient)
            fault = await sandbox.fault("status", "hold_after")
            under_way = asyncio.create_task(call(clients, order_id))
            await eventually(sandbox.faults, lambda faults: bool(faults[0]["hits"]))
            write(tmp_path, base_url, NEXT)
            await sandbox.accept_keys(KEY, NEXT)
            assert await call(clients, order_id) == "processing"
            await sandbox.release(fault)
            assert await under_way == "processing"
            with pytest.raises(RuntimeError, match="closed"):
                await old.status(order_id=order_id)


async def test_an_unknown_account_is_retried_and_names_the_known_ones(tmp_path: Path) -> None:
    async with AccountClients(AccountBook(write(tmp_path, "http://127.0.0.1:1", KEY))) as clients:
        with pytest.raises(ApplicationError, match="'other' is not in the worker's settings; it knows main") as failed:
            clients.account("other")
        assert not failed.value.non_retryable


async def test_each_account_has_its_own_policies_and_changes_count_at_once(tmp_path: Path) -> None:
    other = "[accounts.other]\n[accounts.other.zeroconf]\nmax_fee_bps = 7\n"
    settings = write(tmp_path, "http://127.0.0.1:1", KEY, f"zeroconf.max_fee_bps = 5\n{other}")

    async def bound(account: str) -> int | None:
        terms: ZeroConfTerms = await ActivityEnvironment().run(activities.zeroconf_terms, account)
        return terms.policy.max_fee_bps

    async with (
        await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger,
        AccountClients(AccountBook(settings, pause=0)) as clients,
    ):
        await ledger.mark_complete()
        activities = ZeroConfActivities(clients, ledger, HoldGate(HoldsState()))
        assert [await bound("main"), await bound("other")] == [5, 7]
        write(tmp_path, "http://127.0.0.1:1", KEY, f"zeroconf.max_fee_bps = 6\n{other}")
        assert [await bound("main"), await bound("other")] == [6, 7]
