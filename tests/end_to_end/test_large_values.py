"""Values as large as Orchestra can send them: the order lives, and what it cannot carry is in the ledger."""

import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from baton.ledger.rows import DeliveryRow
from baton.orchestra.webhooks import signed_headers
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from baton.orders.names import OBSERVE
from tests.end_to_end.test_foreign_values import complete, noted
from tests.end_to_end.test_one_present import Tracked, tracked
from tests.end_to_end.world import SECRET, World, running_world
from tests.eventually import eventually
from tests.http import http_client
from tests.replay.record import EARLY
from tests.replay.runs import runs_of
from tests.temporal_server import temporal_server

LARGE = {"feePlan": {"x": "y" * 700_000}}
DAYS_TO_9999 = (9999 - 2026) * 365


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[World]:
    """Run a Baton whose sandbox may be moved to another age."""
    async with temporal_server() as temporal, running_world(temporal, tmp_path) as world:
        yield world


def body_of(order: Tracked, status: str, *, minutes: float) -> bytes:
    record = order.webhook(status, minutes=minutes, **LARGE)["record"]
    return json.dumps({"event": f"order.{status}", "data": {**record, "quoteId": order.placed.quote_id}}).encode()


async def post(world: World, body: bytes) -> int:
    headers = signed_headers(SECRET, round(time.time() * 1000), body)
    async with http_client(timeout=30) as client:
        answer = await client.post(f"{world.gateway_url}/webhooks/orchestra/default", content=body, headers=headers)
    return answer.status_code


async def recorded(world: World, placed: Placement) -> list[DeliveryRow]:
    return await world.ledger.deliveries(placed.workflow_id, limit=500)


async def newest_body(world: World, placed: Placement) -> bytes | None:
    rows = await recorded(world, placed)
    return await world.ledger.webhook_body(rows[0].id or 0)


async def test_ninety_genuine_webhooks_of_700_kilobytes_leave_the_order_alive(world: World) -> None:
    order = await tracked(world)
    placed = order.placed
    bodies = [body_of(order, "swapping" if n % 2 else "bridging", minutes=n / 100_000) for n in range(1, 91)]

    answers = [await post(world, body) for body in bodies]

    assert set(answers) == {200}
    await world.until(placed, status="bridging")
    await eventually(lambda: newest_body(world, placed), lambda body: body == bodies[-1])
    assert len(await recorded(world, placed)) >= len(bodies)
    assert any("fee_plan" in message for message in await noted(world, placed))
    await complete(world, placed, order.order_id)


async def test_a_webhook_that_its_order_carries_whole_is_not_kept_twice(world: World) -> None:
    order = await tracked(world)

    rows = await eventually(lambda: recorded(world, order.placed))

    assert [await world.ledger.webhook_body(row.id or 0) for row in rows] == [None] * len(rows)


async def test_large_webhooks_that_are_doubted_let_the_order_continue_as_new(tmp_path: Path) -> None:
    async with temporal_server(**EARLY) as temporal, running_world(temporal, tmp_path, coalesce=0) as world:
        order = await tracked(world)
        handle = world.handle(order.placed)
        for minute, status in enumerate(("delivering", "bridging", "swapping", "awaiting_approval"), start=1):
            await handle.signal(OBSERVE, order.webhook(status, minutes=minute / 1_000, **LARGE))

        async def runs() -> int:
            await handle.signal(OBSERVE, "noise")
            return len(await runs_of(world, order.placed))

        assert await eventually(runs, lambda count: count > 2) > 2
        await complete(world, order.placed, order.order_id)


async def test_a_status_record_above_two_megabytes_is_followed(world: World) -> None:
    order = await tracked(world)
    placed = order.placed
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    fee_plan = {str(number): "y" * 1_000 for number in range(2_500)}

    await world.sandbox.advance(order.order_id, "bridging", feePlan=fee_plan)
    await world.advance(placed, seconds=130)

    await world.until(placed, status="bridging")
    assert any("fee_plan" in message for message in await noted(world, placed))
    await world.sandbox.advance(order.order_id, "swapping", feePlan={})
    for _ in range(2):
        await world.sandbox.advance(order.order_id)
    await world.advance(placed, seconds=130)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_a_quote_that_expires_in_the_year_9999_is_kept_for_a_year(own: World) -> None:
    await own.sandbox.advance_clock(timedelta(days=DAYS_TO_9999).total_seconds())

    placed = await own.place()

    snapshot = await own.snapshot(placed)
    assert snapshot.phase is Phase.AWAITING_DEPOSIT
    assert snapshot.expires_at is not None
    assert snapshot.expires_at.year < 2030
    assert any("expires in 9" in message for message in await noted(own, placed))
    await own.deposit_and_report(placed)
    assert (await own.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
