"""Temporal's API key and certificates are rotated while orders run: worker and gateway follow, and nothing is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.local.nodes.ports import free_port
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.worker_process import gateway_process, worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_edge import Authority, Identity, TemporalEdge, temporal_edge
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.timeout(150)

FIRST_KEY, SECOND_KEY = "tmprl1A9b8C7d6E5f4", "tmprl2Z0y9X8w7V6u5"
SEEN_WITHIN = 15
"""Seconds within which a new login must be in use, on a busy machine; the page promises five."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Run Baton without a worker and without a gateway."""
    async with (
        temporal_server() as temporal,
        running_world(temporal, tmp_path, with_worker=False, gateway_port=free_port()) as world,
    ):
        yield world


class Login:
    """The files of a login, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self.private, self.key = (folder / name for name in ("tls.crt", "tls.key", "api_key"))

    def write(self, identity: Identity, key: str) -> None:
        """Replace all of them."""
        self.certificate.write_bytes(identity.certificate)
        self.private.write_bytes(identity.key)
        self.key.write_text(f"{key}\n")

    def variables(self, edge: TemporalEdge) -> dict[str, str]:
        """Return the settings of a process that logs in with them."""
        return {
            "TEMPORAL_ADDRESS": edge.address,
            "TEMPORAL_TLS_CLIENT_CERT_PATH": str(self.certificate),
            "TEMPORAL_TLS_CLIENT_KEY_PATH": str(self.private),
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(edge.authority),
            "TEMPORAL_API_KEY_FILE": str(self.key),
        }


async def completed(world: World, placed: Placement) -> None:
    ended = await eventually(
        lambda: world.baton.snapshot(placed.reference), lambda found: found.outcome is not None, within=60
    )
    assert ended.outcome is Outcome.COMPLETED
    assert len([order for order in await world.sandbox.orders() if order["quoteId"] == placed.quote_id]) == 1


async def test_key_and_certificate_change_while_orders_run(world: World, tmp_path: Path) -> None:
    old, new, login = Authority("old"), Authority("new"), Login(tmp_path)
    login.write(old.identity("first"), FIRST_KEY)
    upstream = world.environment.client.service_client.config.target_host
    async with temporal_edge(tmp_path / "edge", upstream, [old], [FIRST_KEY]) as edge:
        variables = login.variables(edge)
        async with (
            worker_process(world, tmp_path, **variables),
            gateway_process(world, tmp_path, **variables),
        ):
            before, open_order = await world.place(), await world.place()
            await world.deposit_and_report(before)
            await completed(world, before)

            login.certificate.write_text("-----BEGIN CERTIFICATE-----\nhalf")
            login.key.write_text("")
            meanwhile = await world.place()
            await world.deposit_and_report(meanwhile)
            await completed(world, meanwhile)

            await edge.reload([old, new], [FIRST_KEY, SECOND_KEY])
            login.write(new.identity("second"), SECOND_KEY)
            await eventually(
                edge.last_caller, lambda caller: caller == f"CN=second Bearer {SECOND_KEY}", within=SEEN_WITHIN
            )
            await eventually(lambda: world.http.get("/readyz"), lambda page: page.status_code == 200)
            await edge.reload([new], [SECOND_KEY])

            after = await world.place()
            for placed in (open_order, after):
                await world.deposit_and_report(placed)
                await completed(world, placed)
            refused_before = [call for call in edge.calls() if call.startswith("4")]
            await eventually(lambda: world.http.get("/readyz"), lambda page: page.status_code == 200)
            assert [call for call in edge.calls() if call.startswith("4")] == refused_before
    assert await world.sandbox.violations() == []
