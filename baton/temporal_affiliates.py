"""Affiliates as Temporal runs them: calls to Orchestra as activities of their own, and claims as workflows.

Each failure becomes one of Baton's errors. `BatonClient` loads this module with its first connection.
"""

import uuid
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio.client import ActivityFailureError, Client, WithStartWorkflowOperation
from temporalio.common import RetryPolicy, WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.exceptions import TimeoutError as ActivityTimeout

from baton.affiliates.messages import (
    AccountCall,
    AffiliateList,
    AffiliateReport,
    ClaimList,
    ClaimRequest,
    ClaimView,
    DisableAffiliate,
    ListAffiliates,
    OfAffiliate,
    PutAffiliate,
    ReportOn,
)
from baton.affiliates.names import (
    AFFILIATE_REPORT,
    CLAIM_WORKFLOW,
    DISABLE_AFFILIATE,
    LIST_AFFILIATES,
    LIST_CLAIMS,
    MAKE_CLAIM,
    PUT_AFFILIATE,
)
from baton.affiliates.start import claim_options
from baton.errors import AffiliateRefused, BatonError, OrderRefused, Unreachable
from baton.failures import no_worker
from baton.orchestra.affiliate_models import Affiliate
from baton.orders.messages import Refusal
from baton.orders.names import partner_queue, poll_queue
from baton.ownership.order_start import consume_start
from baton.temporal_calls import TemporalCalls

A = TypeVar("A", bound=BaseModel)

HEARTBEAT = timedelta(seconds=10)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10))

_REMEDIES = {
    "invalid_payout_destination": "choose a chain and an asset that Orchestra pays out to",
    "invalid_address": "correct the payout address",
    "not_found": "check the affiliate's id and the account, or list the affiliates",
    "amount_too_small": "wait until the balance is at least $1",
    "claim_conflict": "wait for the end of that claim",
}
_REMEDY = "see the code and the message, which are Orchestra's own"


class TemporalAffiliates:
    """The affiliates of one Temporal namespace.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta) -> None:
        self._temporal = temporal
        self._patience = patience
        self._calls = TemporalCalls(temporal, patience)

    async def put(self, call: PutAffiliate) -> Affiliate:
        """Register an affiliate, or change it."""
        return await self._answer(PUT_AFFILIATE, call, partner_queue(call.account), Affiliate)

    async def disable(self, call: DisableAffiliate) -> None:
        """Disable an affiliate."""
        await self._run(DISABLE_AFFILIATE, call, partner_queue(call.account), None)

    async def affiliates(self, call: ListAffiliates) -> AffiliateList:
        """Return the affiliates of an account."""
        return await self._answer(LIST_AFFILIATES, call, poll_queue(call.account), AffiliateList)

    async def claims(self, call: OfAffiliate) -> ClaimList:
        """Return the claims of an affiliate."""
        return await self._answer(LIST_CLAIMS, call, poll_queue(call.account), ClaimList)

    async def report(self, call: ReportOn) -> AffiliateReport:
        """Return what affiliates earned, held against their claims."""
        return await self._answer(AFFILIATE_REPORT, call, poll_queue(call.account), AffiliateReport)

    async def claim(self, request: ClaimRequest) -> ClaimView:
        """Claim a balance, or join the claim that is under way; return once Orchestra has made it.

        Raises:
            AffiliateRefused: Orchestra does not take the claim, or a claim of another balance is under way.
            Unreachable: No answer in time; the claim is under way, and claiming again joins it.
        """
        try:
            view = await self._calls.answer(self._claim(request), request.account)
        except OrderRefused as refusal:
            raise _refused(refusal.code, refusal.message) from None
        if view.refusal is not None:
            raise _refused(view.refusal.code, view.refusal.message)
        return view

    async def _claim(self, request: ClaimRequest) -> ClaimView:
        start: WithStartWorkflowOperation[Any, ClaimView] = WithStartWorkflowOperation(
            CLAIM_WORKFLOW,
            request,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            result_type=ClaimView,
            **claim_options(request),
        )
        try:
            view: ClaimView = await self._temporal.execute_update_with_start_workflow(
                MAKE_CLAIM, request, result_type=ClaimView, start_workflow_operation=start
            )
        except BaseException:
            await consume_start(start)
            raise
        return view

    async def _answer(self, name: str, call: AccountCall, queue: str, answer: type[A]) -> A:
        answered: A = await self._run(name, call, queue, answer)
        return answered

    async def _run(self, name: str, call: AccountCall, queue: str, answer: type[BaseModel] | None) -> Any:
        """Run one activity without a workflow, and return its answer.

        Raises:
            AffiliateRefused: Orchestra refuses it.
            Unreachable: No answer in time.
        """
        running = self._temporal.execute_activity(
            name,
            call,
            id=f"{name}/{call.account}/{uuid.uuid4().hex}",
            task_queue=queue,
            result_type=answer,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_close_timeout=self._patience,
            retry_policy=_RETRY,
            summary=name.replace("_", " "),
        )
        try:
            return await self._calls.answer(running, call.account)
        except ActivityFailureError as error:
            raise self._failure(error.cause) from None

    def _failure(self, cause: BaseException | None) -> BatonError:
        """Return the error of an activity that failed: Orchestra's refusal, or what kept it from an answer."""
        if isinstance(cause, ActivityTimeout):
            cause = cause.cause or cause
        if isinstance(cause, ApplicationError) and cause.non_retryable and cause.details:
            refusal = Refusal.model_validate(cause.details[0])
            return _refused(refusal.code, refusal.message)
        if isinstance(cause, ApplicationError):
            message = f"no answer within {self._patience.total_seconds():g} s: {cause.type}: {cause.message}"
            return Unreachable(cause.type or "no_answer", message, "ask again, which is safe")
        return no_worker(self._patience)


def _refused(code: str, message: str) -> AffiliateRefused:
    text, _, remedy = message.partition("; ")
    return AffiliateRefused(code, text, remedy or _REMEDIES.get(code, _REMEDY))
