"""An order's rows, made again from what Temporal has: also its credits, its payment and its watches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.ledger.rows import CreditRow, PaymentRow, WatchRow
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.rules.zeroconf import ZeroConfOffer
from baton.orders.answers import OrderResult, Snapshot
from baton.orders.models import Outcome, Payer, Phase
from baton.orders.place_order import ONRAMP, PlaceOrder
from baton.orders.reports import ApprovalEnd, ApprovalReport
from baton.orders.snapshot import snapshot_of
from baton.orders.state import PaymentPage
from baton.recovery.order_reader import OrderReading, with_result
from baton.recovery.order_rows import outranking, restored_order
from tests.orders.states import NOON, order, quote, state, tracked

ORDER = "order/default/invoice-42"
LATER = NOON + timedelta(minutes=5)


def reading(snapshot: Snapshot, **fields: Any) -> OrderReading:
    return OrderReading(snapshot, LATER, **fields)


def report(end: ApprovalEnd, **fields: Any) -> ApprovalReport:
    offer = ZeroConfOffer.model_validate({"status": "pending", "quoteId": "zc_1", "depositSats": "250000"})
    return ApprovalReport(**{"offer_id": "zc_1", "end": end, "by": "policy", "offer": offer, **fields})


def onramp(**amount: Any) -> Snapshot:
    request = OnrampRequest.model_validate(
        {"destinationChain": "spark", "destinationAsset": "BTC", "recipientAddress": "spark1recipient", **amount}
    )
    placed = PlaceOrder(
        account="default", reference="invoice-42", kind=ONRAMP, request=request, payer=Payer(id="customer-7")
    )
    page = PaymentPage(order_id="ord_1", spot_usd_per_btc="60000.5")
    return snapshot_of(placed, state(page=page, quotes=[quote()]))


def test_an_accepted_offer_counts_towards_the_cap_from_its_own_time() -> None:
    followed = tracked("confirming", approvals=[report(ApprovalEnd.ACCEPTED, at=NOON)])

    credits = restored_order(reading(snapshot_of(order(), followed)), []).credits

    credited = {"account": "default", "offer_id": "zc_1", "workflow_id": ORDER, "order_id": "ord_1", "sats": 250_000}
    assert credits == [CreditRow(**credited, credited_at=NOON)]


def test_the_time_of_an_older_report_is_that_of_its_offer() -> None:
    followed = tracked("awaiting_approval", approvals=[report(ApprovalEnd.ACCEPTED)])

    (credit,) = restored_order(reading(snapshot_of(order(), followed)), []).credits

    assert credit.credited_at == NOON


@pytest.mark.parametrize("end", sorted(set(ApprovalEnd) - {ApprovalEnd.ACCEPTED}))
def test_an_offer_that_was_not_accepted_is_no_credit(end: ApprovalEnd) -> None:
    followed = tracked("confirming", approvals=[report(end)])

    assert restored_order(reading(snapshot_of(order(), followed)), []).credits == []


@pytest.mark.parametrize(
    ("amount", "cents"),
    [({"amountFiatUsd": "25.00"}, 2_500), ({"amount": "25000"}, 6_000_050)],
    ids=["dollars of the request", "sats at the price of the invoice"],
)
def test_an_onramp_has_the_payment_that_its_payer_was_asked_for(amount: dict[str, str], cents: int) -> None:
    payments = restored_order(reading(onramp(**amount)), []).payments

    asked = {"account": "default", "workflow_id": ORDER, "payer": "customer-7", "cents": cents}
    assert payments == [PaymentRow(**asked, asked_at=NOON)]


def test_an_unpaid_onramp_is_found_by_the_order_of_its_invoice() -> None:
    index = restored_order(reading(onramp(amountFiatUsd="25.00")), []).index

    assert "ord_1" in [getattr(entry, "order_id", None) for entry in index]


def test_every_address_of_an_open_order_is_watched_since_its_quote() -> None:
    snapshot = snapshot_of(order(), state(quotes=[quote(1), quote(2)]))

    watches = restored_order(reading(snapshot), ["base"]).watches

    shared = {"account": "default", "workflow_id": ORDER, "chain": "base"}
    assert watches == [
        WatchRow(**shared, quote_id="q_1", address="0xaddress1", since=NOON),
        WatchRow(**shared, quote_id="q_2", address="0xaddress2", since=NOON + timedelta(seconds=120)),
    ]


@pytest.mark.parametrize(
    ("chains", "closed_at"),
    [([], None), (["base"], LATER - timedelta(hours=7))],
    ids=["the chain is not watched", "no late money is expected any more"],
)
def test_an_address_is_not_watched_in_vain(chains: list[str], closed_at: datetime | None) -> None:
    snapshot = snapshot_of(order(), state())

    assert restored_order(reading(snapshot, closed_at=closed_at), chains).watches == []


def test_the_row_of_a_stopped_order_says_how_and_when() -> None:
    stopped = reading(snapshot_of(order(), tracked("bridging")), stopped="terminated", closed_at=LATER)

    row = restored_order(stopped, []).order

    assert (row.phase, row.status, row.outcome, row.closed_at) == ("closed", "bridging", "terminated", LATER)
    assert (row.waiting_for, row.next_deadline) == (None, None)


def test_an_adopted_order_that_was_taken_over_claims_nothing() -> None:
    reason = {"code": "followed_elsewhere", "message": "followed by order/default/x"}
    aside = tracked("bridging", outcome=Outcome.SUPERSEDED, reason=reason)

    index = restored_order(reading(snapshot_of(order(), aside)), []).index

    assert [entry for entry in index if hasattr(entry, "order_id")] == []


def test_rows_after_a_reset_count_as_published_when_they_were_asked_for() -> None:
    restored = restored_order(reading(snapshot_of(order(), state(published_at=NOON))), [])

    assert outranking(restored, LATER).order.published_at == LATER


def test_without_a_worker_a_closed_order_is_made_from_its_input_and_result() -> None:
    placed = snapshot_of(order(), state(Phase.QUOTING))
    result = OrderResult(outcome=Outcome.COMPLETED, status="completed", order_id="ord_1", quote_id="q_1")

    row = restored_order(reading(with_result(placed, result, LATER), closed_at=LATER), []).order

    shown = (row.phase, row.outcome, row.order_id, row.quote_id, row.closed_at, row.waiting_for)
    assert shown == ("closed", "completed", "ord_1", "q_1", LATER, None)
    assert row.created_at < datetime.now(UTC)
