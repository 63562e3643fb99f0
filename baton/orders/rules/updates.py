"""What each update may do to an order, and the sentence that refuses it. Pure.

A check raises `ApplicationError` with a stable type and one sentence that names the remedy. Temporal records no event
for an update that its validator rejects.
"""

from collections.abc import Mapping

from temporalio.exceptions import ApplicationError

from baton.orchestra.bounds import MAX_TEXT
from baton.orchestra.proofs import ProofError
from baton.orders.address_deposit import RefundRequest
from baton.orders.differences import differences
from baton.orders.models import Attention, CloseByHand, Phase, Resolution
from baton.orders.place_order import ONRAMP, PlaceOrder
from baton.orders.reports import BusinessDecision, RepriceDecision
from baton.orders.rules.address_deposits import can_be_refunded
from baton.orders.rules.closing import check_close
from baton.orders.rules.reprice import objection
from baton.orders.seen_deposits import is_money
from baton.orders.state import DepositReport, OrderState

REFERENCE_CONFLICT = "reference_conflict"
ORDER_CLOSED = "order_closed"
NO_QUOTE_YET = "no_quote_yet"
INVALID_PROOF = "invalid_proof"
UNKNOWN_QUOTE = "unknown_quote"
DEPOSIT_KNOWN = "deposit_known"
NO_OFFER_PENDING = "no_offer_pending"
INVALID_DECISION = "invalid_decision"
NOTHING_TO_REPORT = "nothing_to_report"
NOTHING_TO_RESOLVE = "nothing_to_resolve"
REASON_NEEDED = "reason_needed"
NOT_CANCELLED = "not_cancelled"
NOTHING_TO_REFUND = "nothing_to_refund"
REFUND_REFUSED = "refund_refused"


def check_same_order(placed: PlaceOrder, requested: PlaceOrder) -> None:
    """Refuse a different order under a reference that is taken."""
    if not placed.same_as(requested):
        differing = differences(placed, requested)
        raise ApplicationError(
            f"reference {placed.reference!r} belongs to an order with another request ({', '.join(differing)}); "
            "use a new reference, or place the same request",
            differing,
            type=REFERENCE_CONFLICT,
        )


def check_report(order: PlaceOrder, state: OrderState, report: DepositReport) -> None:
    """Refuse a report that names no possible deposit of this order."""
    check_open(state)
    if order.kind == ONRAMP:
        message = "an onramp needs no report: Orchestra sees the payment of its invoice"
        raise ApplicationError(message, type=NOTHING_TO_REPORT)
    if not state.quotes:
        raise ApplicationError("the order has no quote yet; report the deposit once `place` answers", type=NO_QUOTE_YET)
    try:
        report.proof.normal(order.request.source_chain)
    except ProofError as error:
        raise ApplicationError(str(error), type=INVALID_PROOF) from None
    if report.quote_id and not state.quote_of(report.quote_id):
        raise ApplicationError(f"quote {report.quote_id} is not of this order", type=UNKNOWN_QUOTE)


def check_cancel(state: OrderState) -> None:
    """Refuse to cancel once money may be under way."""
    check_open(state)
    if state.deposits or is_money(state.sightings):
        raise ApplicationError("a deposit is known, so the order can no longer be cancelled", type=DEPOSIT_KNOWN)
    if state.view.order_id:
        message = "Orchestra has the order already, so it can no longer be cancelled"
        raise ApplicationError(message, type=DEPOSIT_KNOWN)


def check_decision(state: OrderState, decision: BusinessDecision, *, pending: bool) -> None:
    """Refuse an answer when no ZeroConf offer is open."""
    check_open(state)
    _check_length("reason", decision.reason)
    if not pending:
        raise ApplicationError("no ZeroConf offer waits for an answer", type=NO_OFFER_PENDING)


def check_reprice_decision(order: PlaceOrder, state: OrderState, decision: RepriceDecision, *, answering: bool) -> None:
    """Refuse an answer when no repricing is open, and an answer that Orchestra would refuse."""
    check_open(state)
    _check_length("reason", decision.reason)
    _check_length("refundAddress", decision.refund_address)
    problem = objection(state.view.record, decision, order.request.refund_address)
    problem = "an answer is under way already" if answering else problem
    if problem:
        raise ApplicationError(problem, type=INVALID_DECISION)


def check_resolution(state: OrderState, resolution: Resolution) -> None:
    """Refuse to resolve an order without attention, or to close one by it while money is under way."""
    check_open(state)
    check_reason(state.attentions, resolution)
    if resolution.close_as is not None:
        closing = CloseByHand(outcome=resolution.close_as, note=resolution.note, despite=resolution.despite)
        check_close(state, closing)


def check_reason(attentions: Mapping[str, Attention], resolution: Resolution) -> None:
    """Refuse a resolution that names none of these reasons, or leaves open which of several it means."""
    if not attentions:
        raise ApplicationError("the order needs no attention; there is nothing to resolve", type=NOTHING_TO_RESOLVE)
    reasons = ", ".join(attentions)
    if resolution.reason and resolution.reason not in attentions:
        raise ApplicationError(
            f"the order has no attention {resolution.reason!r}; name one of these reasons: {reasons}",
            type=NOTHING_TO_RESOLVE,
        )
    if resolution.reason is None and resolution.close_as is None and len(attentions) > 1:
        raise ApplicationError(
            f"the order has several reasons for attention; name the one that is resolved: {reasons}",
            type=REASON_NEEDED,
        )


def check_refresh(state: OrderState) -> None:
    """Refuse to read an order that is closed or has no quote yet."""
    check_open(state)
    if not state.placed:
        raise ApplicationError("the order has no quote yet; there is nothing to read", type=NO_QUOTE_YET)


def check_refund(state: OrderState, request: RefundRequest) -> None:
    """Refuse to refund anything but a deposit to a reusable address that Orchestra made no order of."""
    check_open(state)
    deposit = state.address_deposit
    if deposit is None or state.view.order_id:
        message = "only a deposit to a reusable address that has no order at Orchestra can be refunded on request"
        raise ApplicationError(message, type=NOTHING_TO_REFUND)
    if not can_be_refunded(deposit):
        message = f"Orchestra refunds no deposits to {deposit.type} addresses on request; ask its support"
        raise ApplicationError(message, type=NOTHING_TO_REFUND)
    if deposit.refund is not None:
        message = f"the refund to {deposit.refund.address} is under way already"
        raise ApplicationError(message, type=NOTHING_TO_REFUND)
    if request.refund_address is None and deposit.refund_address is None:
        message = f"refund_address is needed: the address has none on {deposit.chain}"
        raise ApplicationError(message, type=NOTHING_TO_REFUND)


def _check_length(field: str, text: str | None) -> None:
    if text is not None and len(text) > MAX_TEXT:
        message = f"{field} has {len(text)} characters; shorten it to at most {MAX_TEXT}"
        raise ApplicationError(message, type=INVALID_DECISION)


def check_open(state: OrderState) -> None:
    """Refuse any change of an order that has ended."""
    if state.phase is Phase.CLOSED:
        outcome = state.outcome.value if state.outcome else "closed"
        raise ApplicationError(f"the order is closed: {outcome}", type=ORDER_CLOSED)
