"""The timeline of an order: what its workflow recorded, and what webhooks reported after it closed."""

import pytest

from baton.ledger.ledger import Ledger
from baton.ledger.rows import TransitionRow
from baton.ledger.timeline import in_order, is_news
from tests.ledger.examples import ORDER, delivery, minute, order, statuses, timeline


def _late(status: str, at: float) -> TransitionRow:
    return TransitionRow(workflow_id=ORDER, status=status, at=minute(at), source="late")


RECORDED = timeline("processing", "bridging", "completed")


@pytest.mark.parametrize(
    ("status", "at", "news"),
    [
        ("refunding", 5, True),
        ("swapping", 1.5, True),
        ("confirming", -1, True),
        ("completed", 5, False),
        ("completed", 2, False),
        ("completed", 1.9, False),
        ("bridging", 1.5, False),
        ("bridging", 0.5, False),
        ("processing", -1, False),
        ("bridging", 5, True),
    ],
)
def test_a_late_status_is_news_unless_a_neighbour_has_the_same_status(status: str, at: float, news: bool) -> None:
    assert is_news(RECORDED, _late(status, at)) is news


def test_any_late_status_is_news_in_an_empty_timeline() -> None:
    assert is_news([], _late("completed", 1))


def test_a_timeline_is_sorted_by_time_not_by_arrival() -> None:
    assert in_order([*reversed(RECORDED), _late("swapping", 1.5)]) == [
        *RECORDED[:2],
        _late("swapping", 1.5),
        RECORDED[2],
    ]


def test_statuses_of_the_same_time_keep_their_workflows_order() -> None:
    at_once = [row.model_copy(update={"at": minute(0)}) for row in RECORDED]
    assert in_order(reversed(at_once)) == at_once


def test_a_status_without_a_time_comes_first() -> None:
    first = RECORDED[0].model_copy(update={"at": None})
    assert in_order([*RECORDED[1:], first]) == [first, *RECORDED[1:]]


def test_a_late_status_that_the_workflow_recorded_too_appears_once() -> None:
    assert in_order([_late("completed", 2.5), *RECORDED]) == RECORDED


async def test_transitions_read_back_as_written(ledger: Ledger) -> None:
    written = [RECORDED[0].model_copy(update={"at": None, "order_id": None}), *RECORDED[1:]]
    await ledger.write_order(order(), written)
    assert await ledger.transitions(ORDER) == written


async def test_a_late_status_is_placed_in_the_timeline_by_its_time(ledger: Ledger) -> None:
    await ledger.write_order(order(phase="closed"), RECORDED)
    assert await ledger.record_late(delivery(event="order.swapping", status="swapping"), at=minute(1.5))
    assert statuses(await ledger.transitions(ORDER)) == ["processing", "bridging", "swapping", "completed"]
    [transition] = [row for row in await ledger.transitions(ORDER) if row.source == "late"]
    assert (transition.order_id, transition.at) == ("ord_1", minute(1.5))


async def test_a_repeated_late_status_appears_once_in_the_timeline(ledger: Ledger) -> None:
    await ledger.write_order(order(phase="closed"), RECORDED)
    refund = delivery(event="order.refunded", status="refunded")
    assert [await ledger.record_late(refund) for _ in range(3)] == [True, False, False]
    assert statuses(await ledger.transitions(ORDER)) == ["processing", "bridging", "completed", "refunded"]
    assert len(await ledger.deliveries(ORDER)) == 3


async def test_a_late_duplicate_adds_a_delivery_but_no_transition(ledger: Ledger) -> None:
    await ledger.write_order(order(phase="closed"), RECORDED)
    assert not await ledger.record_late(delivery())
    assert await ledger.transitions(ORDER) == RECORDED
    assert [row.disposition for row in await ledger.deliveries(ORDER)] == ["late"]


async def test_a_late_status_stays_when_the_next_revision_is_written(ledger: Ledger) -> None:
    await ledger.write_order(order(), RECORDED)
    await ledger.record_late(delivery(status="refunded"))
    await ledger.write_order(order(revision=2), timeline("processing", "completed"))
    assert statuses(await ledger.transitions(ORDER)) == ["processing", "completed", "refunded"]


async def test_a_late_status_of_an_order_without_a_row_is_kept(ledger: Ledger) -> None:
    assert await ledger.record_late(delivery())
    assert statuses(await ledger.transitions(ORDER)) == ["completed"]


async def test_a_late_event_without_a_status_adds_only_a_delivery(ledger: Ledger) -> None:
    assert not await ledger.record_late(delivery(event="order.superseded", status=None))
    assert await ledger.transitions(ORDER) == []
    assert len(await ledger.deliveries(ORDER)) == 1


async def test_a_late_event_has_its_own_time_or_else_its_arrivals(ledger: Ledger) -> None:
    await ledger.record_late(delivery(status="a"))
    await ledger.record_late(delivery(status="b", event_timestamp=None))
    assert [row.at for row in await ledger.transitions(ORDER)] == [minute(59), minute(60)]


async def test_a_late_delivery_must_name_its_workflow(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="must name its workflow"):
        await ledger.record_late(delivery(workflow_id=None))


async def test_every_delivery_adds_a_row_and_the_last_is_returned_first(ledger: Ledger) -> None:
    unclaimed = delivery(workflow_id=None, quote_id="q_9", disposition="unclaimed", detail="nobody's address")
    for row in (delivery(), delivery(), unclaimed):
        await ledger.record_delivery(row)
    deliveries = await ledger.deliveries()
    assert [row.model_copy(update={"id": None}) for row in deliveries] == [unclaimed, delivery(), delivery()]
    assert len({row.id for row in deliveries}) == 3
    assert [row.id for row in await ledger.deliveries(ORDER, limit=1)] == [deliveries[1].id]
