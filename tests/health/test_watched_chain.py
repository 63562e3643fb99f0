"""The health of a chain whose only provider cannot be reached, as its running watch reports it."""

from collections.abc import AsyncIterator

import pytest

from baton.health.findings import Level
from baton.health.report import HealthReport, read_health
from tests.end_to_end.chain_orders import evm_chain
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server

DEAD = evm_chain("0x" + "11" * 20, "http://127.0.0.1:9")


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("watched")
    async with temporal_server() as temporal, running_world(temporal, folder, chains={"base": DEAD}) as running:
        yield running


async def test_a_chain_without_a_provider_is_seen_in_its_watchs_heartbeats(world: World) -> None:
    await world.place()
    client, accounts = world.environment.client, {"default": world.account}

    async def report() -> HealthReport:
        return await read_health(client, world.ledger, accounts, {"base": DEAD})

    found = await eventually(report, lambda one: bool(one.chains and one.chains[0].trouble), within=30)
    (chain,) = found.chains
    assert (chain.runs, chain.served, chain.addresses) == (True, True, 1)
    assert [(one.name, one.resting_seconds > 200) for one in chain.providers] == [("127.0.0.1", True)]
    by_check = {finding.check: finding for finding in chain.findings}
    assert by_check["chain.provider"].level is Level.WARNING
    assert "127.0.0.1" in by_check["chain.provider"].message
    assert "baton-watch" in [queue.queue for queue in found.queues]
