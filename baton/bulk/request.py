"""What a bulk does to each of its orders: the act, its arguments, and the update that it is. Pure."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from baton.bulk.choice import OrderChoice
from baton.encoding.amounts import Amount
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.models import CloseByHand, Outcome, Resolution
from baton.orders.names import CANCEL, CLOSE_BY_HAND, DECIDE_REPRICE, DECIDE_ZEROCONF, REFRESH, RESOLVE
from baton.orders.reports import BusinessDecision, RepriceDecision
from baton.orders.state import RequestedBy

RATE = 10.0
"""How many orders a bulk touches in a second, unless it is asked for another rate."""

MOST_RATE = 200.0
LEAST_RATE = 0.01


class BulkAct(StrEnum):
    """What can be done in bulk."""

    RESOLVE = "resolve"
    REFRESH = "refresh"
    CANCEL = "cancel"
    DECIDE = "decide"
    CLOSE = "close"
    REDELIVER = "redeliver"


NEED_NOTE = frozenset({BulkAct.RESOLVE, BulkAct.CLOSE})
"""Acts of which somebody must say what was found and done."""


class BulkRequest(BaseModel):
    """One act on every chosen order.

    Attributes:
        act: What is done.
        choice: To which orders.
        note: What was found and done, or why; `resolve` and `close` need it.
        reason: `resolve`: the attention that is resolved; may be left out where each order has only one.
        outcome: `close`: how the orders ended.
        accept: `decide`: the answer to ZeroConf offers.
        action: `decide`: the answer to repricings.
        minimum: `decide`: the least amount to approve, in smallest destination units.
        endpoint: `redeliver`: the endpoint that is notified again of all that happened to the orders.
        rate: How many orders are touched in a second.
    """

    model_config = ConfigDict(extra="forbid")

    act: BulkAct
    choice: OrderChoice = OrderChoice()
    note: str | None = Field(default=None, min_length=1, max_length=1000)
    reason: str | None = Field(default=None, max_length=100)
    outcome: Outcome | None = None
    accept: bool | None = None
    action: RepriceAction | None = None
    minimum: Amount | None = Field(default=None, ge=1)
    endpoint: str | None = Field(default=None, max_length=64)
    rate: float = Field(default=RATE, gt=0, le=MOST_RATE, allow_inf_nan=False)

    @model_validator(mode="after")
    def _complete(self) -> "BulkRequest":
        if problem := _problem(self):
            raise ValueError(problem)
        return self

    @property
    def summary(self) -> str:
        """The bulk in a few words."""
        return f"{self.act} in bulk{f': {self.note}' if self.note else ''}"


def _problem(request: BulkRequest) -> str | None:
    """Return what is missing or too much, beginning with the field's name; None if nothing is."""
    act = request.act
    if act in NEED_NOTE and request.note is None:
        return f"note: {act} needs one, which says what was found and done"
    if (act is BulkAct.CLOSE) != (request.outcome is not None):
        return "outcome: close needs one, and no other act takes one"
    if (act is BulkAct.REDELIVER) != (request.endpoint is not None):
        return "endpoint: redeliver needs one, and no other act takes one"
    answers = (request.accept is not None) + (request.action is not None)
    if answers != (act is BulkAct.DECIDE):
        return "accept: decide needs either accept, for ZeroConf offers, or action, for repricings"
    if request.minimum is not None and request.action is not RepriceAction.APPROVE:
        return "minimum: belongs to the action approve"
    return None


def update_of(request: BulkRequest, by: str) -> tuple[str, BaseModel]:
    """Return the order's update that an act is, with its argument; `redeliver` is none.

    Raises:
        ValueError: The act is no update.
    """
    match request.act:
        case BulkAct.RESOLVE:
            return RESOLVE, Resolution(note=request.note or "", reason=request.reason, by=by)
        case BulkAct.CLOSE if request.outcome is not None:
            return CLOSE_BY_HAND, CloseByHand(outcome=request.outcome, note=request.note or "", by=by)
        case BulkAct.REFRESH:
            return REFRESH, RequestedBy(by=by, note=request.note)
        case BulkAct.CANCEL:
            return CANCEL, RequestedBy(by=by, note=request.note)
        case BulkAct.DECIDE if request.accept is not None:
            return DECIDE_ZEROCONF, BusinessDecision(accept=request.accept, reason=request.note, by=by)
        case BulkAct.DECIDE if request.action is not None:
            minimum = request.minimum
            return DECIDE_REPRICE, RepriceDecision(action=request.action, minimum=minimum, reason=request.note, by=by)
        case _:
            raise ValueError(f"{request.act} is no update of an order")
