"""The quote step: requests a quote with its deposit address, or an onramp order with its invoice."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import workflow

from baton.orchestra.models import OrderRecord, Quote
from baton.orchestra.offramp_models import OfframpRequest
from baton.orchestra.onramp_models import OnrampRequest
from baton.orders.messages import OnrampAnswer, Refusal, RequestOnramp, RequestQuote
from baton.orders.models import STAY, NextStep, Outcome, Phase, Reason, close, enter
from baton.orders.names import STEP_ASIDE, idempotency_key, placed_again_step
from baton.orders.observation import Anomaly, AnomalyKind, Observation, Source
from baton.orders.place_order import ONRAMP, PlaceOrder
from baton.orders.rules.anomalies import with_anomalies
from baton.orders.rules.wait_plans import MAX_QUOTE_GENERATIONS, MAX_QUOTE_LIFE, REQUOTE_PAUSE
from baton.orders.state import OrderState, PaymentPage, TakenQuote
from baton.orders.summaries import route_of
from workflows.support import activity_calls
from workflows.support.children import ignore_child_failure
from workflows.support.inbox import Inbox
from workflows.support.monitor import OrderMonitor

T = TypeVar("T")

LISTENS = "quoting-listens"
"""The change since which an order takes in what arrives while it quotes."""


class QuoteStep:
    """Requests the order's quotes, each under the idempotency key of its own generation."""

    def __init__(self, order: PlaceOrder, state: OrderState, inbox: Inbox, monitor: OrderMonitor) -> None:
        self._order = order
        self._state = state
        self._inbox = inbox
        self._monitor = monitor

    async def run(self) -> NextStep:
        """Request a quote; after a refusal close the order as failed, or pause before the next generation.

        A cancel or a close by hand ends the request. An onramp's request may make an order at Orchestra, so there a
        cancel waits for the answer.
        """
        refusal = await self._listening(self._request(), cancel_waits=self._order.kind == ONRAMP)
        if self._is_cancelled:
            return _cancelled()
        if self._state.close_as:
            return STAY
        if self._state.view.order_id:
            return enter(Phase.TRACKING)
        if refusal is None:
            return enter(Phase.AWAITING_DEPOSIT)
        if not refusal.ask_anew or self._state.quote_generation > MAX_QUOTE_GENERATIONS:
            return close(Outcome.FAILED, Reason(code=refusal.code, message=refusal.message))
        await self._listening(workflow.sleep(REQUOTE_PAUSE, summary="before the next quote request"))
        return _cancelled() if self._is_cancelled else STAY

    async def _listening(self, call: Coroutine[Any, Any, T], *, cancel_waits: bool = False) -> T | None:
        """Await a call while what arrives is applied; end it and return None once the order is to be closed.

        Args:
            call: The call.
            cancel_waits: A cancel leaves the call to its end.
        """
        calling = asyncio.create_task(call)
        listening = asyncio.create_task(self._listen(calling, cancel_waits=cancel_waits))
        try:
            # Awaited itself, not by a condition: the order of commands stays that of the stored histories.
            return await calling
        except asyncio.CancelledError:
            if self._is_called_off(cancel_waits=cancel_waits):
                return None
            raise
        finally:
            listening.cancel()

    async def _listen(self, calling: asyncio.Task[T], *, cancel_waits: bool) -> None:
        """Apply what arrives during a call, and end the call once the order is to be closed."""
        await workflow.wait_condition(lambda: self._inbox.has_work)
        if workflow.patched(LISTENS):
            await self._monitor.until_done(calling, or_when=lambda: self._is_called_off(cancel_waits=cancel_waits))
            calling.cancel()

    def _is_called_off(self, *, cancel_waits: bool) -> bool:
        return bool(self._state.close_as) or (self._inbox.cancel_requested and not cancel_waits)

    @property
    def _is_cancelled(self) -> bool:
        """Whether the business cancelled the order, and Orchestra has not begun to track it meanwhile."""
        return self._inbox.cancel_requested and not self._state.money_is_coming and workflow.patched(LISTENS)

    async def renew(self) -> None:
        """Request a new quote because one expired; deposits to the older addresses still count.

        A deposit, a cancel or a close by hand may come meanwhile. The last two end the request.
        """
        self._state.quotes[-1].expiry_handled = True
        requesting = asyncio.create_task(self._request())
        while not requesting.done() and not self._inbox.cancel_requested and not self._state.close_as:
            await self._monitor.wait_for_event(or_done=requesting)
        if not requesting.done():
            requesting.cancel()
        elif refusal := requesting.result():
            workflow.logger.warning("no new quote, the old address stays: %s", refusal.code)

    async def _request(self) -> Refusal | None:
        """Request a quote or an onramp order once; return the refusal, or None."""
        generation = self._state.quote_generation
        request = self._order.request
        if isinstance(request, OnrampRequest):
            refusal = await self._request_onramp(request, generation)
        else:
            refusal = await self._request_quote(generation)
        self._state.quote_generation += 1
        if refusal is None:
            self._monitor.reset_silence()
        return refusal

    def _key(self, step: str, generation: int) -> str:
        info = workflow.info()
        if self._order.again:
            step = placed_again_step(step, info.first_execution_run_id, by_time=self._order.names_run_by_time)
        return idempotency_key(info.workflow_id, step, generation)

    async def _request_quote(self, generation: int) -> Refusal | None:
        request = self._order.request
        assert not isinstance(request, OnrampRequest)
        workflow_id = workflow.info().workflow_id
        call = RequestQuote(
            account=self._order.account,
            workflow_id=workflow_id,
            key=self._key("offramp" if isinstance(request, OfframpRequest) else "quote", generation),
            request=request,
            amount_decimals=self._order.amount_decimals,
        )
        answer = await activity_calls.request_quote(call, generation, local=self._order.calls_locally)
        if isinstance(answer, Refusal):
            return answer
        self._state.decimals |= answer.decimals
        self._keep(Quote(**{name: getattr(answer, name) for name in Quote.model_fields}))
        return None

    async def _request_onramp(self, request: OnrampRequest, generation: int) -> Refusal | None:
        workflow_id, payer = workflow.info().workflow_id, self._order.payer
        call = RequestOnramp(
            account=self._order.account,
            workflow_id=workflow_id,
            key=self._key("onramp", generation),
            request=request,
            amount_decimals=self._order.amount_decimals,
            payer=payer.id if payer else None,
            region=payer.region if payer else None,
            route=route_of(self._order),
        )
        answer = await activity_calls.request_onramp(call, generation, local=self._order.calls_locally)
        if isinstance(answer, Refusal):
            return answer
        await self._keep_onramp(answer)
        return None

    async def _keep_onramp(self, answer: OnrampAnswer) -> None:
        self._state.page, self._state.streams = _page(answer), answer.streams
        self._state.decimals |= answer.decimals
        self._inbox.read_requested = self._inbox.read_requested or answer.taken_over
        if answer.adopted_as:
            await self._claim(answer.adopted_as)
        if answer.quote is not None:
            self._keep(answer.quote)
        else:
            self._inbox.add_observation(_held_for_review(answer))
            self._monitor.apply_inbox()

    async def _claim(self, adopted_as: str) -> None:
        """Ask the workflow that adopted our order to stop tracking it, as an answer of an earlier version needs."""
        adopter = workflow.get_external_workflow_handle(adopted_as)
        await ignore_child_failure(
            adopter.signal(STEP_ASIDE, workflow.info().workflow_id), "the workflow that adopted the order"
        )
        self._inbox.read_requested = True

    def _keep(self, quote: Quote) -> None:
        """Add a quote to the state; an expiry more than a year ahead is cut, because it would overflow the timers."""
        latest, view = workflow.now() + MAX_QUOTE_LIFE, self._state.view
        if quote.expires_at > latest:
            message = f"the quote expires in {quote.expires_at.year}; cut to a year"
            anomaly = Anomaly(kind=AnomalyKind.CUT, message=message)
            self._state.view = with_anomalies(view, [anomaly])
            quote = quote.model_copy(update={"expires_at": latest})
        self._state.quotes.append(TakenQuote(quote=quote, taken_at=workflow.now()))


def _cancelled() -> NextStep:
    return close(Outcome.CANCELLED, Reason(code="cancelled", message="cancelled by the business"))


def _page(answer: OnrampAnswer) -> PaymentPage:
    rounding = answer.quote.rounding_fee_amount if answer.quote else None
    shared = answer.model_dump(include=set(PaymentPage.model_fields))
    return PaymentPage(**shared, rounding_fee_amount=rounding)


def _held_for_review(answer: OnrampAnswer) -> Observation:
    """Return the observation of an onramp order that Orchestra holds for a review: it has no invoice yet."""
    record = OrderRecord(id=answer.order_id, status="paused", review_status="pending_review")
    return Observation(source=Source.SUBMIT, record=record)
