"""What operators do to an order: resolve its attention, and close it by hand."""

from temporalio import workflow

from baton.orders.answers import Standing
from baton.orders.models import CloseByHand, Phase, Resolution
from baton.orders.rules.closing import check_close
from baton.orders.rules.updates import check_open, check_resolution
from baton.orders.snapshot import standing_of
from baton.orders.state import OrderState
from workflows.support.inbox import Inbox


class OperatorUpdates:
    """The order workflow's updates for operators."""

    _state: OrderState
    _inbox: Inbox

    @workflow.update(description="Resolve the order's attention; may close the order by hand.")
    async def resolve(self, resolution: Resolution) -> Standing:
        """Add an operator's resolution: it clears the attention, and closes the order if it names an outcome."""
        self._inbox.add_resolution(resolution)
        await workflow.wait_condition(lambda: self._inbox.empty or self._state.phase is Phase.CLOSED)
        return standing_of(self._state)

    @resolve.validator
    def _may_resolve(self, resolution: Resolution) -> None:
        check_resolution(self._state, resolution)

    @workflow.update(description="Close the order by hand, because Orchestra will never report its end.")
    async def close_by_hand(self, request: CloseByHand) -> Standing:
        """Add an operator's request and wait until the order is closed; refuse it if money came first."""
        self._inbox.add_closing(request)
        await workflow.wait_condition(lambda: self._inbox.empty or self._state.phase is Phase.CLOSED)
        if self._state.close_as is None and self._state.phase is not Phase.CLOSED:
            check_close(self._state, request)
        await workflow.wait_condition(lambda: self._state.phase is Phase.CLOSED)
        return standing_of(self._state)

    @close_by_hand.validator
    def _may_close(self, request: CloseByHand) -> None:
        check_open(self._state)
        check_close(self._state, request)
