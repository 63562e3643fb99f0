"""The order workflow: one order, from quote to its end, for as long as that takes.

Handlers only append to the inbox; `run` decides. Each phase is one coroutine that does what is due and says which phase
comes next. Everything a phase needs stands in `OrderState`, so a run can continue as a new one between any two steps.
"""

import asyncio
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from baton.orchestra.lifecycle import is_hard_end, known
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.models import Attention, Outcome, Phase, Reason, Resolution
from baton.orders.observation import OrderView
from baton.orders.place_order import ADOPTED, PlaceOrder, first_phase
from baton.orders.reports import BusinessDecision, RepriceDecision
from baton.orders.rules.deadlines import DeadlineAction, may_order_anew
from baton.orders.rules.intake import CANCEL_REFUSED
from baton.orders.rules.updates import (
    check_cancel,
    check_decision,
    check_refresh,
    check_report,
    check_reprice_decision,
    check_resolution,
    check_same_order,
)
from baton.orders.rules.wait_plans import MAX_QUOTE_GENERATIONS, RESUBMIT_PAUSES
from baton.orders.snapshot import placement_of, result_of, snapshot_of, standing_of
from baton.orders.state import DepositReport, OrderState
from workflows.steps.quote import Quoting
from workflows.steps.refund import Refunding
from workflows.steps.reprice import Repricing
from workflows.steps.submit import Submitting
from workflows.steps.zeroconf import Approving
from workflows.support.monitor import OrderMonitor


@workflow.defn
class OrderWorkflow:
    """One order of one partner account; its id is `order/{account}/{reference}`."""

    @workflow.init
    def __init__(self, order: PlaceOrder) -> None:
        now = workflow.now()
        self._order = order
        self._state = order.state or OrderState(phase=first_phase(order), opened_at=now, heard_at=now)
        self._monitor = OrderMonitor(order, self._state)
        self._refunding = Refunding(order)
        self._approving = Approving(order, self._monitor.inbox.add_approval)
        self._repricing = Repricing(order, self._state, self._monitor.inbox.add_reprice)
        self._quoting = Quoting(order, self._state, self._monitor)
        self._submitting = Submitting(order, self._state, self._monitor)

    @workflow.run
    async def run(self, order: PlaceOrder) -> OrderResult:
        """Live through the phases until the order is closed."""
        steps = {
            Phase.QUOTING: self._obtain_quote,
            Phase.AWAITING_DEPOSIT: self._await_deposit,
            Phase.SUBMITTING: self._submit_deposit,
            Phase.TRACKING: self._track,
        }
        while self._state.phase is not Phase.CLOSED:
            try:
                await steps[self._state.phase]()
            except asyncio.CancelledError:
                self._weigh_cancellation()
            self._close_by_hand()
            await self._continue_as_new_if_long()
        await self._monitor.settle()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result_of(self._state)

    # -- what the outside may say and ask

    @workflow.update(description="Place the order, or learn again where to deposit.")
    async def place(self, order: PlaceOrder) -> Placement:
        """Return where to deposit as soon as there is a quote, or why there is none."""
        await workflow.wait_condition(lambda: self._state.placed)
        return placement_of(self._order, self._state)

    @place.validator
    def _may_place(self, order: PlaceOrder) -> None:
        check_same_order(self._order, order)

    @workflow.signal(description="Observations of the order: one envelope or a list of them.")
    def observe(self, envelopes: Any) -> None:
        """Take in what a webhook or a watcher saw; never refuses anything."""
        self._monitor.inbox.add_envelopes(envelopes)

    @workflow.signal(description="Deposits that the chain shows: one notice or a list of them.")
    def notice_deposit(self, notices: Any) -> None:
        """Take in what the chain's watcher saw; never refuses anything."""
        self._monitor.inbox.add_notices(notices)

    @workflow.signal(description="A child of the order says that a person must look.")
    def attend(self, attention: Attention) -> None:
        """Take in what the refund's or the approval's own workflow raises."""
        self._monitor.inbox.add_attention(attention)

    @workflow.signal(description="The order is followed by another workflow, which placed it.")
    def step_aside(self, workflow_id: str) -> None:
        """Leave an adopted order to its own workflow."""
        if self._order.kind == ADOPTED:
            self._monitor.inbox.followed_by = workflow_id

    @workflow.update(description="Report the payer's deposit with the proof of its source chain.")
    async def report_deposit(self, report: DepositReport) -> Standing:
        """Take in a deposit; answers as soon as it counts."""
        self._monitor.inbox.add_report(report)
        await workflow.wait_condition(lambda: self._monitor.inbox.empty or self._state.phase is Phase.CLOSED)
        return standing_of(self._state)

    @report_deposit.validator
    def _may_report(self, report: DepositReport) -> None:
        check_report(self._order, self._state, report)

    @workflow.update(description="Read the order at Orchestra now.")
    async def refresh(self) -> Standing:
        """Force a read and answer when it is taken in."""
        awaited = self._monitor.reads_answered + 1
        self._monitor.inbox.read_wanted = True
        await workflow.wait_condition(
            lambda: self._monitor.reads_answered >= awaited or self._state.phase is Phase.CLOSED
        )
        return standing_of(self._state)

    @refresh.validator
    def _may_refresh(self) -> None:
        check_refresh(self._state)

    @workflow.update(description="Cancel the order while no deposit is known.")
    async def cancel(self) -> Standing:
        """Close the order; answers when it is closed, or when a deposit came first."""
        self._monitor.inbox.cancel_requested = True
        await workflow.wait_condition(lambda: not self._monitor.inbox.cancel_requested)
        return standing_of(self._state)

    @cancel.validator
    def _may_cancel(self) -> None:
        check_cancel(self._state)

    @workflow.update(description="Answer the pending ZeroConf offer.")
    async def decide_zeroconf(self, decision: BusinessDecision) -> Standing:
        """Hand the business's answer to the approval's own workflow."""
        self._monitor.inbox.decisions.append(decision)
        await workflow.wait_condition(lambda: not self._monitor.inbox.decisions or self._state.phase is Phase.CLOSED)
        return standing_of(self._state)

    @decide_zeroconf.validator
    def _may_decide(self, decision: BusinessDecision) -> None:
        check_decision(self._state, pending=self._approving.running)

    @workflow.update(description="Answer the pending repricing.")
    async def decide_reprice(self, decision: RepriceDecision) -> Standing:
        """Approve, reject or refund; answers when the answer is on its way to Orchestra."""
        self._monitor.inbox.reprice_decisions.append(decision)
        await workflow.wait_condition(
            lambda: not self._monitor.inbox.reprice_decisions or self._state.phase is Phase.CLOSED
        )
        return standing_of(self._state)

    @decide_reprice.validator
    def _may_decide_reprice(self, decision: RepriceDecision) -> None:
        check_reprice_decision(self._order, self._state, decision, answering=self._repricing.answering)

    @workflow.update(description="Say that an operator has dealt with the attention; may close the order by hand.")
    async def resolve(self, resolution: Resolution) -> Standing:
        """Take the attention away, and close the order where the operator says how it ended."""
        self._monitor.inbox.add_resolution(resolution)
        await workflow.wait_condition(lambda: self._monitor.inbox.empty or self._state.phase is Phase.CLOSED)
        return standing_of(self._state)

    @resolve.validator
    def _may_resolve(self, resolution: Resolution) -> None:
        check_resolution(self._state, resolution)

    @workflow.query(description="The whole truth about the order.")
    def snapshot(self) -> Snapshot:
        """Return phase, status, what is waited for, from whom, until when, and all that is known."""
        return snapshot_of(self._order, self._state)

    # -- quoting

    async def _obtain_quote(self) -> None:
        while self._state.phase is Phase.QUOTING:
            refusal = await self._quoting.ask()
            if self._state.view.order_id:
                self._enter(Phase.TRACKING)
            elif refusal is None:
                self._enter(Phase.AWAITING_DEPOSIT)
            elif not refusal.ask_anew or self._state.quote_generation > MAX_QUOTE_GENERATIONS:
                self._close(Outcome.FAILED, Reason(code=refusal.code, message=refusal.message))
            else:
                await workflow.sleep(RESUBMIT_PAUSES[1], summary="before asking for a quote anew")

    # -- awaiting the deposit

    async def _await_deposit(self) -> None:
        passed = None if self._state.deposit else await self._monitor.wait_for_event()
        if self._state.view.order_id:
            self._enter(Phase.TRACKING)
        elif self._state.deposit:
            self._state.submit_started_at = workflow.now()
            self._enter(Phase.SUBMITTING)
        elif self._monitor.inbox.cancel_requested:
            self._close(Outcome.CANCELLED, Reason(code="cancelled", message="cancelled by the business"))
        elif passed is DeadlineAction.REQUOTE:
            await self._requote()
        elif passed is DeadlineAction.EXPIRE:
            await self._expire()

    async def _requote(self) -> None:
        """Ask for a new quote; the old addresses stay honoured."""
        if refusal := await self._quoting.anew():
            workflow.logger.warning("no new quote, the old address stays: %s", refusal.code)

    async def _expire(self) -> None:
        if await self._monitor.final_check() and not self._state.money_is_coming:
            message = "no deposit was seen before the deadline"
            self._close(Outcome.EXPIRED, Reason(code="no_deposit", message=message))

    # -- submitting the deposit

    async def _submit_deposit(self) -> None:
        """Submit until Orchestra has the order, by our submit or by its own eyes."""
        refusal = await self._submitting.once()
        if self._state.view.order_id:
            self._enter(Phase.TRACKING)
        elif refusal and (refusal.ask_anew or refusal.unauthorized):
            await self._submitting.pause(refusal)
        elif refusal:
            self._submitting.hold(refusal)
            self._enter(Phase.AWAITING_DEPOSIT)
            self._monitor.absorb()  # the chain may show a deposit that the refused report stood in the way of

    # -- tracking the order

    async def _track(self) -> None:
        status = self._state.view.status
        if is_hard_end(status):
            await self._refunding.end(self._state.view.record)
            if may_order_anew(self._order, self._state):
                self._order_anew()
            else:
                self._close_at_end()
            return
        await self._keep_children_informed()
        passed = await self._monitor.wait_for_event()
        if followed_by := self._monitor.inbox.followed_by:
            self._close(Outcome.SUPERSEDED, Reason(code="followed_elsewhere", message=f"followed by {followed_by}"))
        elif passed is DeadlineAction.CLOSE_UNFULFILLED and await self._monitor.final_check():
            self._close_unless_resumed(status)

    async def _keep_children_informed(self) -> None:
        record, inbox = self._state.view.record, self._monitor.inbox
        await self._refunding.follow(record)
        await self._approving.follow(record)
        self._repricing.follow(record)
        while inbox.decisions:
            await self._approving.decide(inbox.decisions.pop(0))
        while inbox.reprice_decisions:
            self._repricing.decide(record, inbox.reprice_decisions.pop(0))

    def _close_unless_resumed(self, status: str | None) -> None:
        if self._state.view.status == status:
            self._close(Outcome.UNFULFILLED, self._error())

    def _order_anew(self) -> None:
        """Ask for another onramp order in place of the one whose invoice ran out."""
        assert self._state.view.record is not None
        self._state.superseded.append(self._state.view.record.id)
        self._state.view = OrderView(anomalies=self._state.view.anomalies)
        self._state.status_since = None
        self._enter(Phase.QUOTING)

    def _close_at_end(self) -> None:
        end = known(self._state.view.status or "")
        assert end is not None
        self._close(Outcome(end.value), self._error())

    def _error(self) -> Reason | None:
        record = self._state.view.record
        if record is None or not (record.error_code or record.error_message):
            return None
        return Reason(code=record.error_code or "unknown", message=record.error_message or "")

    # -- changing

    def _enter(self, phase: Phase) -> None:
        self._state.phase = phase
        self._state.reminders = 0
        self._monitor.inbox.cancel_requested = False
        self._monitor.heard()
        if phase is Phase.TRACKING:
            self._state.reason = None
            self._state.status_since = self._state.status_since or workflow.now()

    def _close(self, outcome: Outcome, reason: Reason | None) -> None:
        self._state.outcome, self._state.reason = outcome, reason
        self._state.closed_at = workflow.now()
        self._enter(Phase.CLOSED)

    def _close_by_hand(self) -> None:
        """End the order as an operator said that it ended."""
        if self._state.close_as and self._state.phase is not Phase.CLOSED:
            note = self._state.resolutions[-1].note
            self._close(self._state.close_as, Reason(code="resolved_by_operator", message=note))

    def _weigh_cancellation(self) -> None:
        """Honour a cancellation from the Temporal UI like the `cancel` update: never once money may be under way."""
        try:
            check_cancel(self._state)
        except ApplicationError as refusal:
            message = f"Temporal was asked to cancel the order: {refusal.message}"
            self._state.attention = Attention(reason=CANCEL_REFUSED, message=message, since=workflow.now())
            self._monitor.heard()
        else:
            self._close(Outcome.CANCELLED, Reason(code="cancelled", message="cancelled through Temporal"))

    async def _continue_as_new_if_long(self) -> None:
        if self._state.phase is Phase.CLOSED or not workflow.info().is_continue_as_new_suggested():
            return
        await workflow.wait_condition(lambda: True)  # handlers that have their answer finish in this very turn
        children = self._refunding.running or self._approving.running or self._repricing.running
        if workflow.all_handlers_finished() and self._monitor.idle and not children:
            self._monitor.stop()
            workflow.continue_as_new(self._order.model_copy(update={"state": self._state}))
