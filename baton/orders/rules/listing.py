"""When an order's search attributes must be written: each time costs an event. Pure."""

from typing import NamedTuple, Self

from baton.orchestra.lifecycle import PROGRESS, known
from baton.orders.models import Phase
from baton.orders.place_order import PlaceOrder, first_phase
from baton.orders.rules.deadlines import next_deadline
from baton.orders.rules.wait_plans import BATON, BUSINESS, OPERATOR, ORCHESTRA
from baton.orders.state import OrderState

_PEOPLE = frozenset({BUSINESS, OPERATOR})
"""Who looks at lists for what they must do."""


class Listed(NamedTuple):
    """What the search attributes of an order last said; an order of an older edition says nothing of the last two."""

    phase: Phase
    attention: bool
    status: str | None
    reasons: frozenset[str] = frozenset()
    owner: str | None = None

    @classmethod
    def of(cls, order: PlaceOrder, state: OrderState) -> Self:
        """Return what the search attributes say if they are written now."""
        attention = state.attention is not None
        if not order.lists_reasons:
            return cls(state.phase, attention, state.view.status)
        deadline = next_deadline(state, order.policy)
        owner = deadline.waiting.who if deadline else None
        return cls(state.phase, attention, state.view.status, frozenset(state.attentions), owner)

    @classmethod
    def first(cls, order: PlaceOrder, state: OrderState) -> Self:
        """Return what they say at the start."""
        owner = first_owner(order) if order.lists_reasons else None
        return cls(state.phase, attention=False, status=None, owner=owner)


def first_owner(order: PlaceOrder) -> str:
    """Return whom an order waits for when it starts."""
    if order.state is not None and (deadline := next_deadline(order.state, order.policy)):
        return deadline.waiting.who
    return BATON if first_phase(order) is Phase.QUOTING else ORCHESTRA


def must_list(
    listed: Listed | None, current: Listed, *, status_counts: bool = True, stands: bool = False, lazily: bool = False
) -> bool:
    """Whether the search attributes must be written; each time costs an event.

    Attention and its reasons, most phases, the statuses in which an order stops or waits for somebody, and that it
    waits for the business or an operator are written at once. Progress, which passes within seconds on the happy path,
    is written only once it stands.

    Args:
        listed: What they say; None if that is unknown.
        current: What they would say.
        status_counts: Whether they follow the status.
        stands: Whether a timer of the order has fired since they were written: nothing moved for a while. No clock is
            read here (docs/decisions/0002).
        lazily: Whether progress waits also where the order has just entered the phase `tracking`.
    """
    if listed is None or (listed.attention, listed.reasons) != (current.attention, current.reasons):
        return True
    enters_tracking = listed.phase is not current.phase and lazily and current.phase is Phase.TRACKING
    if listed.phase is not current.phase and not enters_tracking:
        return True
    if listed.owner != current.owner and (stands or _PEOPLE & {listed.owner, current.owner}):
        return True
    status = known(current.status or "")
    settled = stands or (status is not None and status not in PROGRESS)
    return settled and status_counts and (enters_tracking or current.status not in (None, listed.status))
