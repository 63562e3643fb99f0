"""Foreign values of any size do not stop an order: they are cut to what Temporal can store, with a note."""

import time
from typing import Any

import pytest

from baton.errors import DocumentError, InvalidArgument
from baton.orchestra.proofs import DepositProof
from baton.orchestra.webhooks import signed_headers
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import OBSERVE
from tests.end_to_end.test_one_present import Tracked, tracked
from tests.end_to_end.world import SECRET, World
from tests.http import http_client


async def noted(world: World, placed: Placement) -> list[str]:
    return [anomaly.message for anomaly in (await world.snapshot(placed)).anomalies]


async def complete(world: World, placed: Placement, order_id: str) -> None:
    for _ in range(4):
        await world.sandbox.advance(order_id)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_a_status_of_three_kilobytes_is_cut_and_the_order_completes(world: World) -> None:
    order = await tracked(world)
    placed, order_id = order.placed, order.order_id

    await world.handle(placed).signal(OBSERVE, order.webhook("s" * 3_000, minutes=0))
    snapshot = await world.until(placed, status="s" * 100)

    assert any("too long" in anomaly.message for anomaly in snapshot.anomalies)
    await complete(world, placed, order_id)


async def test_many_large_webhooks_leave_the_order_alive(world: World) -> None:
    order = await tracked(world)
    placed, order_id = order.placed, order.order_id
    large = {"feePlan": {"x": "y" * 700_000}}

    for minute in range(1, 9):
        status = "bridging" if minute % 2 else "swapping"
        await world.handle(placed).signal(OBSERVE, order.webhook(status, minutes=minute / 10_000, **large))

    await world.until(placed, status="swapping")
    assert any("fee_plan" in message for message in await noted(world, placed))
    await complete(world, placed, order_id)


async def test_a_signal_without_an_argument_is_noted(world: World) -> None:
    order = await tracked(world)
    placed, order_id = order.placed, order.order_id

    await world.handle(placed).signal(OBSERVE)

    await world.until(placed, status="processing")
    assert any("could not be read" in message for message in await noted(world, placed))
    await complete(world, placed, order_id)


async def test_half_a_character_in_a_label_does_not_lose_the_status(world: World) -> None:
    order = await tracked(world)
    placed = order.placed
    body = _event(order, "swapping").encode()
    headers = signed_headers(SECRET, round(time.time() * 1000), body)

    async with http_client() as client:
        answer = await client.post(f"{world.gateway_url}/webhooks/orchestra/default", content=body, headers=headers)

    assert answer.status_code == 200
    snapshot = await world.until(placed, status="swapping")
    assert snapshot.records["payLinkLabel"] == "Coffee \ufffd"


def _event(order: Tracked, status: str) -> str:
    record: dict[str, Any] = order.webhook(status, minutes=1)["record"]
    fields = ", ".join(f'"{name}": "{value}"' for name, value in record.items())
    return f'{{"event": "order.{status}", "data": {{{fields}, "payLinkLabel": "Coffee \\ud83d"}}}}'


async def test_half_a_character_from_the_business_is_refused_in_words(world: World) -> None:
    placed = await world.place()
    half = "Coffee \ud83d"
    proof = DepositProof(tx_hash="0x" + "ab" * 32, source_address=half)

    calls = (
        lambda: world.baton.report_deposit(placed.reference, proof),
        lambda: world.baton.decide_zeroconf(placed.reference, accept=True, reason=half),
        lambda: world.baton.snapshot(half),
        lambda: world.baton.place(world.document(recipientAddress=half)),
    )
    for call in calls:
        with pytest.raises((InvalidArgument, DocumentError), match="half of a surrogate pair"):
            await call()
