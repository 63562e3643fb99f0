"""The reference is the idempotency key of the whole order."""

import asyncio
from typing import Any

import pytest

from baton import temporal_calls
from baton.errors import DocumentError, OrderRefused, OrderUnknown, Unreachable
from baton.orders.models import Outcome, Phase
from tests.end_to_end.world import World
from tests.eventually import eventually


async def test_placing_again_returns_the_same_quote(world: World) -> None:
    document = world.document()
    first = await world.baton.place(document)

    assert await world.baton.place(document) == first.model_copy(update={"replayed": True})
    quotes = [call for call in await world.sandbox.requests("quote") if first.reference in call["idempotencyKey"]]
    assert len(quotes) == 1


async def test_another_request_under_a_taken_reference_is_refused(world: World) -> None:
    document = world.document()
    await world.baton.place(document)

    with pytest.raises(OrderRefused, match="another request") as refused:
        await world.baton.place({**document, "amount": "1", "policy": {"maxRequotes": 1}})

    assert refused.value.code == "reference_conflict"
    differing = "amount: 100000000 placed, 1 requested, policy.maxRequotes: 3 placed, 1 requested"
    assert differing in refused.value.message
    assert refused.value.standing.phase is Phase.AWAITING_DEPOSIT


async def test_an_open_order_that_is_paid_still_returns_its_placement(world: World) -> None:
    document = world.document()
    placed = await world.baton.place(document)
    await world.sandbox.set_scenario("stepped", placed.quote_id)
    await world.deposit_and_report(placed)
    await world.until(placed, phase=Phase.TRACKING)

    again = await world.baton.place(document)

    assert (again.deposit_address, again.phase) == (placed.deposit_address, Phase.TRACKING)


async def test_placing_a_closed_order_again_is_refused_with_its_outcome(world: World) -> None:
    document = world.document()
    placed = await world.baton.place(document)
    await world.deposit_and_report(placed)
    result = await world.baton.wait(placed.reference)

    with pytest.raises(OrderRefused, match="is closed: completed; place it again under a new reference") as refused:
        await world.baton.place(document)

    assert refused.value.code == "order_closed"
    standing = refused.value.standing
    assert (standing.phase, standing.outcome) == (Phase.CLOSED, Outcome.COMPLETED)
    assert (standing.order_id, standing.quote_id) == (result.order_id, placed.quote_id)


async def test_another_request_under_a_closed_orders_reference_is_refused(world: World) -> None:
    document = world.document()
    placed = await world.baton.place(document)
    await world.baton.cancel(placed.reference)

    with pytest.raises(OrderRefused, match="another request") as refused:
        await world.baton.place({**document, "amount": "1"})

    assert refused.value.code == "reference_conflict"
    assert "amount: 100000000 placed, 1 requested" in refused.value.message
    assert refused.value.standing.outcome is Outcome.CANCELLED


async def test_a_quote_survives_a_lost_answer_under_the_same_key(world: World) -> None:
    await world.sandbox.fault("quote", "reset")
    placed = await world.place()

    calls = [call for call in await world.sandbox.requests("quote") if placed.reference in call["idempotencyKey"]]
    assert len(calls) == 2
    assert len({call["idempotencyKey"] for call in calls}) == 1
    assert calls[1]["replayed"]


async def test_an_order_with_a_known_deposit_cannot_be_cancelled(world: World) -> None:
    cancelled = await world.place()
    standing = await world.baton.cancel(cancelled.reference)
    assert (standing.phase, standing.outcome) == (Phase.CLOSED, Outcome.CANCELLED)

    paid = await world.place(scenario="stepped")
    await world.deposit_and_report(paid)
    with pytest.raises(OrderRefused, match="no longer be cancelled"):
        await world.baton.cancel(paid.reference)


async def test_cancelling_through_temporal_works_like_the_update(world: World) -> None:
    cancelled = await world.place()
    await world.handle(cancelled).cancel()
    assert (await world.baton.wait(cancelled.reference)).outcome is Outcome.CANCELLED

    paid = await world.place(scenario="stepped")
    await world.deposit_and_report(paid)
    snapshot = await world.until(paid, phase=Phase.TRACKING)
    await world.handle(paid).cancel()
    snapshot = await eventually(lambda: world.snapshot(paid), lambda snapshot: snapshot.attention is not None)
    assert snapshot.attention.reason == "cancel_refused"
    for _ in range(4):
        await world.sandbox.advance(snapshot.order_id)
    assert (await world.baton.wait(paid.reference)).outcome is Outcome.COMPLETED


async def test_a_closed_order_refuses_updates_with_the_reason(world: World) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)

    with pytest.raises(OrderRefused, match="closed") as refused:
        await world.baton.cancel(placed.reference)
    assert (refused.value.code, refused.value.standing.outcome) == ("order_closed", Outcome.CANCELLED)


async def test_an_unknown_reference_has_its_own_error(world: World) -> None:
    with pytest.raises(OrderUnknown, match="check the reference and the account"):
        await world.baton.snapshot("nobody-knows-me")


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("amount", "1.5", "amount: 1.5 has no unit"),
        ("amount", "0", "amount: must be above 0"),
        ("amount", 1.5, "amount"),
        ("slippageBps", 1001, "slippageBps"),
        ("amountMode", "exact", "amountMode"),
        ("reference", "has space", "reference: use 1 to 128"),
        ("recipientAddress", "", "recipientAddress: must not be empty"),
        ("recipientAdress", "x", "recipientAdress is not a field of an order"),
        ("policy", {"onQuoteExpiry": "panic"}, "policy.onQuoteExpiry"),
        ("amountMode", "exact_out", "refundAddress is required"),
    ],
)
async def test_an_invalid_document_is_refused_before_anything_starts(
    world: World, field: str, value: object, complaint: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        await world.baton.place(world.document(**{field: value}))

    assert complaint in str(refused.value)


async def test_orders_are_listed_by_phase_and_outcome(world: World) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)

    async def references() -> list[str]:
        return [
            line.reference for line in await world.baton.list_orders(phase="closed", outcome="cancelled", limit=200)
        ]

    listed = await eventually(references, lambda names: placed.reference in names)
    assert placed.reference in listed


async def test_an_account_that_no_worker_serves_is_named_soon(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporal_calls, "FIRST_LOOK", 0.3)

    async with asyncio.timeout(20):
        with pytest.raises(Unreachable, match="no worker serves the partner account 'nobody'") as gone:
            await world.baton.place(world.document(account="nobody"))

    assert gone.value.code == "account_unserved"


@pytest.mark.parametrize("document", [None, "{}", 42])
async def test_an_order_that_is_no_mapping_is_a_document_error(world: World, document: Any) -> None:
    with pytest.raises(DocumentError, match="write it as a dict of its fields"):
        await world.baton.place(document)
