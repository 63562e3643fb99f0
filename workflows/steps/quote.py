"""Asking for a price and a place to pay: a quote, or an onramp order with its invoice."""

import asyncio

from temporalio import workflow

from baton.orchestra.models import OrderRecord, Quote
from baton.orchestra.onramp_models import OnrampRequest
from baton.orders.messages import OnrampAnswer, Refusal, RequestOnramp, RequestQuote
from baton.orders.names import STEP_ASIDE, idempotency_key
from baton.orders.observation import Observation, Source
from baton.orders.place_order import PlaceOrder
from baton.orders.state import OrderState, PaymentPage, TakenQuote
from workflows.support import activity_calls
from workflows.support.children import ignore_child_failure
from workflows.support.monitor import OrderMonitor


class Quoting:
    """Takes the order's quotes, each under a key of its own generation."""

    def __init__(self, order: PlaceOrder, state: OrderState, vigil: OrderMonitor) -> None:
        self._order = order
        self._state = state
        self._monitor = vigil

    async def ask(self) -> Refusal | None:
        """Ask once; return what Orchestra said against it."""
        generation = self._state.quote_generation
        request = self._order.request
        if isinstance(request, OnrampRequest):
            answer = await self._onramp(request, generation)
        else:
            answer = await self._quote(generation)
        self._state.quote_generation += 1
        if answer is None:
            self._monitor.heard()
        return answer

    async def anew(self) -> Refusal | None:
        """Ask again while deposits to the older addresses are taken in; a wish to cancel comes first."""
        self._state.quotes[-1].expiry_handled = True
        asking = asyncio.create_task(self.ask())
        while not asking.done() and not self._monitor.inbox.cancel_requested and not self._state.close_as:
            await self._monitor.wait_for_event(or_done=asking)
        if asking.done():
            return asking.result()
        asking.cancel()
        return None

    async def _quote(self, generation: int) -> Refusal | None:
        request = self._order.request
        assert not isinstance(request, OnrampRequest)
        workflow_id = workflow.info().workflow_id
        call = RequestQuote(
            account=self._order.account,
            workflow_id=workflow_id,
            key=idempotency_key(workflow_id, "quote", generation),
            request=request,
        )
        answer = await activity_calls.request_quote(call, generation)
        if isinstance(answer, Refusal):
            return answer
        self._take(answer)
        return None

    async def _onramp(self, request: OnrampRequest, generation: int) -> Refusal | None:
        workflow_id, payer = workflow.info().workflow_id, self._order.payer
        call = RequestOnramp(
            account=self._order.account,
            workflow_id=workflow_id,
            key=idempotency_key(workflow_id, "onramp", generation),
            request=request,
            payer=payer.id if payer else None,
            region=payer.region if payer else None,
        )
        answer = await activity_calls.request_onramp(call, generation)
        if isinstance(answer, Refusal):
            return answer
        self._state.page, self._state.streams = _page(answer), answer.streams
        if answer.adopted_as:
            await self._take_over(answer.adopted_as)
        if answer.quote is not None:
            self._take(answer.quote)
        else:
            self._monitor.inbox.add_observation(_held(answer))
            self._monitor.absorb()
        return None

    async def _take_over(self, adopted_as: str) -> None:
        """Have the workflow step aside that took our order for nobody's; what it heard is read anew."""
        other = workflow.get_external_workflow_handle(adopted_as)
        await ignore_child_failure(
            other.signal(STEP_ASIDE, workflow.info().workflow_id), "the workflow that adopted the order"
        )
        self._monitor.inbox.read_wanted = True

    def _take(self, quote: Quote) -> None:
        self._state.quotes.append(TakenQuote(quote=quote, taken_at=workflow.now()))


def _page(answer: OnrampAnswer) -> PaymentPage:
    rounding = answer.quote.rounding_fee_amount if answer.quote else None
    shared = answer.model_dump(include=set(PaymentPage.model_fields))
    return PaymentPage(**shared, rounding_fee_amount=rounding)


def _held(answer: OnrampAnswer) -> Observation:
    """Return the sight of an order that was made but is held for a review: it has no invoice yet."""
    record = OrderRecord(id=answer.order_id, status="paused", review_status="pending_review")
    return Observation(source=Source.SUBMIT, record=record)
