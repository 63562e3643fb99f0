"""The order workflow: one order, from its quote to its end, for as long as that takes.

`run` repeats one cycle: do the step of the current phase, then enter the phase that the step returned.

    quoting            request a quote, or an onramp order with its invoice     `steps/quote.py`
    awaiting deposit   wait for a deposit, a cancel, or the deadline            `_await_deposit`
    submitting         send the deposit's proof to Orchestra                    `steps/submit.py`
    tracking           follow Orchestra's status until the order ends           `_track`
    closed             return the result

Signals and updates only append to the inbox; `OrderMonitor`, in which the steps wait, applies the inbox to the state.
Everything that a step must remember is in `OrderState`, so a run can continue as new between any two steps.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from baton.orchestra.lifecycle import is_hard_end, known
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.models import (
    FOLLOWED_ELSEWHERE,
    RESOLVED_BY_OPERATOR,
    STAY,
    Attention,
    NextStep,
    Outcome,
    Phase,
    Reason,
    close,
    enter,
)
from baton.orders.names import CANCEL, DECIDE_REPRICE, DECIDE_ZEROCONF, REFRESH
from baton.orders.place_order import ADOPTED, PlaceOrder, first_phase
from baton.orders.reports import BusinessDecision, RepriceDecision
from baton.orders.rules.attention import raise_unproven_refund
from baton.orders.rules.deadlines import DeadlineAction, may_reorder
from baton.orders.rules.updates import (
    NOT_CANCELLED,
    check_cancel,
    check_decision,
    check_refresh,
    check_report,
    check_reprice_decision,
    check_same_order,
)
from baton.orders.snapshot import placement_of, snapshot_of, standing_of
from baton.orders.state import DepositReport, OrderState, RequestedBy
from workflows.steps.address_deposit import AddressDepositStep, AddressDepositUpdates
from workflows.steps.attention import hand_over_attention
from workflows.steps.by_hand import OperatorUpdates
from workflows.steps.cancel import cancel_or_refuse
from workflows.steps.end import result_or_failure
from workflows.steps.holds import HoldSignals
from workflows.steps.quote import QuoteStep
from workflows.steps.refund import RefundStep
from workflows.steps.reprice import RepriceStep
from workflows.steps.submit import SubmitStep
from workflows.steps.zeroconf import ZeroConfStep
from workflows.support.inbox import Inbox
from workflows.support.monitor import OrderMonitor
from workflows.support.order_signals import OrderSignals


@workflow.defn
class OrderWorkflow(AddressDepositUpdates, OperatorUpdates, HoldSignals, OrderSignals):
    """One order of one partner account; its id is `order/{account}/{reference}`."""

    @workflow.init
    def __init__(self, order: PlaceOrder) -> None:
        now = workflow.now()
        self._order = order
        self._state = state = order.state or OrderState(phase=first_phase(order), opened_at=now, heard_at=now)
        self._inbox = inbox = Inbox(placed=order.state is not None)
        self._monitor = OrderMonitor(order, state, inbox)
        self._quote = QuoteStep(order, state, inbox, self._monitor)
        self._submit = SubmitStep(order, state, inbox, self._monitor)
        self._refund = RefundStep(order)
        self._zeroconf = ZeroConfStep(order, state, inbox)
        self._reprice = RepriceStep(order, state, inbox)
        self._address_deposit = AddressDepositStep(order, state, inbox, self._monitor)

    @workflow.run
    async def run(self, order: PlaceOrder) -> OrderResult:
        """Do one step after another until the order is closed, and return its result, or fail if it was refused."""
        while self._state.phase is not Phase.CLOSED:
            step = await self._next_step()
            self._enter(step)
            if step.phase is Phase.CLOSED:
                self._enter(await self._monitor.publish_end())
            await self._continue_as_new_if_long()
        await hand_over_attention(self._order, self._state)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result_or_failure(self._order, self._state)

    # -- the steps of an order, from first to last

    async def _next_step(self) -> NextStep:
        """Do the step of the current phase and return what comes next; an operator's close by hand overrides it."""
        steps = {
            Phase.QUOTING: self._quote.run,
            Phase.AWAITING_DEPOSIT: self._await_deposit,
            Phase.SUBMITTING: self._submit.run,
            Phase.TRACKING: self._track,
        }
        try:
            step = await steps[self._state.phase]()
        except asyncio.CancelledError:
            step = cancel_or_refuse(self._state, self._monitor)
        return step if step.phase is Phase.CLOSED else self._close_by_hand() or step

    async def _await_deposit(self) -> NextStep:
        """Wait for a deposit, an order at Orchestra, a cancel, or the deadline: for a new quote or for the end."""
        is_paid = self._state.deposit or self._state.view.order_id  # reported during the step before
        action = None if is_paid else await self._monitor.wait_for_event()
        if self._state.view.order_id:
            return enter(Phase.TRACKING)
        if self._state.deposit:
            return enter(Phase.SUBMITTING)
        if self._inbox.cancel_requested and not self._state.money_is_coming:
            return close(Outcome.CANCELLED, Reason(code="cancelled", message="cancelled by the business"))
        self._inbox.cancel_requested = False
        if action is DeadlineAction.REQUOTE:
            await self._quote.renew()
        elif action is DeadlineAction.EXPIRE:
            return await self._expire()
        return STAY

    async def _expire(self) -> NextStep:
        """Close the order as expired if a final check shows no payment."""
        if await self._monitor.final_check() and not self._state.money_is_coming:
            return close(Outcome.EXPIRED, Reason(code="no_deposit", message="no deposit was seen before the deadline"))
        return STAY

    async def _track(self) -> NextStep:
        """Wait for the next status until the order ends; refund, approval and repricing run beside this step."""
        status = self._state.view.status
        if is_hard_end(status):
            return await self._finish()
        await self._update_children()
        action = await self._monitor.wait_for_event()
        if followed_by := self._inbox.followed_by:
            message = f"followed by {followed_by}"
            return close(Outcome.SUPERSEDED, Reason(code=FOLLOWED_ELSEWHERE, message=message))
        if action is DeadlineAction.CLOSE_UNFULFILLED:
            return await self._close_unfulfilled(status)
        return await self._address_deposit.act(action) if self._state.address_deposit else STAY

    async def _finish(self) -> NextStep:
        """Wait for the children's reports, then close the order, or request another onramp if its invoice expired."""
        if self._state.ended_unread and workflow.patched("read-what-a-submit-ended"):
            await self._monitor.final_check()
        if self._zeroconf.running and workflow.patched("an-order-waits-for-its-approval"):
            finishing = asyncio.create_task(self._zeroconf.finish(self._state.view.record))
            await self._monitor.until_done(finishing, or_when=lambda: self._state.close_as is not None)
        await self._refund.finish(self._state.view.record)
        if not self._refund.started:
            raise_unproven_refund(self._state, workflow.now())
        return self._reorder() if may_reorder(self._order, self._state) else self._end()

    async def _update_children(self) -> None:
        """Forward the newest record and the business's decisions to refund, approval and repricing."""
        record, inbox = self._state.view.record, self._inbox
        await self._refund.follow(record)
        await self._zeroconf.follow(record)
        self._reprice.follow(record)
        while inbox.decisions:
            await self._zeroconf.decide(inbox.decisions.pop(0))
        while inbox.reprice_decisions:
            self._reprice.decide(record, inbox.reprice_decisions.pop(0))

    async def _close_unfulfilled(self, status: str | None) -> NextStep:
        """Close the order as unfulfilled, unless a final check shows that Orchestra resumed it."""
        if await self._monitor.final_check() and self._state.view.status == status:
            return close(Outcome.UNFULFILLED, self._error())
        return STAY

    def _reorder(self) -> NextStep:
        """Go back to quoting for a new onramp order, because nobody paid the invoice of this one."""
        assert self._state.view.record is not None
        self._state.superseded.append(self._state.view.record.id)
        self._state.view = self._state.view.of_next_order()
        self._state.status_since = None
        return enter(Phase.QUOTING)

    def _end(self) -> NextStep:
        """Close the order with the outcome that Orchestra reports."""
        end = known(self._state.view.status or "")
        assert end is not None
        outcome = Outcome(end.value)
        # The record keeps the error of an attempt that Orchestra recovered from.
        return close(outcome, None if outcome is Outcome.COMPLETED else self._error())

    def _error(self) -> Reason | None:
        record = self._state.view.record
        return Reason.of_error(record) if record else None

    def _close_by_hand(self) -> NextStep | None:
        """Close the order if an operator resolved its attention with an outcome; else return None."""
        if self._state.close_as is None:
            return None
        last = self._state.resolutions[-1]
        return close(self._state.close_as, Reason(code=RESOLVED_BY_OPERATOR, message=last.note))

    # -- between two steps: enter a phase, continue as new

    def _enter(self, step: NextStep) -> None:
        """Enter the phase that a step returned; the phase changes nowhere else."""
        if step.phase is None:
            return
        state = self._state
        now = state.present(workflow.now())
        state.phase, state.outcome, state.closed_at = step.phase, None, None
        state.reminders, state.held = 0, None
        self._inbox.cancel_requested = False
        self._monitor.reset_silence()
        match step.phase:
            case Phase.AWAITING_DEPOSIT if state.refused_deposits:
                self._monitor.apply_inbox()  # the chain may show a deposit to submit instead of the refused one
            case Phase.SUBMITTING:
                state.submit_started_at = now
            case Phase.TRACKING:
                state.reason, state.status_since = None, state.status_since or now
            case Phase.CLOSED:
                state.outcome, state.reason, state.closed_at = step.outcome, step.reason, now

    async def _continue_as_new_if_long(self) -> None:
        """Continue as new when the history is long, unless something is under way that is not in the state."""
        if self._state.phase is Phase.CLOSED or not workflow.info().is_continue_as_new_suggested():
            return
        await workflow.wait_condition(lambda: True)  # lets handlers return whose condition is already true
        beside = self._refund.running or self._zeroconf.running or self._reprice.running
        if workflow.all_handlers_finished() and self._monitor.idle and not beside:
            self._monitor.stop()
            workflow.continue_as_new(self._order.model_copy(update={"state": self._state}))

    # -- handlers: they append to the inbox and wait for `run` to apply it

    @workflow.update(description="Place the order, or return again where to deposit.")
    async def place(self, order: PlaceOrder) -> Placement:
        """Wait until there is a quote or the order is closed; return where to deposit, or why nothing can be paid."""
        replayed = self._inbox.count_placing() > 1
        await workflow.wait_condition(lambda: self._state.placed)
        return placement_of(self._order, self._state).model_copy(update={"replayed": replayed})

    @place.validator
    def _may_place(self, order: PlaceOrder) -> None:
        check_same_order(self._order, order)

    @workflow.signal(description="A child of the order raises attention.")
    def attend(self, attention: Attention) -> None:
        """Add the attention that a child workflow raises."""
        self._inbox.add_attention(attention)

    @workflow.signal(description="Another workflow placed this order and tracks it.")
    def step_aside(self, workflow_id: str) -> None:
        """Leave an adopted order to the workflow that placed it."""
        if self._order.kind == ADOPTED:
            self._inbox.followed_by = workflow_id

    @workflow.update(description="Report the payer's deposit with the proof of its source chain.")
    async def report_deposit(self, report: DepositReport) -> Standing:
        """Add a deposit report and wait until it is applied."""
        self._inbox.add_report(report)
        await workflow.wait_condition(lambda: self._inbox.empty or self._state.phase is Phase.CLOSED)
        return standing_of(self._state)

    @report_deposit.validator
    def _may_report(self, report: DepositReport) -> None:
        check_report(self._order, self._state, report)

    @workflow.update(description="Read the order at Orchestra now.")
    async def refresh(self, request: RequestedBy | None = None) -> Standing:
        """Request a read and wait until its result is applied."""
        self._inbox.add_request(REFRESH, request)
        before = self._monitor.reads_answered
        self._inbox.read_requested = True
        await workflow.wait_condition(
            lambda: self._monitor.reads_answered > before or self._state.phase is Phase.CLOSED
        )
        return standing_of(self._state)

    @refresh.validator
    def _may_refresh(self, request: RequestedBy | None = None) -> None:
        check_refresh(self._state)

    @workflow.update(description="Cancel the order while no deposit is known.")
    async def cancel(self, request: RequestedBy | None = None) -> Standing:
        """Request a cancel and wait until the order is closed; refuse it if a deposit came first."""
        self._inbox.add_request(CANCEL, request)
        self._inbox.cancel_requested = True
        await workflow.wait_condition(lambda: not self._inbox.cancel_requested)
        if self._state.phase is not Phase.CLOSED:
            check_cancel(self._state)
            raise ApplicationError("the order was not cancelled; cancel it again", type=NOT_CANCELLED)
        return standing_of(self._state)

    @cancel.validator
    def _may_cancel(self, request: RequestedBy | None = None) -> None:
        check_cancel(self._state)

    @workflow.update(description="Answer the pending ZeroConf offer.")
    async def decide_zeroconf(self, decision: BusinessDecision) -> Standing:
        """Add the business's decision and wait until it is forwarded to the approval workflow."""
        self._inbox.decisions.append(decision)
        self._inbox.add_act(DECIDE_ZEROCONF, decision.by, decision.reason)
        await workflow.wait_condition(lambda: not self._inbox.decisions or self._state.phase is Phase.CLOSED)
        return standing_of(self._state)

    @decide_zeroconf.validator
    def _may_decide(self, decision: BusinessDecision) -> None:
        check_decision(self._state, decision, pending=self._zeroconf.running)

    @workflow.update(description="Answer the pending repricing.")
    async def decide_reprice(self, decision: RepriceDecision) -> Standing:
        """Add the business's decision (approve, reject or refund) and wait until it is on its way to Orchestra."""
        self._inbox.reprice_decisions.append(decision)
        self._inbox.add_act(DECIDE_REPRICE, decision.by, decision.reason)
        await workflow.wait_condition(lambda: not self._inbox.reprice_decisions or self._state.phase is Phase.CLOSED)
        return standing_of(self._state)

    @decide_reprice.validator
    def _may_decide_reprice(self, decision: RepriceDecision) -> None:
        check_reprice_decision(self._order, self._state, decision, answering=self._reprice.answering)

    @workflow.query(description="The order as it stands.")
    def snapshot(self) -> Snapshot:
        """Return everything known about the order, with its current wait, who owes it, and until when."""
        return snapshot_of(self._order, self._state)
