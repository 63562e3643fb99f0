"""Orders that Baton did not place, and money that comes after an order closed: each is tracked to its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import Quote, QuoteRequest
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.names import adopted_reference, follow_up_reference
from baton.orders.visibility import OrderLine
from tests.end_to_end.world import USDC_TO_BTC, World
from tests.eventually import eventually


@asynccontextmanager
async def another_app(world: World) -> AsyncIterator[OrchestraClient]:
    """Return a client of another app that uses the same account without Baton."""
    async with OrchestraClient(world.account.base_url, world.account.api_key.get_secret_value()) as client:
        yield client


async def ordered_elsewhere(world: World, key: str) -> tuple[Quote, str]:
    async with another_app(world) as client:
        quote = await client.quote(QuoteRequest.model_validate(USDC_TO_BTC), f"elsewhere-quote-{key}")
        proof = DepositProof.model_validate(await world.sandbox.deposit(quote.quote_id))
        submitted = await client.submit(quote.quote_id, proof, f"elsewhere-submit-{key}")
    return quote, submitted.order_id


async def adopted_order(world: World, reference: str) -> Snapshot:
    async def find() -> Snapshot | None:
        lines = await world.baton.list_orders(limit=500)
        known = any(line.reference == reference for line in lines)
        return await world.baton.snapshot(reference) if known else None

    snapshot = await eventually(find)
    assert snapshot is not None
    return snapshot


async def test_an_order_made_elsewhere_is_adopted_and_tracked_to_its_end(world: World) -> None:
    _, order_id = await ordered_elsewhere(world, "adopted")
    reference = adopted_reference(order_id)

    adopted = await adopted_order(world, reference)
    result = await world.baton.wait(reference)

    assert adopted.kind == "adopted"
    assert adopted.source_chain == "base"
    assert (result.outcome, result.order_id) == (Outcome.COMPLETED, order_id)
    assert (await world.baton.snapshot(reference)).recipient_address == USDC_TO_BTC["recipientAddress"]
    rows = await eventually(lambda: world.ledger.transitions(f"order/default/{reference}"), lambda rows: len(rows) == 5)
    assert [row.status for row in rows] == ["processing", "bridging", "swapping", "delivering", "completed"]


async def test_an_adopted_order_is_listed_with_its_status_from_the_start(world: World) -> None:
    foreign = await world.sandbox.foreign_order("elsewhere", scenario="stepped")

    async def line() -> OrderLine | None:
        listed = await world.baton.list_orders(limit=500)
        return next((line for line in listed if line.reference == adopted_reference(foreign["id"])), None)

    adopted = await eventually(line)

    assert adopted is not None
    assert (adopted.status, adopted.order_id, adopted.phase) == ("processing", foreign["id"], "tracking")


async def expired(world: World) -> Placement:
    placed = await world.place(policy={"onQuoteExpiry": "expire"})
    await world.pass_expiry(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED
    return placed


async def test_money_after_the_order_expired_starts_a_follow_up(world: World) -> None:
    placed = await expired(world)

    await world.deposit(placed, detect=True)

    followed = follow_up_reference(placed.reference)
    assert (await adopted_order(world, followed)).phase in (Phase.TRACKING, Phase.CLOSED)
    assert (await world.baton.wait(followed)).outcome is Outcome.COMPLETED
    assert (await world.baton.snapshot(placed.reference)).outcome is Outcome.EXPIRED


async def test_money_after_a_cancellation_starts_a_follow_up(world: World) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)

    await world.deposit(placed, detect=True)

    await adopted_order(world, follow_up_reference(placed.reference))
    assert (await world.baton.wait(follow_up_reference(placed.reference))).outcome is Outcome.COMPLETED


async def test_a_second_deposit_after_completion_is_tracked_as_its_own_order(
    world: World,
) -> None:
    placed = await world.place(scenario="second_deposit_second_order")
    await world.deposit_and_report(placed)
    first = await world.baton.wait(placed.reference)

    await world.deposit(placed, detect=True)

    (second,) = await eventually(lambda: _others(world, placed, first.order_id))
    await adopted_order(world, adopted_reference(second))
    result = await world.baton.wait(adopted_reference(second))
    assert (result.outcome, result.order_id) == (Outcome.COMPLETED, second)
    assert (await world.baton.snapshot(placed.reference)).order_id == first.order_id


async def _others(world: World, placed: Placement, known: str | None) -> list[str]:
    orders = [order for order in await world.sandbox.orders() if order["quoteId"] == placed.quote_id]
    return [order["id"] for order in orders if order["id"] != known]


@pytest.mark.parametrize("kind", ["accumulation", "liquidation", "pay_link", "elsewhere"])
async def test_orders_from_every_other_source_are_adopted(world: World, kind: str) -> None:
    foreign = await world.sandbox.foreign_order(kind)
    reference = adopted_reference(foreign["id"])

    adopted = await adopted_order(world, reference)
    result = await world.baton.wait(reference)

    assert (adopted.kind, result.outcome) == ("adopted", Outcome.COMPLETED)
    ended = await world.baton.snapshot(reference)
    assert (ended.quote_id is None) == (kind in ("accumulation", "liquidation"))
    assert ("payLinkId" in ended.records) == (kind == "pay_link")
