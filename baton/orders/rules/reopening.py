"""Money that comes while the end of an order is still being written: the order stays open. Pure."""

from typing import NamedTuple

from baton.orchestra.lifecycle import is_soft_end
from baton.orders.models import Outcome, Phase
from baton.orders.seen_deposits import is_money
from baton.orders.state import OrderState

_ENDED_UNPAID = (Outcome.EXPIRED, Outcome.UNFULFILLED, Outcome.CANCELLED)


class MoneyFacts(NamedTuple):
    """What is known of an order's money: its order at Orchestra with the status, and its deposit."""

    order_id: str | None
    status: str | None
    deposit: str | None
    on_chain: bool

    @classmethod
    def of(cls, state: OrderState) -> "MoneyFacts":
        """Return what the state knows."""
        deposit = state.deposit.proof.key if state.deposit else None
        return cls(state.view.order_id, state.view.status, deposit, is_money(state.sightings))


def phase_for_money(state: OrderState, at_the_end: MoneyFacts) -> Phase | None:
    """Return the phase in which an order that ended unpaid stays open, because money came since; else None.

    A deposit does not undo a cancel: a person decides about it.
    """
    now = MoneyFacts.of(state)
    if state.outcome not in _ENDED_UNPAID or now == at_the_end:
        return None
    if now.order_id:
        return None if is_soft_end(now.status) else Phase.TRACKING
    if state.outcome is Outcome.CANCELLED:
        return None
    if now.deposit:
        return Phase.SUBMITTING
    return Phase.AWAITING_DEPOSIT if now.on_chain else None
