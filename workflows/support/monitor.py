"""The one wait of an order: for news, a request, a deadline or a task, with polls when webhooks are silent.

While webhooks arrive, nothing is polled. A silence longer than the wait plan allows starts a poll, which Temporal's
activity retries repeat until it brings news. So a lost webhook delays an order by one planned poll at most.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow

from baton.orders.messages import ReadOrder, ReadResult, Refusal
from baton.orders.models import STAY, NextStep, Phase, Waiting, enter
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.address_deposits import note_deposit, note_held, raise_without_order, seeks_order
from baton.orders.rules.attention import raise_overdue
from baton.orders.rules.closing import apply_closing
from baton.orders.rules.deadlines import DeadlineAction, next_deadline
from baton.orders.rules.deposits import apply_deposits
from baton.orders.rules.intake import Applied, InboxBatch, apply_batch
from baton.orders.rules.reopening import MoneyFacts, phase_for_money
from baton.orders.rules.wait_plans import (
    FINAL_CHECK_PATIENCE,
    FINAL_CHECK_PAUSES,
    plan_of,
    share_of,
    silence_before_poll,
)
from baton.orders.state import OrderState
from baton.orders.timeline_words import silence_words, wait_words
from workflows.support import activity_calls
from workflows.support.inbox import Inbox
from workflows.support.poller import Poller
from workflows.support.publisher import Publisher
from workflows.support.timer import UpdatableTimer

MOST_AT_ONCE = 1_000
"""How many observations are applied in one workflow task, so that the order answers meanwhile."""

_TURN = timedelta(milliseconds=1)

T = TypeVar("T")


class OrderMonitor:
    """Waits for whatever happens next to an order, applies it to the state, and publishes the change.

    Attributes:
        reads_answered: How many reads have been applied.
    """

    def __init__(self, order: PlaceOrder, state: OrderState, inbox: Inbox) -> None:
        self._order = order
        self._state = state
        self._inbox = inbox
        self.reads_answered = 0
        self._publisher = Publisher(order, state)
        self._timer = UpdatableTimer()
        self._poller = Poller(self._receive_read)
        self._share = share_of(workflow.info().workflow_id) if order.spreads_polls else 0.0

    @property
    def idle(self) -> bool:
        """Whether the next run would miss nothing: no request waits, and no single read is under way."""
        return not self._inbox.has_work and not self._poller.reading_once

    async def wait_for_event(
        self, *, or_done: "asyncio.Task[Any] | None" = None, quietly: bool = False
    ) -> DeadlineAction | None:
        """Wait for news, a request, a deadline or the end of a task, and apply it to the state.

        Args:
            or_done: A task whose end also ends the wait.
            quietly: Do not publish the state before the wait.

        Returns:
            What a passed deadline asks the caller to do; None where there is nothing to do.
        """
        if not quietly:
            await self._publisher.publish()
        self._poll_if_due()
        deadline = next_deadline(self._state, self._order.policy)
        assert deadline is not None
        self._set_timer(deadline.waiting)
        await workflow.wait_condition(
            lambda: self._timer.fired or self._inbox.has_work or (or_done is not None and or_done.done())
        )
        if self._timer.fired:
            self._publisher.note_pause()
        await self._apply_in_turns()
        return self._passed_deadline()

    def apply_inbox(self) -> None:
        """Apply everything in the inbox to the state."""
        self._apply(self._inbox.take())

    async def _apply_in_turns(self) -> None:
        """Apply everything in the inbox; much of it in several workflow tasks, each of which may take two seconds."""
        while self._inbox.observations > MOST_AT_ONCE and workflow.patched("a-full-inbox-is-applied-in-turns"):
            self._apply(self._inbox.take_part(MOST_AT_ONCE))
            await workflow.sleep(_TURN, summary="before the next observations are applied")
        self.apply_inbox()

    def _apply(self, batch: InboxBatch) -> None:
        status = self._state.view.status
        applied = apply_batch(self._state, batch, workflow.now())
        deposits_changed = apply_deposits(self._order, self._state, batch.reports, batch.notices, workflow.now())
        deposits_changed |= note_deposit(self._state, batch.notices, workflow.now())
        deposits_changed |= note_held(self._state, batch.held, workflow.now())
        for closing in batch.closings:  # after the deposits: money that came meanwhile keeps the order open
            apply_closing(self._state, closing, workflow.now())
        if applied.worth_publishing or deposits_changed:
            self._publisher.mark_dirty()
        self._inbox.read_requested = self._inbox.read_requested or self._needs_read(applied)
        self.reads_answered += batch.reads_done
        if status != self._state.view.status:
            self._poller.stop_polling()

    def _needs_read(self, applied: Applied) -> bool:
        """Whether a status read must settle what the batch left open."""
        return applied.doubt or (applied.unsettled and workflow.patched("a-read-settles-the-present"))

    async def final_check(self) -> bool:
        """Read the order before it closes without Orchestra's word, while what arrives is still applied.

        Returns:
            True if the read was answered. False if it was not (after a pause that grows from one check to the next), or
            if something that keeps the order open came in meanwhile.
        """
        basis, facts = self._state.observed, self._deciding_facts
        reading = activity_calls.read_order(self._read_call(), urgency=1, patience=FINAL_CHECK_PATIENCE)
        result = await self._unless_kept_open(reading, facts)
        if result is None:
            return False
        self._inbox.add_read(result, basis)
        self.apply_inbox()
        if isinstance(result, Refusal):
            pause = FINAL_CHECK_PAUSES[min(self._state.final_checks, len(FINAL_CHECK_PAUSES) - 1)]
            self._state.final_checks += 1
            sleeping = workflow.sleep(pause, summary="before the final check is repeated")
            await self._unless_kept_open(sleeping, facts)
            return False
        self._state.final_checks = 0
        return True

    async def _unless_kept_open(self, call: Coroutine[Any, Any, T], facts: tuple[Any, ...]) -> T | None:
        """Await a call and apply what arrives; cancel it and return None as soon as the order must stay open."""
        if not workflow.patched("the-final-check-listens"):
            return await call
        calling = asyncio.create_task(call)
        await self.until_done(calling, or_when=lambda: self._kept_open(facts))
        if calling.done():
            return calling.result()
        calling.cancel()
        return None

    async def until_done(self, calling: asyncio.Task[Any], *, or_when: Callable[[], bool]) -> None:
        """Wait for the end of a call, or until the condition is true; apply and publish what arrives meanwhile."""
        while not calling.done() and not or_when():
            await self._publisher.publish()
            await workflow.wait_condition(lambda: calling.done() or not self._inbox.empty or or_when())
            await self._apply_in_turns()

    @property
    def _deciding_facts(self) -> tuple[Any, ...]:
        """The order id, the status and the deposit: a change in any of them keeps the order open."""
        deposit = self._state.deposit
        return self._state.view.order_id, self._state.view.status, deposit.proof.key if deposit else None

    def _kept_open(self, facts: tuple[Any, ...]) -> bool:
        """Whether the order must stay open: a request came, or the deciding facts are no longer these."""
        requests = self._inbox.cancel_requested or self._inbox.followed_by or self._state.close_as
        return bool(requests) or self._deciding_facts != facts

    async def publish_end(self) -> NextStep:
        """Publish the end and apply what arrives until it is written; return the next step if money came meanwhile.

        A signal that Temporal accepted is never dropped. A cancellation of the order, which has ended, is.
        """
        at_the_end = MoneyFacts.of(self._state)
        await self._publisher.publish()
        while self._publisher.writes_end() or not self._inbox.empty:
            with suppress(asyncio.CancelledError):
                await workflow.wait_condition(lambda: not self._publisher.writes_end() or not self._inbox.empty)
            self.apply_inbox()
            phase = phase_for_money(self._state, at_the_end)
            if phase and workflow.patched("money-reopens-an-order-that-ends"):
                return enter(phase)
            await self._publisher.publish()
        return STAY

    def reset_silence(self) -> None:
        """Restart the silence timer and mark the order for publication."""
        self._state.heard_at = workflow.now()
        self._publisher.mark_dirty()

    def mark_dirty(self) -> None:
        """Mark the order for publication."""
        self._publisher.mark_dirty()

    def stop(self) -> None:
        """Stop reading, before the run continues as a new one."""
        self._poller.stop()

    def _passed_deadline(self) -> DeadlineAction | None:
        """Return the action of a passed deadline; attention and reads are handled here and return None."""
        deadline = next_deadline(self._state, self._order.policy)
        if deadline is None or not self._timer.reached(deadline.at):
            return None
        if deadline.action is DeadlineAction.RAISE_ATTENTION:
            self._state.reminders += 1
            if seeks_order(self._state):
                raise_without_order(self._state, workflow.now())
            else:
                raise_overdue(self._state, deadline.waiting)
            self._publisher.mark_dirty()
            return None
        if deadline.action is DeadlineAction.READ:
            self._state.quotes[-1].expiry_handled = self._inbox.read_requested = True
            return None
        return deadline.action

    def _set_timer(self, waiting: Waiting) -> None:
        """Set the timer to the wait's deadline, or to the end of the silence after which a poll starts."""
        poll_due, now = self._poll_due(), workflow.now()
        if self._poller.running or waiting.until <= poll_due:
            self._timer.set(waiting.until, wait_words(waiting, now))
        else:
            self._timer.set(poll_due, silence_words(poll_due, now))

    def _poll_due(self) -> datetime:
        return self._state.heard_at + silence_before_poll(self._state, self._share)

    def _polls_at_once(self) -> bool:
        """Whether to poll without waiting for silence: no webhook will come, and the last poll was a different one."""
        streams = self._state.streams and self._state.phase is Phase.TRACKING
        return streams and not self._poller.has_polled(self._read_call())

    def _poll_if_due(self) -> None:
        plan = plan_of(self._state)
        if self._inbox.read_requested:
            self._inbox.read_requested = False
            self._poller.start(self._read_call(), 1, self._state.observed)
        elif not self._poller.running and (self._polls_at_once() or self._timer.reached(self._poll_due())):
            poll = self._read_call().model_copy(update={"cadence": plan.cadence})
            self._poller.start(poll, plan.urgency, self._state.observed)

    def _receive_read(self, result: ReadResult | Refusal, basis: int) -> None:
        if isinstance(result, ReadResult):
            self._state.streams = result.streams
            self._state.decimals |= result.decimals
        self._inbox.add_read(result, basis)

    def _read_call(self) -> ReadOrder:
        """Return the input of a read: the order, or its successor, and what is known of it now."""
        record = self._state.view.record
        # Another transaction is another deposit, with an order of its own.
        follows = record is not None and self._state.address_deposit is None
        successor = record.superseded_by_operation_id if record and follows else None
        page = self._state.page
        return ReadOrder(
            account=self._order.account,
            workflow_id=workflow.info().workflow_id,
            order_id=successor or self._state.view.order_id or (page.order_id if page else None),
            quote_ids=[taken.quote.quote_id for taken in reversed(self._state.quotes)],
            deposit=self._state.address_deposit if seeks_order(self._state) else None,
            known_status=None if successor else self._state.view.status,
            known_updated_at=record.updated_at if record and not successor else None,
        )
