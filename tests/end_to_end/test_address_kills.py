"""The worker is killed at every boundary of an address's activities: one address, disabled once, the ledger right."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from baton.orchestra.address_models import LiquidationAddress
from baton.orchestra.client import OrchestraClient
from baton.sources.answers import SourceSnapshot
from tests.end_to_end.boundary_kills import Kills
from tests.end_to_end.kill_paths import repeated, slowly
from tests.end_to_end.test_addresses import liquidation
from tests.end_to_end.world import World, running_world
from tests.temporal_server import AFTER_KILL, temporal_server

pytestmark = pytest.mark.timeout(300)

CREATION = ("create_source 1", "record_source 1")
DISABLING = ("disable_source 1", "record_source 1")


def at_each(step: str, activities: tuple[str, ...]) -> dict[str, str]:
    """Return an address for each boundary of these activities: its reference, and the boundary.

    Each worker numbers the activities that it sees from 1.
    """
    boundaries = [f"{when} {name}" for name in activities for when in ("before", "after")]
    return {f"{step}-{boundary.replace(' ', '-')}": boundary for boundary in boundaries}


async def test_a_kill_at_any_boundary_leaves_one_address_disabled_once(tmp_path: Path) -> None:
    async with (
        temporal_server(**AFTER_KILL) as temporal,
        running_world(temporal, tmp_path, with_worker=False) as world,
        OrchestraClient(world.account.base_url, "fn_sandbox") as orchestra,
    ):
        kills = Kills(world, tmp_path)
        created = await _killed(kills, at_each("creating", CREATION), lambda reference: _create(world, reference))
        disabling = at_each("disabling", DISABLING)
        async with kills.worker({}):
            await asyncio.gather(*(_create(world, reference) for reference in disabling))
        disabled = await _killed(kills, disabling, lambda reference: _disable(world, reference))
        async with kills.worker({}):
            await asyncio.gather(*created, *disabled)
            await asyncio.gather(*(_disable(world, reference) for reference in at_each("creating", CREATION)))
            for reference in [*at_each("creating", CREATION), *disabling]:
                await slowly(lambda reference=reference: _is_disabled_in_ledger(world, reference))

        at_orchestra = {address.label: address for address in await orchestra.liquidations(1000)}
        every = [*at_each("creating", CREATION), *disabling]
        assert sorted(str(label) for label in at_orchestra) == sorted(every)
        assert len(await orchestra.liquidations(1000)) == len(every)
        assert [at_orchestra[reference].enabled for reference in every] == [False] * len(every)
        assert [await _row_agrees(world, reference, at_orchestra[reference]) for reference in every] == [True] * 8


async def _killed(
    kills: Kills, plan: dict[str, str], step: Callable[[str], Awaitable[SourceSnapshot]]
) -> list["asyncio.Future[SourceSnapshot]"]:
    """Take the step of every address while the worker is killed at the address's boundary; return the open steps."""
    async with kills.worker(plan) as ended:
        steps = [asyncio.ensure_future(step(reference)) for reference in plan]
        await ended
        standing = {line["reference"] for line in kills.report() if line["stands"]}
    assert standing == plan.keys()
    return steps


async def _create(world: World, reference: str) -> SourceSnapshot:
    document = liquidation(reference=reference, label=reference)
    return await repeated(lambda: world.baton.create_address(document))


async def _disable(world: World, reference: str) -> SourceSnapshot:
    return await repeated(lambda: world.baton.disable_address(reference))


async def _is_disabled_in_ledger(world: World, reference: str) -> bool:
    row = await world.ledger.sources.source("default", "address", reference)
    return row is not None and row.disabled_at is not None


async def _row_agrees(world: World, reference: str, address: LiquidationAddress) -> bool:
    row = await world.ledger.sources.at_address("default", address.l1_deposit_address, "bitcoin")
    return row is not None and (row.reference, row.orchestra_id) == (reference, address.id)
