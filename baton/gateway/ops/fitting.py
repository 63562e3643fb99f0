"""Which acts fit an order as it stands, and an attention by its reason. Pure.

It only chooses what is offered. Whether an act may be done is decided where it is carried out: by the token's verbs and
by the order itself.
"""

from enum import StrEnum

from baton.accounts.tokens import Verb
from baton.orchestra.models import OrderRecord
from baton.orchestra.proofs import DepositProof
from baton.orchestra.rules.reprice import read_reprice
from baton.orchestra.rules.zeroconf import read_offer
from baton.orders.answers import Snapshot
from baton.orders.models import Phase
from baton.orders.rules.address_deposits import can_be_refunded
from baton.orders.rules.wait_plans import BUSINESS


class OperatorAct(StrEnum):
    """What an operator does to an order."""

    RESOLVE = "resolve"
    REFRESH = "refresh"
    APPROVE = "zeroconf"
    """Answer a ZeroConf offer."""
    REPRICE = "reprice"
    """Answer a repricing."""
    REPORT = "report"
    """Report the payer's deposit."""
    REFUND = "refund"
    CANCEL = "cancel"
    CLOSE = "close"
    """Close the order by hand."""


VERBS = {
    OperatorAct.RESOLVE: Verb.OPERATE,
    OperatorAct.REFRESH: Verb.OPERATE,
    OperatorAct.APPROVE: Verb.DECIDE,
    OperatorAct.REPRICE: Verb.DECIDE,
    OperatorAct.REPORT: Verb.REPORT,
    OperatorAct.REFUND: Verb.OPERATE,
    OperatorAct.CANCEL: Verb.OPERATE,
    OperatorAct.CLOSE: Verb.OPERATE,
}
"""The verb that each act needs, as in the order API."""

ABOUT_MONEY = frozenset(
    {OperatorAct.APPROVE, OperatorAct.REPRICE, OperatorAct.REPORT, OperatorAct.REFUND, OperatorAct.CANCEL}
    | {OperatorAct.CLOSE}
)
"""Acts that a page of their own asks about first, with the amounts."""


def acts_for(order: Snapshot) -> list[OperatorAct]:
    """Return the acts that fit an order, the most useful first."""
    is_open = order.outcome is None and order.interrupted is None
    fits = {
        OperatorAct.APPROVE: is_open and _question(order) is OperatorAct.APPROVE,
        OperatorAct.REPRICE: is_open and _question(order) is OperatorAct.REPRICE,
        OperatorAct.RESOLVE: bool(order.attentions),
        OperatorAct.REFRESH: is_open and bool(order.quotes or order.order_id or order.page),
        OperatorAct.REPORT: is_open and _takes_reports(order),
        OperatorAct.REFUND: is_open and _is_refundable(order),
        OperatorAct.CANCEL: is_open and _is_cancellable(order),
        OperatorAct.CLOSE: is_open,
    }
    return [act for act, does_fit in fits.items() if does_fit]


def record_of(order: Snapshot) -> OrderRecord:
    """Return what a snapshot keeps of Orchestra's record."""
    required = {"id": order.order_id or "-", "status": order.status or "-"}
    return OrderRecord.model_validate({**order.records, **required})


def money_ids(order: Snapshot) -> list[str]:
    """Return the ids of what may be money under way, which a close by hand must name."""
    found = [order.order_id, *(deposit.tx_id for deposit in order.deposits if deposit.state != "gone")]
    found += [DepositProof.model_validate(line.proof).transaction_id for line in order.proofs]
    if order.address_deposit is not None:
        found.append(order.address_deposit.tx_id)
    return list(dict.fromkeys(name for name in found if name))


def _question(order: Snapshot) -> OperatorAct | None:
    """Return the act that answers the open question; None if the business is asked nothing."""
    if order.waiting_for is None or order.waiting_for.who != BUSINESS or order.status != "awaiting_approval":
        return None
    record = record_of(order)
    question, offer = read_reprice(record), read_offer(record)
    if question and question.pending:
        return OperatorAct.REPRICE
    return OperatorAct.APPROVE if offer and offer.pending else None


def _takes_reports(order: Snapshot) -> bool:
    return order.page is None and bool(order.quotes) and order.phase in (Phase.AWAITING_DEPOSIT, Phase.SUBMITTING)


def _is_refundable(order: Snapshot) -> bool:
    deposit = order.address_deposit
    return deposit is not None and order.order_id is None and deposit.refund is None and can_be_refunded(deposit)


def _is_cancellable(order: Snapshot) -> bool:
    is_paid = bool(order.proofs) or any(deposit.state != "gone" for deposit in order.deposits)
    return order.phase in (Phase.QUOTING, Phase.AWAITING_DEPOSIT) and not is_paid and order.order_id is None
