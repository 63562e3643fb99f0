"""The submit step: sends a deposit's proof to Orchestra.

A generation is one activity. The first one ends with whatever Orchestra says. After a temporary refusal the next one
repeats that same refusal by itself, under keys of its own, and ends with another answer: so waiting costs no history.
News is applied meanwhile: another source may report the order before the submit is answered.
"""

import asyncio
from typing import Any

from temporalio import workflow

from baton.holds.models import CallHeld, HeldCalls
from baton.orchestra.proofs import is_same_deposit
from baton.orders.known_deposits import KnownDeposit, is_alone
from baton.orders.messages import Refusal, Submission, SubmitDeposit
from baton.orders.models import STAY, NextStep, Phase, Reason, enter
from baton.orders.names import idempotency_key
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.attention import AttentionReason, raise_attention
from baton.orders.rules.deadlines import DeadlineAction
from baton.orders.rules.deposits import accept, begin_submit, note_refusal, set_aside
from baton.orders.rules.holds import end_hold, note_held
from baton.orders.rules.wait_plans import pause_before_submit, resubmit_of
from baton.orders.seen_deposits import SeenDeposit
from baton.orders.state import OrderState
from baton.orders.summaries import route_of
from workflows.support import activity_calls
from workflows.support.inbox import Inbox
from workflows.support.monitor import OrderMonitor


class SubmitStep:
    """Submits the order's deposits, one at a time."""

    def __init__(self, order: PlaceOrder, state: OrderState, inbox: Inbox, monitor: OrderMonitor) -> None:
        self._order = order
        self._state = state
        self._inbox = inbox
        self._monitor = monitor

    async def run(self) -> NextStep:
        """Submit the deposit whose turn it is under the current generation's key, and track the order once it exists.

        After a temporary refusal the next generation follows; a deposit that Orchestra does not find gives way to
        better evidence. After a final refusal the order waits for another deposit.
        """
        known = self._state.deposit
        if known is None:
            return enter(Phase.AWAITING_DEPOSIT)
        refusal = await self._submit(known)
        if self._state.held is not None:
            await self._wait_behind_hold(known)
        if self._state.view.order_id:
            return enter(Phase.TRACKING)
        if refusal is None:
            return STAY
        if refusal.ask_anew or refusal.unauthorized:
            await self._pause(known, refusal)
            return STAY
        self._refuse(known, refusal)
        return enter(Phase.AWAITING_DEPOSIT)

    async def _submit(self, known: KnownDeposit) -> Refusal | None:
        """Return Orchestra's refusal; None if the order exists, a better deposit came, or an operator closed it."""
        begin_submit(known)
        facts = known.facts
        generation = self._state.submit_generation
        call, local = self._call(known, generation), self._order.calls_locally
        submitting = asyncio.create_task(
            activity_calls.submit_deposit(call, generation, self._seen(known), local=local)
        )
        quietly = generation == 1
        while not submitting.done() and not self._settled:
            await self._monitor.wait_for_event(or_done=submitting, quietly=quietly)
            quietly = False
            outdated = self._is_outdated(known, facts)
            if outdated or (self._history_is_long and workflow.patched("a-submit-continues-as-new")):
                submitting.cancel()  # a call that has left is still answered
        if not submitting.done():
            submitting.cancel()
            self._state.next_submit()  # it may have used more keys of its generation
            return None
        if submitting.cancelled():
            self._state.next_submit()
            return None
        return self._apply(known, submitting.result())

    def _is_outdated(self, known: KnownDeposit, facts: tuple[Any, ...]) -> bool:
        """Whether another deposit comes first, or this one was refused and what is known of it has changed."""
        if self._state.deposit is not known:
            return True
        return bool(known.refusals) and known.facts != facts and workflow.patched("new-facts-submit-again")

    @property
    def _history_is_long(self) -> bool:
        """Whether to continue as new now; the next run submits the deposit again."""
        return workflow.info().is_continue_as_new_suggested() and self._monitor.idle

    @property
    def _settled(self) -> bool:
        """Whether nothing is left to submit: the order exists, or an operator closed it by hand."""
        return bool(self._state.view.order_id or self._state.close_as)

    def _call(self, known: KnownDeposit, generation: int) -> SubmitDeposit:
        assert known.quote_id is not None
        workflow_id = workflow.info().workflow_id
        return SubmitDeposit(
            account=self._order.account,
            workflow_id=workflow_id,
            key=idempotency_key(workflow_id, "submit", generation),
            quote_id=known.quote_id,
            proof=known.proof,
            resubmit=resubmit_of(known, alone=is_alone(self._state.deposits, known)),
            route=route_of(self._order),
            behind=self._state.held.hold_id if self._state.held else None,
            released=self._inbox.releases,
            refused=self._state.submits_refused,
        )

    def _seen(self, known: KnownDeposit) -> SeenDeposit | None:
        """Return the deposit as its chain shows it; None where it does not."""
        return next((seen for seen in self._state.sightings if is_same_deposit(known.proof, seen.proof)), None)

    def _apply(self, known: KnownDeposit, answer: Submission | CallHeld | Refusal) -> Refusal | None:
        if isinstance(answer, CallHeld):
            note_held(self._state, answer, workflow.now())
            self._monitor.mark_dirty()
            return None
        end_hold(self._state, HeldCalls.SUBMITS)
        if isinstance(answer, Refusal):
            return answer
        accept(known)
        self._state.streams = answer.streams
        self._inbox.read_requested = self._inbox.read_requested or answer.taken_over
        self._inbox.add_observation(answer)
        self._monitor.apply_inbox()
        return None

    async def _wait_behind_hold(self, known: KnownDeposit) -> None:
        """Wait until the hold that stopped the submit is released, or it is time to look whether it still stands.

        Another source may report the order meanwhile, or a better deposit. No key is used up, so the next submit has
        the same one; and its patience begins then.
        """
        facts, action = known.facts, None
        while self._state.held is not None and not self._settled and action is not DeadlineAction.SUBMIT_AGAIN:
            action = await self._monitor.wait_for_event()
            if self._is_outdated(known, facts) or self._history_is_long:
                break
        self._state.submit_started_at, self._state.reminders = workflow.now(), 0

    async def _pause(self, known: KnownDeposit, refusal: Refusal) -> None:
        """Wait before the next generation, or until another source reports the order or a better deposit.

        A history that becomes long ends the pause, and the next run submits the deposit again.
        """
        self._note_access(refusal)
        self._state.next_submit()
        self._state.reason = reason = Reason(code=refusal.code, message=refusal.message)
        note_refusal(known, reason, access_refused=refusal.unauthorized)
        pausing = asyncio.create_task(
            workflow.sleep(pause_before_submit(known), summary=f"after {refusal.code}, before the next generation")
        )
        facts = known.facts
        while not pausing.done() and not self._settled and not self._is_outdated(known, facts):
            await self._monitor.wait_for_event(or_done=pausing)
            if self._history_is_long and workflow.patched("a-pause-continues-as-new"):
                break
        pausing.cancel()

    def _note_access(self, refusal: Refusal) -> None:
        if refusal.unauthorized:
            message = f"Orchestra refuses our submit, {refusal.code}: {refusal.message}"
            raise_attention(self._state, AttentionReason.PARTNER_ACCESS, message, workflow.now())
            self._monitor.reset_silence()

    def _refuse(self, known: KnownDeposit, refusal: Refusal) -> None:
        """Set aside a deposit that Orchestra refused for good, and ask a person for a correct report."""
        set_aside(known, Reason(code=refusal.code, message=refusal.message))
        self._state.next_submit()
        raise_attention(self._state, refusal.code, refusal.message, workflow.now())
