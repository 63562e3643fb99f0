"""Orders that ended long ago are forgotten with all that the ledger has of them, and nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest

from baton.ledger import retention
from baton.ledger.ledger import Ledger
from baton.ledger.retention import PAYMENTS_COUNT
from baton.notifications.feed import EventFeed
from baton.orchestra.rules.payers import LONGEST_WINDOW
from tests.ledger.examples import NOON, delivery, minute, order, payment, quote, timeline, watch
from tests.ledger.test_events import event

CUT = NOON + timedelta(days=30)


async def place(ledger: Ledger, name: str, **given: object) -> str:
    """Write an order with a timeline, a webhook, an index entry and a watch."""
    workflow_id = f"order/default/{name}"
    await ledger.index_quote(quote(quote_id=f"q_{name}", workflow_id=workflow_id, deposit_address=f"0x{name}"))
    await ledger.index_order("default", f"ord_{name}", workflow_id)
    written = order(workflow_id, order_id=f"ord_{name}", quote_id=f"q_{name}", **given)
    await ledger.write_order(written, timeline("processing", "completed", workflow_id=workflow_id))
    await ledger.record_deliveries([delivery(workflow_id=workflow_id, order_id=f"ord_{name}")])
    await ledger.watching.watch(watch(quote_id=f"q_{name}", workflow_id=workflow_id, address=f"0x{name}"))
    return workflow_id


def ended(**given: object) -> dict[str, object]:
    return {"phase": "closed", "outcome": "completed", "status": "completed", "closed_at": minute(60), **given}


async def test_an_old_order_goes_with_everything_that_is_its_own(ledger: Ledger) -> None:
    workflow_id = await place(ledger, "old", **ended())
    assert await ledger.retention.ended(CUT) == 1
    forgotten = await ledger.retention.forget(CUT)
    assert forgotten.orders == 1
    assert forgotten.rows >= 6  # two entries of the index, two transitions, a webhook, a watch
    assert await ledger.order(workflow_id) is None
    assert await ledger.transitions(workflow_id) == []
    assert await ledger.deliveries(workflow_id, 10) == []
    assert await ledger.find_workflow("default", order_id="ord_old") is None
    assert (await ledger.retention.forget(CUT)).orders == 0


@pytest.mark.parametrize(
    "kept",
    [
        {"phase": "tracking"},
        ended(closed_at=CUT + timedelta(seconds=1)),
        ended(attention="refund_overdue"),
    ],
    ids=["open", "ended lately", "needs a person"],
)
async def test_other_orders_stay_as_they_are(ledger: Ledger, kept: dict[str, object]) -> None:
    await place(ledger, "old", **ended())
    workflow_id = await place(ledger, "kept", **kept)
    assert (await ledger.retention.forget(CUT)).orders == 1
    assert await ledger.order(workflow_id) is not None
    assert len(await ledger.transitions(workflow_id)) == 2
    assert await ledger.find_workflow("default", order_id="ord_kept") == workflow_id


async def test_a_payment_that_counts_towards_its_payers_limit_keeps_its_order(ledger: Ledger) -> None:
    for name, age in (("lately", timedelta(days=6)), ("long-ago", PAYMENTS_COUNT + timedelta(days=1))):
        workflow_id = await place(ledger, name, **ended())
        await ledger.payers.record(payment(workflow_id=workflow_id, asked_at=datetime.now(UTC) - age))
    assert (await ledger.retention.forget(CUT)).orders == 1
    left = await ledger.payers.payments("default", "customer-7", datetime.now(UTC) - LONGEST_WINDOW, besides="")
    assert [row.workflow_id for row in left] == ["order/default/lately"]


def test_payments_are_kept_for_the_longest_window_of_an_account() -> None:
    assert PAYMENTS_COUNT >= LONGEST_WINDOW


async def test_a_batch_takes_the_oldest_and_leaves_the_rest(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        await place(ledger, f"n{number}", **ended(closed_at=minute(60 + number)))
    assert [(await ledger.retention.forget(CUT)).orders for _ in range(4)] == [2, 2, 1, 0]


async def test_a_reader_of_the_feed_behind_a_forgotten_order_hears_of_a_gap(ledger: Ledger) -> None:
    feed, old, still = EventFeed(ledger), "order/default/old", "order/default/open"
    await ledger.write_order(order(still), [], events=[event("placed", still)])
    behind = (await feed.page(None)).cursor
    await ledger.write_order(order(old), [], events=[event("closed", old)])
    await ledger.write_order(order(old, revision=2, **ended()), [])
    beyond = (await feed.page(None)).cursor

    await ledger.retention.forget(CUT)

    assert [(await feed.page(cursor)).gap for cursor in (behind, beyond)] == [True, False]
