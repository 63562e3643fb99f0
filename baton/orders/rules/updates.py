"""What an update may ask of an order. Pure; a rejected update leaves no trace in history.

Each check raises `ApplicationError` with a stable type and one sentence that names the remedy.
"""

from temporalio.exceptions import ApplicationError

from baton.orchestra.proofs import ProofError
from baton.orders.models import Phase, Resolution
from baton.orders.place_order import ONRAMP, PlaceOrder
from baton.orders.reports import RepriceDecision
from baton.orders.rules.reprice import objection
from baton.orders.seen_deposits import payable
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


def check_same_order(held: PlaceOrder, asked: PlaceOrder) -> None:
    """Refuse a different order under a reference that is taken."""
    if not held.same_as(asked):
        raise ApplicationError(
            f"reference {held.reference!r} belongs to an order with another request; use a new reference",
            type=REFERENCE_CONFLICT,
        )


def check_report(order: PlaceOrder, state: OrderState, report: DepositReport) -> None:
    """Refuse a report that cannot be a deposit of this order."""
    _check_open(state)
    if order.kind == ONRAMP:
        message = "an onramp needs no report: Orchestra sees the payment of its invoice"
        raise ApplicationError(message, type=NOTHING_TO_REPORT)
    if not state.quotes:
        raise ApplicationError("the order has no quote yet; report the deposit once `place` answers", type=NO_QUOTE_YET)
    try:
        report.proof.check(order.request.source_chain)
    except ProofError as error:
        raise ApplicationError(str(error), type=INVALID_PROOF) from None
    if report.quote_id and not state.quote_of(report.quote_id):
        raise ApplicationError(f"quote {report.quote_id} is not of this order", type=UNKNOWN_QUOTE)


def check_cancel(state: OrderState) -> None:
    """Refuse to cancel once money may be under way."""
    _check_open(state)
    if state.deposit or state.refused_deposits or state.view.order_id or payable(state.sightings):
        raise ApplicationError("a deposit is known; the order can no longer be cancelled", type=DEPOSIT_KNOWN)


def check_decision(state: OrderState, *, pending: bool) -> None:
    """Refuse an answer where no ZeroConf offer waits for one."""
    _check_open(state)
    if not pending:
        raise ApplicationError("no ZeroConf offer waits for an answer", type=NO_OFFER_PENDING)


def check_reprice_decision(order: PlaceOrder, state: OrderState, decision: RepriceDecision, *, answering: bool) -> None:
    """Refuse an answer where no repricing waits for one, or that Orchestra would refuse."""
    _check_open(state)
    told = objection(state.view.record, decision, order.request.refund_address)
    told = "an answer is under way already" if answering else told
    if told:
        raise ApplicationError(told, type=INVALID_DECISION)


def check_resolution(state: OrderState, resolution: Resolution) -> None:
    """Refuse to resolve what needs nobody; an order is closed by hand only where a person had to look."""
    _check_open(state)
    if state.attention is None:
        raise ApplicationError("the order needs no attention; there is nothing to resolve", type=NOTHING_TO_RESOLVE)


def check_refresh(state: OrderState) -> None:
    """Refuse to read anew what is closed, or what does not exist yet."""
    _check_open(state)
    if not state.placed:
        raise ApplicationError("the order has no quote yet; there is nothing to read", type=NO_QUOTE_YET)


def _check_open(state: OrderState) -> None:
    if state.phase is Phase.CLOSED:
        outcome = state.outcome.value if state.outcome else "closed"
        raise ApplicationError(f"the order is closed: {outcome}", type=ORDER_CLOSED)
