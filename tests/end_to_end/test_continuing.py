"""A long order continues as new; only the run id changes."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.common import TypedSearchAttributes

from baton.errors import OrderRefused
from baton.orchestra.models import OrderRecord
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.names import OBSERVE
from baton.orders.observation import Observation, Source
from baton.orders.visibility import ATTENTION, PHASE, STATUS
from tests.end_to_end.test_zeroconf import BITCOIN, GENEROUS
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.replay.paths.continuing import stir
from tests.replay.paths.oddities import FAR
from tests.replay.record import EARLY
from tests.replay.registry import PathStage
from tests.replay.runs import runs_of
from tests.temporal_server import temporal_server

WAY = ["processing", "bridging", "swapping", "delivering", "completed"]


@pytest.fixture(scope="module")
async def early(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Run Baton on a server that suggests continue-as-new after only 25 events."""
    async with (
        temporal_server(**EARLY) as temporal,
        running_world(temporal, tmp_path_factory.mktemp("continuing"), coalesce=0) as world,
    ):
        yield world


@pytest.fixture
def stage(early: World) -> PathStage:
    return PathStage(early, f"continuing-{uuid.uuid4().hex[:12]}", Path())


async def runs(stage: PathStage, placed: Placement) -> int:
    return len(await runs_of(stage.world, placed))


async def stir_into_next_run(stage: PathStage, placed: Placement) -> None:
    before = await runs(stage, placed)
    while await runs(stage, placed) == before:
        await stir(stage, placed, 1)


async def listed(stage: PathStage, placed: Placement) -> TypedSearchAttributes:
    return (await stage.world.handle(placed).describe()).typed_search_attributes


async def keys(stage: PathStage, placed: Placement) -> list[str]:
    """Return the idempotency keys that the API received, without their common prefix."""
    calls = [*await stage.world.sandbox.requests("quote"), *await stage.world.sandbox.requests("submit")]
    used = [str(call["idempotencyKey"]) for call in calls]
    return [key.removeprefix(f"{placed.workflow_id}/") for key in used if key.startswith(f"{placed.workflow_id}/")]


async def test_a_long_order_completes_like_a_short_one(stage: PathStage) -> None:
    placed = await stage.place(scenario="stepped")
    await stir(stage, placed, 12)
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    for status in WAY[1:]:
        await stir(stage, placed, 7)
        await stage.world.baton.refresh(placed.reference)
        await stage.move(placed)
        await stage.world.until(placed, status=status)

    result = await stage.world.baton.wait(placed.reference)

    assert await runs(stage, placed) > 3
    assert result.outcome is Outcome.COMPLETED
    assert await stage.world.statuses(placed) == WAY
    assert await keys(stage, placed) == ["quote/1", "submit/1"]
    orders = [order for order in await stage.world.sandbox.orders() if order["quoteId"] == placed.quote_id]
    assert [order["id"] for order in orders] == [result.order_id]


async def test_no_signal_is_lost_between_two_runs(stage: PathStage) -> None:
    placed = await stage.place()
    await stir(stage, placed, 40)

    messages = [anomaly.message for anomaly in (await stage.world.snapshot(placed)).anomalies]

    assert await runs(stage, placed) > 2
    assert [message.rsplit(" ", 1)[1] for message in messages] == [str(number) for number in range(40)]


async def test_an_order_that_is_only_refreshed_continues_as_new_too(stage: PathStage) -> None:
    placed = await stage.place()
    for _ in range(8):
        assert (await stage.world.baton.refresh(placed.reference)).phase is Phase.AWAITING_DEPOSIT

    assert await runs(stage, placed) > 1


async def test_operators_see_the_state_of_a_continued_order(stage: PathStage) -> None:
    placed = await stage.place(scenario="stepped")
    await stir(stage, placed, 2)
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stir_into_next_run(stage, placed)

    attributes = await listed(stage, placed)
    metadata: Any = await stage.world.handle(placed).query("__temporal_workflow_metadata")

    assert (attributes[PHASE], attributes[STATUS], attributes[ATTENTION]) == ("tracking", "processing", False)
    assert "| **phase** | tracking |" in metadata.current_details


async def test_an_attention_that_ends_in_a_later_run_leaves_the_lists(stage: PathStage) -> None:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.world.advance(placed, hours=2)
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    await stir_into_next_run(stage, placed)
    assert (await listed(stage, placed))[ATTENTION] is True

    await stage.move(placed)

    await stage.world.until(placed, status="bridging", attention=None)
    await eventually(lambda: listed(stage, placed), lambda attributes: attributes[ATTENTION] is False)


async def test_every_doubt_is_settled_by_a_read_in_any_run(stage: PathStage) -> None:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.move(placed)
    snapshot = await stage.world.until(placed, status="bridging")
    assert snapshot.order_id is not None

    while await runs(stage, placed) <= 3:  # how many signals one run handles depends on timing
        await _doubt_and_read(stage, placed, snapshot.order_id)

    assert (await stage.world.snapshot(placed)).status == "bridging"


async def _doubt_and_read(stage: PathStage, placed: Placement, order_id: str) -> None:
    """Forge a webhook that the published table forbids, and wait for the read that it must trigger."""

    async def reads() -> int:
        return sum(order_id in str(read) for read in await stage.world.sandbox.requests("status"))

    before = await reads()
    record = OrderRecord(id=order_id, status="confirming", updated_at=FAR)
    forged = Observation(source=Source.WEBHOOK, event="order.confirming", record=record)
    await stage.world.handle(placed).signal(OBSERVE, forged.envelope())
    await eventually(reads, lambda count: count > before)


async def test_generations_of_keys_continue_from_run_to_run(stage: PathStage) -> None:
    placed = await stage.place(policy={"onQuoteExpiry": "requote", "maxRequotes": 2})
    await _requoted(stage, placed, quotes=2)
    await _requoted(stage, placed, quotes=3)
    await stage.world.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=400, code="invalid_request")
    await _pay_the_first_quote(stage, placed)
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    await stir_into_next_run(stage, placed)
    await _pay_the_first_quote(stage, placed)

    assert (await stage.world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert await keys(stage, placed) == ["quote/1", "quote/2", "quote/3", "submit/1", "submit/2"]


async def test_an_order_whose_submit_is_refused_continues_as_new(stage: PathStage) -> None:
    placed = await stage.place()
    await stage.world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + "cd" * 32))
    await stage.until(placed, lambda snapshot: snapshot.reason is not None)
    await stir_into_next_run(stage, placed)
    await stir_into_next_run(stage, placed)

    await stage.world.deposit(placed, detect=True)

    assert (await stage.world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    used = await keys(stage, placed)
    assert len(set(used)) == len(used)


async def _requoted(stage: PathStage, placed: Placement, *, quotes: int) -> None:
    await stir_into_next_run(stage, placed)
    await stage.world.sandbox.advance_clock(121)
    await stage.world.advance(placed, seconds=121)
    await stage.until(placed, lambda snapshot: len(snapshot.quotes) == quotes)


async def _pay_the_first_quote(stage: PathStage, placed: Placement) -> None:
    proof = await stage.world.deposit(placed)
    await stage.world.baton.report_deposit(placed.reference, proof, quote_id=placed.quote_id)


async def test_the_deposit_window_is_counted_from_the_first_run(stage: PathStage) -> None:
    placed = await stage.place(policy={"depositWindow": 3600})
    await stage.world.advance(placed, minutes=40)
    await stir_into_next_run(stage, placed)

    await stage.world.advance(placed, minutes=25)

    assert (await stage.world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED


async def test_a_continued_order_is_still_known_by_its_reference(stage: PathStage) -> None:
    document = stage.world.document()
    placed = await stage.world.baton.place(document)
    await stir_into_next_run(stage, placed)

    assert await stage.world.baton.place(document) == placed.model_copy(update={"replayed": True})
    with pytest.raises(OrderRefused, match="another request"):
        await stage.world.baton.place({**document, "amount": "1"})


async def test_an_offer_in_a_later_run_is_answered_under_its_own_key(stage: PathStage) -> None:
    placed = await stage.place(scenario="stepped", policy={"zeroconf": GENEROUS}, **BITCOIN)
    await stage.world.deposit_and_report(placed)
    # In Orchestra's time: other tests may have moved its clock.
    since = await stage.until(placed, lambda snapshot: snapshot.updated_at is not None)
    await _observe_offer(stage, placed, since, "zc_1", minute=1)
    await eventually(lambda: _answered(stage, placed), lambda keys: len(keys) == 1)
    await stage.world.handle(placed).signal(OBSERVE, _envelope(since, "processing", minute=2))
    await stir_into_next_run(stage, placed)

    await _observe_offer(stage, placed, since, "zc_2", minute=3)

    keys = await eventually(lambda: _answered(stage, placed), lambda keys: len(keys) == 2)
    assert [key.rsplit("/", 1)[1] for key in keys] == ["1", "2"]


async def _observe_offer(stage: PathStage, placed: Placement, since: Snapshot, offer_id: str, *, minute: int) -> None:
    offer = {"status": "pending", "quoteId": offer_id, "depositSats": "250000", "confirmationProbability": 0.99}
    envelope = _envelope(since, "awaiting_approval", minute=minute, zeroconfOffer=offer)
    await stage.world.handle(placed).signal(OBSERVE, envelope)


def _envelope(since: Snapshot, status: str, *, minute: int, **fields: Any) -> dict[str, Any]:
    assert since.updated_at is not None
    at = since.updated_at + timedelta(minutes=minute)
    record = {"id": since.order_id, "status": status, "updatedAt": at.isoformat(), **fields}
    return {"source": "webhook", "event": f"order.{status}", "record": record}


async def _answered(stage: PathStage, placed: Placement) -> list[str]:
    """Return the idempotency keys that the API received with answers to this order's offers."""
    calls = [call for call in await stage.world.sandbox.requests() if "/zeroconf/" in call["path"]]
    return [key for call in calls if (key := str(call["idempotencyKey"])).startswith(f"{placed.workflow_id}/")]
