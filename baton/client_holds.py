"""The client's calls about holds: stop submits or approvals, see what waits, release it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from baton.arguments import filled, member
from baton.client_acts import ActingClient, Subject
from baton.errors import InvalidArgument
from baton.holds.models import MIN_RATE, HeldCalls, Hold, HoldAnswer, HoldList, HoldRelease, PlaceHold, ReleaseHold
from baton.holds.routes import WRITE_IT, RouteScope

if TYPE_CHECKING:
    from baton.temporal_holds import TemporalHolds

HOLD_ACT, RELEASE_ACT = "hold", "release"


class HoldClient(ActingClient):
    """The part of `BatonClient` that is about holds."""

    _holds: "TemporalHolds"

    async def hold(
        self, what: HeldCalls | str, *, reason: str, account: str | None = None, route: str | None = None
    ) -> HoldAnswer:
        """Stop submits or approvals until they are released; running orders see it within a second.

        Holding the same again changes nothing.

        Args:
            what: `submits` or `approvals`.
            reason: Why, 1 to 300 characters; operators see it on every order that waits.
            account: Only those of this partner account; None for all.
            route: Only those on these routes, such as `base`, `base/USDC`, `base/USDC>spark/BTC` or `>spark`; None for
                all.

        Raises:
            InvalidArgument: An argument cannot be right; nothing was sent.
            HoldRefused: Too many holds stand already.
            Unreachable: No answer in time; the hold may stand, and holding again is safe.
        """
        member("what", what, HeldCalls)
        scope = {"account": account, "route": _route(route)}
        request = filled(PlaceHold, what=what, reason=reason.strip(), by=self._by, **scope)
        return await self._act(HOLD_ACT, _subject(request), self._holds.hold(request), request.reason)

    async def release(self, hold_id: str, *, reason: str, rate: float | None = None) -> HoldRelease:
        """Release a hold: new calls pass at once, and the orders that wait are released, the oldest first.

        A release that is under way gets another rate.

        Args:
            hold_id: The hold, such as `hold-3`.
            reason: Why, 1 to 300 characters.
            rate: Orders per second, 0.01 to 1000; None for all at once.

        Raises:
            InvalidArgument: An argument cannot be right; nothing was sent.
            HoldUnknown: There is no such hold.
            HoldRefused: It is released already.
            Unreachable: No answer in time.
        """
        if rate is not None and rate < MIN_RATE:
            raise InvalidArgument("rate", f"{rate:g} is too slow", f"give {MIN_RATE:g} orders a second or more")
        request = filled(ReleaseHold, hold_id=hold_id, reason=reason.strip(), rate=rate, by=self._by)
        subject = Subject("hold", None, hold_id)
        return await self._act(RELEASE_ACT, subject, self._holds.release(request), request.reason)

    async def open_holds(self) -> list[Hold]:
        """Return what is on hold, without what waits behind it; needs no worker.

        Raises:
            Unreachable: Temporal did not answer.
        """
        return (await self._holds.state()).holds

    async def known_holds(self) -> list[Hold]:
        """Return what is on hold or being released; needs no worker.

        Raises:
            Unreachable: Temporal did not answer.
        """
        state = await self._holds.state()
        return [*state.holds, *(release.hold for release in state.releasing)]

    async def holds(self, accounts: Sequence[str] | None = None) -> HoldList:
        """Return what is on hold with what waits behind each hold, releases under way, and the last releases.

        Args:
            accounts: Only what concerns these partner accounts; None for all.

        Raises:
            Unreachable: Temporal did not answer. Without an answer of a worker the holds are listed uncounted.
        """
        return await self._holds.list(accounts)


def _subject(request: PlaceHold) -> Subject:
    """Return what is held, as the record of acts names it."""
    return Subject("hold", request.account, f"{request.what.value}{f' on {request.route}' if request.route else ''}")


def _route(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return str(RouteScope.read(text))
    except ValueError as error:
        raise InvalidArgument("route", str(error).partition("; ")[0], WRITE_IT) from None
