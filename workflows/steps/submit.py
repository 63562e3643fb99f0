"""Handing in a deposit's proof: under one key for each generation, while news is still taken in."""

import asyncio

from temporalio import workflow

from baton.orders.messages import Refusal, Submission, SubmitDeposit
from baton.orders.models import Attention, Reason
from baton.orders.names import idempotency_key
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.intake import PARTNER_ACCESS
from baton.orders.rules.wait_plans import RESUBMIT_PAUSES
from baton.orders.state import OrderState
from workflows.support import activity_calls
from workflows.support.monitor import OrderMonitor


class Submitting:
    """Submits the order's deposit."""

    def __init__(self, order: PlaceOrder, state: OrderState, vigil: OrderMonitor) -> None:
        self._order = order
        self._state = state
        self._monitor = vigil

    async def once(self) -> Refusal | None:
        """Submit under the present generation's key; return what Orchestra said against it.

        Ends early, without an answer, when Orchestra tells of the order by other ways, or an operator closes it.
        """
        generation = self._state.submit_generation
        submitting = asyncio.create_task(activity_calls.submit_deposit(self._call(generation), generation))
        quietly = generation == 1
        while not submitting.done() and not self._over:
            await self._monitor.wait_for_event(or_done=submitting, quietly=quietly)
            quietly = False
        if not submitting.done():
            submitting.cancel()
            return None
        return self._taken(submitting.result())

    @property
    def _over(self) -> bool:
        return bool(self._state.view.order_id or self._state.close_as)

    def _call(self, generation: int) -> SubmitDeposit:
        deposit = self._state.deposit
        assert deposit is not None
        assert deposit.quote_id is not None
        workflow_id = workflow.info().workflow_id
        return SubmitDeposit(
            account=self._order.account,
            workflow_id=workflow_id,
            key=idempotency_key(workflow_id, "submit", generation),
            quote_id=deposit.quote_id,
            proof=deposit.proof,
        )

    def _taken(self, answer: Submission | Refusal) -> Refusal | None:
        if isinstance(answer, Refusal):
            return answer
        self._state.streams = answer.streams
        self._monitor.inbox.add_observation(answer)
        self._monitor.absorb()
        return None

    async def pause(self, refusal: Refusal) -> None:
        """Wait before the next generation, as long as nobody tells of the order."""
        self._note_access(refusal)
        pause = RESUBMIT_PAUSES[min(self._state.submit_generation, len(RESUBMIT_PAUSES)) - 1]
        self._state.submit_generation += 1
        self._state.reason = Reason(code=refusal.code, message=refusal.message)
        over = asyncio.create_task(workflow.sleep(pause, summary=f"after {refusal.code}, before the next generation"))
        while not over.done() and not self._over:
            await self._monitor.wait_for_event(or_done=over)
        over.cancel()

    def hold(self, refusal: Refusal) -> None:
        """Put a deposit aside that Orchestra refused for good: a correct report is needed."""
        assert self._state.deposit is not None
        self._state.refused_deposits.append(self._state.deposit)
        self._state.deposit = None
        self._state.submit_generation += 1
        self._state.attention = Attention(reason=refusal.code, message=refusal.message, since=workflow.now())

    def _note_access(self, refusal: Refusal) -> None:
        if refusal.unauthorized:
            message = f"Orchestra refuses our submit, {refusal.code}: {refusal.message}"
            self._state.attention = Attention(reason=PARTNER_ACCESS, message=message, since=workflow.now())
            self._monitor.heard()
