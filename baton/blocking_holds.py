"""The blocking client's calls about holds."""

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from baton.client_holds import HoldClient
from baton.holds.models import HeldCalls, Hold, HoldAnswer, HoldList, HoldRelease

T = TypeVar("T")


class HoldLoop(Protocol):
    """Runs calls in an event loop of its own."""

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Run a call and return its result."""


class BlockingHoldClient:
    """Holds for code without an event loop; part of `BlockingBatonClient`."""

    def __init__(self, client: HoldClient, thread: HoldLoop) -> None:
        self._hold_client = client
        self._hold_calls = thread

    def hold(
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
        return self._hold_calls.run(self._hold_client.hold(what, reason=reason, account=account, route=route))

    def release(self, hold_id: str, *, reason: str, rate: float | None = None) -> HoldRelease:
        """Release a hold: new calls pass at once, and the orders that wait are told, the oldest first.

        Args:
            hold_id: The hold, such as `hold-3`.
            reason: Why, 1 to 300 characters.
            rate: Orders per second, up to 1000; None for all at once.

        Raises:
            InvalidArgument: An argument cannot be right; nothing was sent.
            HoldUnknown: There is no such hold.
            HoldRefused: It is released already.
            Unreachable: No answer in time.
        """
        return self._hold_calls.run(self._hold_client.release(hold_id, reason=reason, rate=rate))

    def open_holds(self) -> list[Hold]:
        """Return what is on hold, without what waits behind it; needs no worker.

        Raises:
            Unreachable: Temporal did not answer.
        """
        return self._hold_calls.run(self._hold_client.open_holds())

    def holds(self, accounts: Sequence[str] | None = None) -> HoldList:
        """Return what is on hold with what waits behind each hold, releases under way, and the last releases.

        Args:
            accounts: Only what concerns these partner accounts; None for all.

        Raises:
            Unreachable: Temporal did not answer. Without an answer of a worker the holds are listed uncounted.
        """
        return self._hold_calls.run(self._hold_client.holds(accounts))
