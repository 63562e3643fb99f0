"""The waiting side of an order: one wait at a time, with its deadline, reads on silence, and telling people.

Webhooks wake, reads guarantee (design decision 3): while news flows in nothing is read; silence longer than planned
starts a read that Temporal repeats until it brings news. So the order is never more than one planned read from the
truth.
"""

import asyncio
from datetime import datetime
from typing import Any

from temporalio import workflow

from baton.orders.messages import ReadOrder, ReadResult, Refusal
from baton.orders.models import Phase
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.deadlines import DeadlineAction, next_deadline, overdue
from baton.orders.rules.deposits import take_notices
from baton.orders.rules.intake import absorb
from baton.orders.rules.wait_plans import LAST_LOOK_PATIENCE, LAST_LOOK_PAUSE, plan_of
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from baton.orders.summaries import current_details
from baton.orders.visibility import listing
from workflows.support import activity_calls
from workflows.support.inbox import Inbox
from workflows.support.poller import Poller
from workflows.support.timer import UpdatableTimer


class OrderMonitor:
    """Keeps watch over one order: takes in what comes, reads when nothing does, and tells what has changed.

    Attributes:
        inbox: Where handlers put what comes in.
        reads_answered: How many reads have been taken in.
    """

    def __init__(self, order: PlaceOrder, state: OrderState) -> None:
        self._order = order
        self._state = state
        self.inbox = Inbox()
        self.reads_answered = 0
        self._timer = UpdatableTimer()
        self._poller = Poller(self._take_read)
        continued = order.state is not None
        self._untold = continued
        self._listed = None if continued else (state.phase, False)

    @property
    def idle(self) -> bool:
        """Tell whether nothing is under way that a new run would not know of: a request, or a read made for itself."""
        return not self.inbox.has_work and not self._poller.looking

    async def wait_for_event(
        self, *, or_done: "asyncio.Task[Any] | None" = None, quietly: bool = False
    ) -> DeadlineAction | None:
        """Wait for news, a request, a deadline or the task; take the news in; return what a passed deadline asks."""
        if not quietly:
            await self.tell()
        self._read_if_due()
        deadline = next_deadline(self._state, self._order.policy)
        assert deadline is not None
        self._timer.set(deadline.at if self._poller.running else min(deadline.at, self._read_due()))
        await workflow.wait_condition(
            lambda: self._timer.fired or self.inbox.has_work or (or_done is not None and or_done.done())
        )
        self.absorb()
        return self._passed_deadline()

    def absorb(self) -> None:
        """Take in what has come since the last time."""
        taken = self.inbox.take()
        status = self._state.view.status
        intake = absorb(self._state, taken, workflow.now())
        seen = take_notices(self._order, self._state, taken.notices, workflow.now())
        self._untold = self._untold or intake.worth_telling or seen
        self.inbox.read_wanted = self.inbox.read_wanted or intake.doubt
        self.reads_answered += taken.reads_done
        if status != self._state.view.status:
            self._poller.stop_repeating()

    def _passed_deadline(self) -> DeadlineAction | None:
        deadline = next_deadline(self._state, self._order.policy)
        if deadline is None or not self._timer.reached(deadline.at):
            return None
        if deadline.action is DeadlineAction.TELL_OPERATOR:
            self._state.reminders += 1
            self._state.attention = self._state.attention or overdue(deadline, self._state)
            self._untold = True
            return None
        if deadline.action is DeadlineAction.LOOK:
            self._state.quotes[-1].expiry_handled = self.inbox.read_wanted = True
            return None
        return deadline.action

    def _read_due(self) -> datetime:
        plan = plan_of(self._state)
        return self._state.heard_at + (plan.silence if self._state.webhooks_flow else plan.cadence.first)

    def _nobody_will_tell(self) -> bool:
        """Tell whether to read without waiting for silence; what was just read in vain waits for it all the same."""
        tracking = self._state.streams and self._state.phase is Phase.TRACKING
        return tracking and not self._poller.has_repeated(self._read())

    def _read_if_due(self) -> None:
        plan = plan_of(self._state)
        if self.inbox.read_wanted:
            self.inbox.read_wanted = False
            self._poller.start(self._read(), urgency=1)
        elif not self._poller.running and (self._nobody_will_tell() or self._timer.reached(self._read_due())):
            self._poller.start(self._read().model_copy(update={"cadence": plan.cadence}), plan.urgency)

    def _take_read(self, answer: ReadResult | Refusal) -> None:
        if isinstance(answer, ReadResult):
            self._state.streams = answer.streams
        self.inbox.add_read(answer)

    def _read(self) -> ReadOrder:
        record = self._state.view.record
        successor = record.superseded_by_operation_id if record else None
        page = self._state.page
        return ReadOrder(
            account=self._order.account,
            workflow_id=workflow.info().workflow_id,
            order_id=successor or self._state.view.order_id or (page.order_id if page else None),
            quote_ids=[taken.quote.quote_id for taken in reversed(self._state.quotes)],
            known_status=None if successor else self._state.view.status,
            known_updated_at=record.updated_at if record and not successor else None,
        )

    async def final_check(self) -> bool:
        """Read before closing without a word from Orchestra; False when even that got no answer."""
        answer = await activity_calls.read_order(self._read(), urgency=1, patience=LAST_LOOK_PATIENCE)
        self.inbox.add_read(answer)
        self.absorb()
        if isinstance(answer, Refusal):
            await workflow.sleep(LAST_LOOK_PAUSE, summary="before the last look is tried again")
        return not isinstance(answer, Refusal)

    async def settle(self) -> None:
        """Tell the end, and take in what came while telling: a signal that Temporal took is never dropped."""
        await self.tell()
        while not self.inbox.empty:
            self.absorb()
            await self.tell()

    def heard(self) -> None:
        """Start the silence anew, and have something to tell."""
        self._state.heard_at = workflow.now()
        self._untold = True

    def stop(self) -> None:
        """Stop reading, before the run continues as a new one."""
        self._poller.stop()

    async def tell(self) -> None:
        """Show what has changed: search attributes on a change of phase, details always, the read model once."""
        if not self._untold:
            return
        self._untold = False
        self._state.revision += 1
        listed = (self._state.phase, self._state.attention is not None)
        if listed != self._listed:
            self._listed = listed
            workflow.upsert_search_attributes(listing(self._order, self._state))
        snapshot = snapshot_of(self._order, self._state)
        workflow.set_current_details(current_details(snapshot))
        await activity_calls.record_order(snapshot)
