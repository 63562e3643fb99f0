"""The timeline of an order: everything that happened to it, from order, ledger and Temporal, each thing once."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from baton.client import BatonClient
from baton.ledger.acts import ActFilter
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DepositRow
from baton.orders.answers import DepositLine
from baton.timeline.entries import EntryKind, OrderStory
from baton.timeline.gathering import HISTORY_GONE, NO_LEDGER, OrderTimelines
from baton.timeline.ledger_entries import LedgerParts, ledger_entries
from tests.end_to_end.world import World
from tests.eventually import eventually

STATUSES = ["processing", "bridging", "swapping", "delivering", "completed"]


async def story_of(world: World, reference: str) -> OrderStory:
    """Return the timeline over the order API."""
    answer = await world.http.get(f"/v1/orders/{reference}/timeline")
    assert answer.status_code == 200, answer.text
    return OrderStory.model_validate(answer.json())


def texts(story: OrderStory, kind: EntryKind) -> list[str]:
    return [entry.what for entry in story.entries if entry.kind is kind]


async def test_a_paid_order_has_its_whole_story(world: World) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)

    async def is_whole() -> bool:
        story = await story_of(world, placed.reference)
        return len(texts(story, EntryKind.WEBHOOK)) == 5 and bool(texts(story, EntryKind.LEDGER))

    await eventually(is_whole)
    story = await story_of(world, placed.reference)
    assert texts(story, EntryKind.STATUS) == [f"status {status}" for status in STATUSES]
    assert texts(story, EntryKind.WEBHOOK) == [f"webhook order.{status}" for status in STATUSES]
    assert texts(story, EntryKind.PLACED) == ["placed"]
    assert texts(story, EntryKind.QUOTE) == ["quoted"]
    assert texts(story, EntryKind.UPDATE) == ["report deposit"]
    assert texts(story, EntryKind.END) == ["ended: completed"]
    assert any("submit the deposit" in call for call in texts(story, EntryKind.CALL))
    assert story.missing == []
    times = [entry.at for entry in story.entries]
    assert times == sorted(times)


async def test_an_act_is_told_once_with_who_and_why(world: World) -> None:
    placed = await world.place()
    ada = BatonClient(world.environment.client, by="ada")
    await ada.refresh(placed.reference, note="the customer asks")
    await world.baton.cancel(placed.reference)
    await eventually(lambda: _acts_of(world.ledger, placed.reference))
    story = await story_of(world, placed.reference)
    acts = [(entry.what, entry.source) for entry in story.entries if entry.kind is EntryKind.UPDATE]
    assert Counter(acts) == {("refresh", "ada"): 1, ("cancel", "business"): 1}
    notes = [entry.detail for entry in story.entries if entry.source == "ada"]
    assert notes == ["the customer asks"]


async def _acts_of(ledger: Ledger, reference: str) -> bool:
    return bool(await ledger.acts.page(ActFilter(reference=reference)))


async def test_a_poll_is_in_the_timeline(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, phase="tracking")
    await world.advance(placed, hours=1)

    async def was_polled() -> bool:
        calls = texts(await story_of(world, placed.reference), EntryKind.CALL)
        return any("poll" in call for call in calls)

    await eventually(was_polled)


async def test_parts_that_do_not_answer_are_named(world: World) -> None:
    placed = await world.place()
    order = await world.snapshot(placed)
    without = await OrderTimelines(world.environment.client, None).of(order)
    assert without.missing == [NO_LEDGER]
    assert "quoted" in [entry.what for entry in without.entries]
    unknown = order.model_copy(update={"workflow_id": "order/default/nobody"})
    gone = await OrderTimelines(world.environment.client, world.ledger).of(unknown)
    assert gone.missing == [HISTORY_GONE]


async def test_an_unknown_order_has_no_timeline(world: World) -> None:
    assert (await world.http.get("/v1/orders/nobody/timeline")).status_code == 404


@pytest.mark.parametrize(
    ("decimals", "words"), [(6, "deposit of 100 USDC seen"), (None, "deposit of 100000000 of USDC seen")]
)
async def test_a_seen_deposit_has_its_amount_and_transaction(world: World, decimals: int | None, words: str) -> None:
    order = await world.snapshot(await world.place())
    at = datetime(2026, 11, 29, tzinfo=UTC)
    line = DepositLine(
        tx_id="0xabc",
        index="0",
        asset="USDC",
        amount=100_000_000,
        decimals=decimals,
        state="final",
        confirmations=20,
        verdict="exact",
        quote_id="q",
    )
    row = DepositRow(
        chain="base",
        tx_id="0xabc",
        position="0",
        address="0x1",
        asset="0x2",
        amount=100_000_000,
        state="final",
        first_seen_at=at,
        updated_at=at,
    )
    (entry,) = ledger_entries(order.model_copy(update={"deposits": [line]}), LedgerParts(deposits=[row]))
    assert (entry.what, entry.detail, entry.chain, entry.tx_id) == (words, "exact, now final", "base", "0xabc")
