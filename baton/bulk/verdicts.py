"""What became of an act on one order of a bulk. Pure."""

from datetime import datetime

from baton.bulk.request import BulkAct, BulkRequest
from baton.errors import BatonError, OrderRefused, Unreachable
from baton.ledger.act_rows import ActRow
from baton.ledger.bulk_rows import BulkOrderRow, BulkState
from baton.orders.answers import Standing
from baton.orders.models import Outcome
from baton.orders.rules.updates import NO_OFFER_PENDING, NOTHING_TO_RESOLVE, ORDER_CLOSED

DONE_BEFORE = "it was done before the worker was lost"

_MAX_MESSAGE = 1_000
_OUTCOMES = {BulkState.DONE: "done", BulkState.REFUSED: "refused", BulkState.FAILED: "unanswered"}


def done(row: BulkOrderRow, now: datetime) -> BulkOrderRow:
    """Return an order with which the act was done."""
    return row.model_copy(update={"state": BulkState.DONE, "code": None, "message": None, "at": now})


def not_done(row: BulkOrderRow, request: BulkRequest, error: BatonError, now: datetime) -> BulkOrderRow:
    """Return an order with which the act failed, or was refused.

    If its turn had come before and the worker was lost then, a refusal that says that nothing is left to do means that
    the act was done at that time.
    """
    if row.state is BulkState.BEGUN and was_done_before(request, error):
        return done(row, now).model_copy(update={"message": DONE_BEFORE})
    state = BulkState.FAILED if isinstance(error, Unreachable) else BulkState.REFUSED
    return row.model_copy(update={"state": state, "code": error.code, "message": str(error)[:_MAX_MESSAGE], "at": now})


def was_done_before(request: BulkRequest, error: BatonError) -> bool:
    """Whether a refusal is what an order answers to which the act was done already."""
    match request.act:
        case BulkAct.RESOLVE:
            return error.code == NOTHING_TO_RESOLVE
        case BulkAct.DECIDE:
            return error.code == NO_OFFER_PENDING
        case BulkAct.CANCEL | BulkAct.CLOSE:
            wanted = request.outcome or Outcome.CANCELLED
            return error.code == ORDER_CLOSED and _outcome_of(error) is wanted
        case _:
            return False


def _outcome_of(error: BatonError) -> Outcome | None:
    standing: Standing | None = error.standing if isinstance(error, OrderRefused) else None
    return standing.outcome if standing else None


def act_of(row: BulkOrderRow, request: BulkRequest, by: str, now: datetime) -> ActRow:
    """Return the record of the act on one order."""
    detail = f"{row.code}: {row.message}" if row.code else None
    return ActRow.model_validate(
        {
            "id": f"{row.bulk}:{row.position}",
            "at": now,
            "by": by,
            "act": request.act,
            "kind": "order",
            "account": row.account,
            "reference": row.reference,
            "note": request.note,
            "outcome": _OUTCOMES[row.state],
            "detail": detail,
            "bulk": row.bulk,
        }
    )
