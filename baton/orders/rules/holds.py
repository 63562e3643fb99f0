"""How an order waits behind a hold that an operator placed: it tries again at its release, or after a while. Pure."""

from collections.abc import Iterable
from datetime import datetime

from baton.holds.models import CallHeld, HeldCalls, HeldOrder
from baton.orders.models import Waiting
from baton.orders.rules.wait_plans import HOLD_LOOKS, OPERATOR
from baton.orders.state import OrderState

_THEN = {
    HeldCalls.SUBMITS: (
        "Baton tries the submit again; once the hold is released it submits the deposit, late or not, and Orchestra"
        " decides about one that came after its quote expired"
    ),
    HeldCalls.APPROVALS: "Baton tries the approval again, unless Orchestra has closed the question",
}


def note_held(state: OrderState, call: CallHeld, now: datetime) -> None:
    """Note the hold that stopped a call, and when to try again: later each time; a release signals the order."""
    held = state.held
    looks = held.looks + 1 if held and held.hold_id == call.hold_id else 1
    state.held = HeldOrder(
        **call.model_dump(include=set(CallHeld.model_fields)),
        waits_since=held.waits_since if held else now,
        looks=looks,
        look_at=now + HOLD_LOOKS.pause(looks),
    )
    if call.what is HeldCalls.SUBMITS:
        state.submits_refused = call.refused


def note_releases(state: OrderState, hold_ids: Iterable[str]) -> None:
    """Note that holds were released; of another one than the order waits behind it takes no notice."""
    if state.held is not None and state.held.hold_id in hold_ids:
        state.held = None


def end_hold(state: OrderState, what: HeldCalls) -> None:
    """Note that nothing of this kind is stopped any more."""
    if state.held is not None and state.held.what is what:
        state.held = None


def is_held(state: OrderState, what: HeldCalls) -> bool:
    """Whether the order waits behind a hold on calls of this kind."""
    return state.held is not None and state.held.what is what


def held_waiting(held: HeldOrder) -> Waiting:
    """Return the wait of an order whose call is stopped."""
    return Waiting(what=held_words(held), who=OPERATOR, until=held.look_at, then=_THEN[held.what])


def held_words(held: HeldOrder) -> str:
    """Return what an order waits for behind a hold."""
    return f"the release of {held.hold_id}, which stops {held.what.value}: {held.reason}"
