"""Thousands of observations that reach an order while no worker runs: it lives, answers at once, and stays small."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome
from baton.orders.names import OBSERVE
from baton.orders.rules.anomalies import MAX_ANOMALIES
from baton.orders.rules.timeline import MAX_TRANSITIONS
from tests.end_to_end.world import World, running_worker, running_world
from tests.replay.cost import cost_of
from tests.temporal_server import temporal_server

FLOOD = 5_000
ANSWER_WITHIN = 5
"""Seconds, with the start of a worker; the flood itself costs less than one second of CPU time."""
IN_ONE_SIGNAL = 10
"""The gateway sends webhooks that arrive together in one signal."""


def of_other_orders(number: int) -> dict[str, Any]:
    return {"id": f"ord_other_{number}", "status": "processing"}


def unknown_statuses(number: int) -> dict[str, Any]:
    return {"status": f"audit-{number}"}


def alternations(number: int) -> dict[str, Any]:
    return {"status": "bridging" if number % 2 else "swapping"}


FLOODS = {"other orders": of_other_orders, "unknown statuses": unknown_statuses, "alternations": alternations}


async def flood(world: World, placed: Placement, known: Snapshot, fields_of: Callable[[int], dict[str, Any]]) -> None:
    assert known.updated_at is not None
    began = known.updated_at

    def envelope(number: int) -> dict[str, Any]:
        at = began + timedelta(microseconds=10 * (number + 1))
        record = {"id": known.order_id, "quoteId": placed.quote_id, "updatedAt": at.isoformat(), **fields_of(number)}
        return {"source": "webhook", "event": f"order.{record['status']}", "record": record}

    handle = world.handle(placed)
    for first in range(0, FLOOD, 50 * IN_ONE_SIGNAL):
        starts = range(first, first + 50 * IN_ONE_SIGNAL, IN_ONE_SIGNAL)
        signals = [[envelope(start + more) for more in range(IN_ONE_SIGNAL)] for start in starts]
        await asyncio.gather(*(handle.signal(OBSERVE, envelopes) for envelopes in signals))


@pytest.mark.parametrize("kind", FLOODS)
async def test_an_order_survives_a_flood_while_the_worker_is_away(tmp_path: Path, kind: str) -> None:
    async with (
        temporal_server() as temporal,
        running_world(temporal, tmp_path, coalesce=0, with_worker=False) as world,
    ):
        async with running_worker(temporal, world.ledger, world.account, {}):
            placed = await world.place(scenario="stepped")
            await world.deposit_and_report(placed)
            known = await world.until(placed, status="processing")
        await flood(world, placed, known, FLOODS[kind])

        async with running_worker(temporal, world.ledger, world.account, {}):
            async with asyncio.timeout(ANSWER_WITHIN):
                await world.snapshot(placed)
            await world.baton.refresh(placed.reference)
            snapshot = await world.snapshot(placed)
            for _ in range(4):
                await world.sandbox.advance(known.order_id)
            assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
        assert len(snapshot.anomalies) <= 3 * MAX_ANOMALIES
        assert len(snapshot.transitions) <= MAX_TRANSITIONS
        assert snapshot.anomalies_left_out + snapshot.transitions_left_out >= FLOOD / 2
        assert len(snapshot.model_dump_json()) < 100_000
        history = await world.handle(placed).fetch_history()
        assert cost_of(history).events < FLOOD / IN_ONE_SIGNAL + 200
