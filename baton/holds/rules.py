"""The decisions about holds: which calls one stops, and what a request changes. Pure."""

from collections.abc import Collection
from datetime import datetime

from temporalio.exceptions import ApplicationError

from baton.holds.models import (
    CallHeld,
    HeldCalls,
    Hold,
    HoldAnswer,
    HoldRelease,
    HoldsState,
    OrdersReleased,
    PlaceHold,
    ReleaseHold,
)
from baton.holds.names import hold_id
from baton.holds.routes import RouteScope

MAX_HOLDS = 50
"""How many holds may stand at once; they share one memo."""

KEPT_RELEASES = 20
"""How many releases that are over are kept for the record."""

PASSES = 2
"""How often a release goes through the orders that wait."""

INVALID_HOLD = "invalid_hold"
TOO_MANY_HOLDS = "too_many_holds"
HOLD_UNKNOWN = "hold_unknown"
HOLD_RELEASED = "hold_released"


def hold_over(
    state: HoldsState,
    what: HeldCalls,
    account: str,
    route: str | None,
    behind: str | None = None,
    released: Collection[str] = (),
) -> CallHeld | None:
    """Return the hold that stops a call, the oldest of several; None if the call may be made.

    Args:
        state: All holds.
        what: The kind of the call.
        account: The order's partner account.
        route: The order's route; one that is not known is covered by every route.
        behind: The hold that the order has waited behind and has not been released from. While that is released at a
            rate, the order waits for its turn.
        released: The holds whose release the order has been signalled, which may be newer than `state`.
    """
    covering = [hold for hold in state.holds if hold.id not in released and hold.covers(what, account, route)]
    in_turns = [release.hold for release in state.releasing if release.rate is not None and release.hold.id == behind]
    hold = next(iter([*covering, *in_turns]), None)
    if hold is None:
        return None
    return CallHeld(hold_id=hold.id, what=hold.what, reason=hold.reason, since=hold.since, by=hold.by)


def check_hold(state: HoldsState, request: PlaceHold) -> None:
    """Refuse a hold whose route cannot be read, or one too many.

    Raises:
        ApplicationError: The text names the remedy.
    """
    if request.route is not None:
        try:
            RouteScope.read(request.route)
        except ValueError as error:
            raise ApplicationError(f"route: {error}", type=INVALID_HOLD) from None
    if len(state.holds) >= MAX_HOLDS and _same(state, request) is None:
        message = f"{MAX_HOLDS} holds stand already; release some, or hold a whole account"
        raise ApplicationError(message, type=TOO_MANY_HOLDS)


def place_hold(state: HoldsState, request: PlaceHold, now: datetime) -> HoldAnswer:
    """Add a hold; the same calls are held once."""
    if known := _same(state, request):
        return HoldAnswer(hold=known, known=True)
    state.count += 1
    route = str(RouteScope.read(request.route)) if request.route is not None else None
    wanted = request.model_dump(exclude={"route"})
    hold = Hold(**wanted, route=route, id=hold_id(state.count), since=now)
    state.holds.append(hold)
    return HoldAnswer(hold=hold)


def check_release(state: HoldsState, request: ReleaseHold) -> None:
    """Refuse to release what is not on hold, unless it is being released at another rate.

    Raises:
        ApplicationError: The text names the remedy.
    """
    if any(hold.id == request.hold_id for hold in state.holds):
        return
    under_way = _under_way(state, request.hold_id)
    if under_way is not None and request.rate not in (None, under_way.rate):
        return  # a rate must be named: a request without one may not know of the release
    if under_way is not None or any(release.hold.id == request.hold_id for release in state.released):
        message = f"{request.hold_id} is released already; `baton holds` shows how far that is"
        raise ApplicationError(message, type=HOLD_RELEASED)
    message = f"there is no hold {request.hold_id[:64]!r}; `baton holds` lists them"
    raise ApplicationError(message, type=HOLD_UNKNOWN)


def release_hold(state: HoldsState, request: ReleaseHold, now: datetime) -> HoldRelease:
    """Take a hold away; what waits behind it is released from now on, or at another rate from now on."""
    if under_way := _under_way(state, request.hold_id):
        under_way.rate, under_way.by, under_way.reason = request.rate, request.by, request.reason
        return under_way
    hold = next(hold for hold in state.holds if hold.id == request.hold_id)
    release = HoldRelease(hold=hold, by=request.by, reason=request.reason, rate=request.rate, at=now)
    state.holds.remove(hold)
    state.releasing.append(release)
    return release


def note_released(state: HoldsState, release: HoldRelease, part: OrdersReleased, now: datetime) -> None:
    """Note how far a release came; one that is over goes into the record.

    The orders are gone through twice: a worker that had not seen the release yet may have stopped some meanwhile.
    """
    release.released += part.released
    release.last_opened_at, release.last_workflow_id = part.last_opened_at, part.last_workflow_id
    if part.done:
        release.passes += 1
        release.last_opened_at = release.last_workflow_id = None
    if release.passes == PASSES:
        release.finished_at = now
        state.releasing.remove(release)
        state.released = [release, *state.released][:KEPT_RELEASES]


def _under_way(state: HoldsState, hold_id: str) -> HoldRelease | None:
    return next((release for release in state.releasing if release.hold.id == hold_id), None)


def _same(state: HoldsState, request: PlaceHold) -> Hold | None:
    """Return the hold that stops exactly these calls, or None."""
    wanted = RouteScope.read(request.route) if request.route is not None else None
    for hold in state.holds:
        route = RouteScope.read(hold.route) if hold.route is not None else None
        if (hold.what, hold.account, _folded(route)) == (request.what, request.account, _folded(wanted)):
            return hold
    return None


def _folded(route: RouteScope | None) -> str | None:
    """Return a route by which it is compared: the spelling of its assets does not matter."""
    return None if route is None else str(route).lower()
