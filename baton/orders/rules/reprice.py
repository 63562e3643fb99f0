"""A repricing: whether one is open, and whether an answer to it can be sent. Pure."""

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import Reprice, RepriceAction, can_be_refunded, read_reprice
from baton.orders.reports import RepriceDecision

TOO_LATE = frozenset({"conflict", "expired", "invalid_state", "not_found"})
"""Refusals of an answer that mean: the question is closed already (partner API reference, errors)."""


def open_question(record: OrderRecord | None) -> Reprice | None:
    """Return the repricing that is open; None if there is none."""
    question = read_reprice(record) if record else None
    return question if record and question and question.pending and record.status == "awaiting_approval" else None


def objection(record: OrderRecord | None, decision: RepriceDecision, refund_address: str | None) -> str | None:
    """Return why an answer cannot be sent, in one sentence with the remedy; None if it can.

    Args:
        record: The order's last record.
        decision: The answer.
        refund_address: The order's own refund address, if it names one.
    """
    question = open_question(record)
    if record is None or question is None:
        return "no repricing waits for an answer"
    if decision.action is RepriceAction.ASK:
        return "action: must be approve, reject or refund"
    if decision.action is RepriceAction.REFUND and not can_be_refunded(record):
        return "action: a refund can be asked for only where the source is Bitcoin; use reject"
    if decision.action is RepriceAction.REFUND and not (decision.refund_address or refund_address):
        return "refund_address: the order names none; say where the deposit goes back to"
    if decision.action is not RepriceAction.APPROVE:
        return None if decision.minimum is None else "minimum: belongs to an approval; leave it out"
    return _minimum_objection(question, decision.minimum)


def _minimum_objection(question: Reprice, minimum: int | None) -> str | None:
    if minimum is None and question.minimum_to_approve is None:
        return "minimum: the repricing proposes none; name the least you accept, in smallest destination units"
    ceiling = question.previous_locked_min_amount_out
    if minimum is not None and ceiling is not None and minimum > ceiling:
        return f"minimum: is above {ceiling}, which was locked before; Orchestra takes that or less"
    return None
