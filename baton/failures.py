"""Baton's errors for what Temporal, an order or its worker answered: each with a code, a message and a remedy. Pure."""

from datetime import timedelta

from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from baton.errors import BatonError, FieldFault, OrderRefused, OrderUnknown, Unreachable
from baton.holds.names import ON_HOLD
from baton.orders.answers import Interruption, Placement, Snapshot, Standing
from baton.orders.rules.refused import is_refused_placement
from baton.orders.rules.updates import (
    DEPOSIT_KNOWN,
    INVALID_DECISION,
    INVALID_PROOF,
    NO_OFFER_PENDING,
    NOT_CANCELLED,
    NOTHING_TO_REPORT,
    NOTHING_TO_RESOLVE,
    ORDER_CLOSED,
    REFERENCE_CONFLICT,
    UNKNOWN_QUOTE,
)
from baton.temporal_reasons import answer_failure, lacks_namespace

ORDER_BROKEN = "order_broken"
"""The order's workflow ended without an outcome."""

SEE_SNAPSHOT = "see how it ended in its snapshot"

_ASK_AGAIN = "ask again, which is safe, and see the log of Baton's worker if this repeats"
_NEW_REFERENCE = "place it again under a new reference"
_CORRECT = "correct the order and place it again, under the same reference if you like"
_LATER = {ON_HOLD: "place it again once the hold is released; `baton holds` shows it"}
_REMEDIES = {
    DEPOSIT_KNOWN: "wait for its end",
    INVALID_DECISION: "see the open question in the order's snapshot",
    INVALID_PROOF: "report the proof that the source chain has",
    NO_OFFER_PENDING: "see where the order stands in its snapshot",
    NOT_CANCELLED: "cancel it again",
    NOTHING_TO_REPORT: "leave the report out",
    NOTHING_TO_RESOLVE: "see the open reasons in the order's snapshot",
    ORDER_CLOSED: SEE_SNAPSHOT,
    UNKNOWN_QUOTE: "leave the quote out, or name one that the order's snapshot lists",
}
"""What to do about a refusal whose message names no remedy of its own, by its code."""


def refusal_of(cause: BaseException | None) -> BatonError:
    """Return the refusal that an order gave; of a defect in the worker, an error that names its log."""
    if not isinstance(cause, ApplicationError):
        return Unreachable("update_failed", f"the order could not answer: {cause}", "see the log of Baton's worker")
    code = cause.type or ""
    # Baton's own codes are small letters; a worker's unexpected error has the name of its Python class.
    if not code.islower():
        return Unreachable("worker_failed", f"the worker failed: {cause.message}", "see the log of Baton's worker")
    message, _, remedy = cause.message.partition("; ")
    refusal = OrderRefused(code, message, remedy or _REMEDIES.get(code, "see the order's snapshot"))
    refusal.fields = _differing(cause)
    return refusal


def with_standing(refusal: BatonError, standing: Standing | None) -> OrderRefused:
    """Return a refusal of an order together with where that order stands."""
    refused = OrderRefused(refusal.code, refusal.message, refusal.remedy, standing)
    refused.fields = refusal.fields
    return refused


def _differing(cause: ApplicationError) -> list[FieldFault]:
    """Return the fields that a refusal names in its details, as `check_same_order` does."""
    named = cause.details[0] if cause.type == REFERENCE_CONFLICT and cause.details else []
    phrases = [phrase for phrase in named if isinstance(phrase, str)] if isinstance(named, list) else []
    return [FieldFault(phrase.partition(": ")[0], phrase) for phrase in phrases]


def nothing_to_pay(placement: Placement, *, is_free: bool) -> OrderRefused:
    """Return the refusal of an order that nobody can pay: it was refused itself, or it has ended.

    Args:
        placement: The order's placement.
        is_free: Whether its reference may be placed again.
    """
    standing = Standing(
        phase=placement.phase, outcome=placement.outcome, order_id=placement.order_id, quote_id=placement.quote_id
    )
    code = placement.reason.code if placement.reason else ""
    remedy = _LATER.get(code, _CORRECT) if is_free else _NEW_REFERENCE
    if placement.reason and is_refused_placement(placement):
        message = f"order {placement.reference} has no quote: {placement.reason.message}"
        return OrderRefused(placement.reason.code, message, remedy, standing)
    return OrderRefused(ORDER_CLOSED, f"order {placement.reference} is closed: {placement.outcome}", remedy, standing)


def interrupted(interruption: Interruption, snapshot: Snapshot | None) -> OrderRefused:
    """Return the refusal of an order whose workflow ended without an outcome.

    Args:
        interruption: How it ended.
        snapshot: The order as it was then; None if no worker answers.
    """
    remedy = "find out whether its address was paid, and place a new order under a new reference"
    return OrderRefused(ORDER_BROKEN, interruption.message, remedy, standing_of_snapshot(snapshot))


def standing_of_snapshot(snapshot: Snapshot | None) -> Standing | None:
    """Return where an order stands, as its snapshot tells."""
    if snapshot is None:
        return None
    shared = snapshot.model_dump(include=set(Standing.model_fields) - {"attention", "attentions"})
    reasons = [attention.reason for attention in snapshot.attentions]
    return Standing(**shared, attention=snapshot.attention.reason if snapshot.attention else None, attentions=reasons)


def no_worker(patience: timedelta) -> Unreachable:
    """Return the error of a call that Temporal has and no worker answered."""
    message = f"no answer within {patience.total_seconds():g} s, but Temporal keeps what was asked"
    return Unreachable("no_worker", message, "check that Baton's worker runs, and ask again: that is safe")


def unserved_account(account: str) -> Unreachable:
    """Return the error of an order whose account no worker serves."""
    message = f"no worker serves the partner account {account!r}"
    return Unreachable("account_unserved", message, "check the account's name, and the accounts of the worker")


def temporal_gone() -> Unreachable:
    """Return the error of a Temporal server that does not answer."""
    message = "Temporal does not answer"
    return Unreachable("temporal_unavailable", message, "check TEMPORAL_ADDRESS and the server")


def query_failed(detail: str) -> Unreachable:
    """Return the error of an order that no worker could read."""
    return Unreachable("query_failed", f"the order could not be read: {detail}", "see the log of Baton's worker")


def was_lost(error: RPCError) -> bool:
    """Whether an update had no effect because the workflow task failed that took it: it may be sent again.

    Temporal fails the task of an order that is about to close when a signal comes meanwhile, and drops its updates.
    """
    return error.status is RPCStatusCode.FAILED_PRECONDITION and "workflow task failure" in error.message


def rpc_failed(error: RPCError, patience: timedelta, namespace: str) -> BatonError:
    """Return the error for what the Temporal server answered."""
    if error.status is RPCStatusCode.NOT_FOUND and not lacks_namespace(error):
        remedy = "check the reference and the account, or list the orders"
        return OrderUnknown("order_unknown", "no order has this reference in this account", remedy)
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return no_worker(patience)
    if error.status is RPCStatusCode.UNAVAILABLE:
        return temporal_gone()
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        return Unreachable("worker_failed", f"Temporal answered: {error.message.rstrip('.')}", _ASK_AGAIN)
    return Unreachable(*answer_failure(error, namespace))
