"""The workflow of one claim: claims an affiliate's balance once, and follows its payout to the end.

A claim has no body, so nothing in it says which fees it takes; what makes it one claim is its idempotency key and the
list of claims. Before anything is claimed, the claims that there are are noted. A call whose answer was lost is
repeated under its key, and before that, the list is searched for a claim that was not noted: so it is found even if
Orchestra no longer knows the key.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import ApplicationError

from baton.affiliates.attention import ANSWER_PATIENCE, PAYOUT_PATIENCE, claim_unanswered, payout_overdue
from baton.affiliates.details import claim_details
from baton.affiliates.messages import (
    ClaimAnswer,
    ClaimBalance,
    ClaimOutcome,
    ClaimPhase,
    ClaimRequest,
    ClaimView,
    FollowClaim,
    KnownClaims,
    OfAffiliate,
)
from baton.affiliates.names import CLAIM_STANDING, MAKE_CLAIM, claim_step
from baton.orchestra.affiliate_models import AffiliateClaim
from baton.orchestra.bounds import MAX_STATUS
from baton.orchestra.rules.affiliates import COMPLETED, has_ended
from baton.orders.messages import Cadence, Refusal
from baton.orders.models import Attention
from baton.orders.names import idempotency_key
from baton.orders.visibility import ATTENTION, OUTCOME, PHASE, STATUS, reasons_update
from workflows.support import affiliate_calls

T = TypeVar("T")
LateWords = Callable[[datetime], Attention]

POLLS = Cadence(first=timedelta(seconds=2), longest=timedelta(minutes=10), factor=2)
"""Pauses between the polls of a payout."""

PASSING = Cadence(first=timedelta(seconds=2), longest=timedelta(minutes=5), factor=3)
"""Pauses before a claim that was refused for a passing reason is made again, under the next key."""

MAX_GENERATIONS = 10
"""How many keys a claim tries."""

CLAIM_CONFLICT = "claim_conflict"


@workflow.defn
class ClaimWorkflow:
    """One claim; its id is `claim/{account}/{affiliate}`, so that an affiliate has one open claim at most."""

    @workflow.init
    def __init__(self, request: ClaimRequest) -> None:
        self._request = request
        info = workflow.info()
        self._view = ClaimView(
            account=request.account,
            affiliate_id=request.affiliate_id,
            workflow_id=info.workflow_id,
            opened_at=workflow.now(),
        )
        self._step = claim_step(info.first_execution_run_id)
        self._is_reset = info.run_id != info.first_execution_run_id

    @workflow.run
    async def run(self, request: ClaimRequest) -> ClaimView:
        """Claim the balance and follow its payout; fails if Orchestra refuses the claim."""
        known = await self._known_claims()
        answer = await self._claim(known) if isinstance(known, KnownClaims) else known
        if isinstance(answer, Refusal):
            return await self._refuse(answer)
        self._view.claim, self._view.found = answer.claim, answer.found
        await self._follow(answer.claim)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._view

    @workflow.update(name=MAKE_CLAIM, description="Wait until Orchestra has made the claim or refused it.")
    async def make_claim(self, request: ClaimRequest) -> ClaimView:
        """Return the claim once Orchestra has answered; joins a claim that is under way."""
        await workflow.wait_condition(lambda: self._view.is_answered)
        return self._view

    @make_claim.validator
    def _check_ledger(self, request: ClaimRequest) -> None:
        if request.ledger not in (None, self._request.ledger):
            message = f"a claim of another balance is under way: {self._request.ledger or 'the one Orchestra chooses'}"
            raise ApplicationError(f"{message}; wait for its end", type=CLAIM_CONFLICT)

    @workflow.query(name=CLAIM_STANDING, description="Where the claim stands.")
    def standing(self) -> ClaimView:
        """Return where the claim stands."""
        return self._view

    async def _known_claims(self) -> KnownClaims | Refusal:
        if self._request.known is not None:
            return self._request.known
        named = OfAffiliate(account=self._request.account, affiliate_id=self._request.affiliate_id)
        return await self._patiently(affiliate_calls.known_claims(named), ANSWER_PATIENCE, claim_unanswered)

    async def _claim(self, known: KnownClaims) -> ClaimAnswer | Refusal:
        """Claim under one key after the other, as long as Orchestra's refusals are passing ones."""
        generation = 1
        while True:
            call = self._call(known, generation)
            made = affiliate_calls.claim_balance(call, generation)
            answer = await self._patiently(made, ANSWER_PATIENCE, claim_unanswered)
            if isinstance(answer, ClaimAnswer) or not answer.ask_anew or generation == MAX_GENERATIONS:
                return answer
            await workflow.sleep(PASSING.pause(generation), summary=f"{answer.code}: claim again under the next key")
            generation += 1

    def _call(self, known: KnownClaims, generation: int) -> ClaimBalance:
        return ClaimBalance(
            account=self._request.account,
            affiliate_id=self._request.affiliate_id,
            ledger=self._request.ledger,
            key=idempotency_key(self._view.workflow_id, self._step, generation),
            known=known,
            check_first=generation > 1 or self._request.known is not None or self._is_reset,
        )

    async def _follow(self, claim: AffiliateClaim) -> None:
        """Poll the claim until its payout has ended."""
        self._view.phase = ClaimPhase.PAYING
        self._list()
        while not has_ended(claim):
            call = FollowClaim(
                account=self._request.account, affiliate_id=self._request.affiliate_id, known=claim, cadence=POLLS
            )
            self._show("the payout, from Orchestra", workflow.now() + PAYOUT_PATIENCE)
            claim = await self._patiently(affiliate_calls.follow_claim(call), PAYOUT_PATIENCE, payout_overdue)
            self._view.claim = claim
        self._close(ClaimOutcome.COMPLETED if claim.status == COMPLETED else ClaimOutcome.FAILED)

    async def _refuse(self, refusal: Refusal) -> ClaimView:
        """Close as refused: a failed workflow, so that it is seen; the next claim may come at once."""
        self._view.refusal = refusal
        self._close(ClaimOutcome.REFUSED)
        await workflow.wait_condition(workflow.all_handlers_finished)
        raise ApplicationError(refusal.message, refusal, type=refusal.code, non_retryable=True)

    async def _patiently(self, call: Coroutine[Any, Any, T], patience: timedelta, late: LateWords) -> T:
        """Await a call however long it takes; from the patience's end on, a person is asked to look."""
        calling = asyncio.create_task(call)
        try:
            await workflow.wait_condition(calling.done, timeout=patience)
        except TimeoutError:
            self._attend(late(workflow.now()))
            await calling
            self._attend(None)
        return calling.result()

    def _attend(self, attention: Attention | None) -> None:
        self._view.attention = attention
        reasons = [] if attention is None else [attention.reason]
        workflow.upsert_search_attributes([ATTENTION.value_set(bool(reasons)), reasons_update(reasons)])
        self._show("an operator and Orchestra" if attention else "Orchestra", None)

    def _close(self, outcome: ClaimOutcome) -> None:
        self._view.phase, self._view.outcome = ClaimPhase.CLOSED, outcome
        self._list()
        self._show(None, None)

    def _list(self) -> None:
        """Write the search attributes."""
        claim, outcome = self._view.claim, self._view.outcome
        updates: list[SearchAttributeUpdate[Any]] = [PHASE.value_set(self._view.phase.value)]
        if claim is not None and claim.status:
            updates.append(STATUS.value_set(claim.status[:MAX_STATUS]))
        if outcome is not None:
            updates.append(OUTCOME.value_set(outcome.value))
        workflow.upsert_search_attributes(updates)

    def _show(self, waits: str | None, until: datetime | None) -> None:
        """Show people in the Temporal UI where the claim stands."""
        workflow.set_current_details(claim_details(self._view, waits, until))
