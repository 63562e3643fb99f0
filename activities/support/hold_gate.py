"""The gate before every call that an operator may hold: it knows all holds, and answers without asking anybody.

`HoldWatch` keeps it current. Until it has looked for the first time nothing passes, so a worker that starts during a
hold never makes a call that is stopped.
"""

import asyncio

from temporalio.exceptions import ApplicationError

from baton.holds.models import CallHeld, HeldCalls, HoldsState
from baton.holds.rules import hold_over
from baton.metrics.instruments import HOLD_SINCE, HOLDS
from baton.orders.messages import GatedCall

FIRST_LOOK = 3.0
"""Seconds that a call waits for the first look at the holds; then it is tried again later."""


class HoldGate:
    """What is on hold, as this worker knows it.

    Args:
        state: What is on hold; None until `show`.
    """

    def __init__(self, state: HoldsState | None = None) -> None:
        self._state = state or HoldsState()
        self._known = asyncio.Event()
        if state is not None:
            self._known.set()

    @property
    def state(self) -> HoldsState:
        """What is on hold, as last seen."""
        return self._state

    def show(self, state: HoldsState) -> None:
        """Let calls pass, but those that these holds stop."""
        self._state = state
        self._known.set()
        HOLD_SINCE.clear()
        for what in HeldCalls:
            since = [hold.since.timestamp() for hold in state.holds if hold.what is what]
            HOLDS.labels(what.value).set(len(since))
            if since:
                HOLD_SINCE.labels(what.value).set(min(since))

    def close(self) -> None:
        """Let nothing pass until `show`: what is on hold is not known any more."""
        self._known.clear()

    async def hold_over(self, what: HeldCalls, call: GatedCall) -> CallHeld | None:
        """Return the hold that stops a call, or None if it may be made.

        Raises:
            ApplicationError: What is on hold is not known; retried.
        """
        try:
            async with asyncio.timeout(FIRST_LOOK):
                await self._known.wait()
        except TimeoutError:
            message = "what is on hold is not known: Temporal does not say; the call is made once it does"
            raise ApplicationError(message, type="holds_unknown") from None
        return hold_over(self._state, what, call.account, call.route, call.behind, call.released)
