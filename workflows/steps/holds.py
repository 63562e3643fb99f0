"""The signals to an order about holds: one of its calls is stopped, or its turn has come."""

from temporalio import workflow

from baton.holds.models import CallHeld
from baton.holds.names import APPROVAL_HELD, RELEASED
from workflows.support.inbox import Inbox


class HoldSignals:
    """The signals about holds; a base of the order's workflow."""

    _inbox: Inbox

    @workflow.signal(name=RELEASED, description="A hold is released, and the order's turn has come.")
    def released(self, hold_id: str) -> None:
        """Add the release of a hold."""
        self._inbox.add_release(hold_id)

    @workflow.signal(name=APPROVAL_HELD, description="A hold stops the answer to the order's offer.")
    def approval_held(self, held: CallHeld) -> None:
        """Add the hold that stops the approval under way."""
        self._inbox.add_held_call(held)
