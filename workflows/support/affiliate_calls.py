"""How the workflows of claims call their activities. The calls themselves are in `activities.affiliates`.

A call without an answer may have taken effect at Orchestra, so it is repeated under its idempotency key until there is
one: only Orchestra's own refusal says that nothing was claimed.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from baton.affiliates.messages import (
    ClaimAnswer,
    ClaimBalance,
    ClaimRound,
    DueClaims,
    FollowClaim,
    KnownClaims,
    OfAffiliate,
)
from baton.affiliates.names import CLAIM_BALANCE, DUE_CLAIMS, FOLLOW_CLAIM, KNOWN_CLAIMS
from baton.orchestra.affiliate_models import AffiliateClaim
from baton.orders.messages import Refusal
from baton.orders.names import partner_queue, poll_queue
from workflows.support.activity_calls import CALL_TIMEOUT, HEARTBEAT, PARTNER_RETRY
from workflows.support.refusals import carried_refusal, has_timed_out

ROUND_TIMEOUT = timedelta(hours=2)
"""Timeout of one attempt to look at the balances of all affiliates, whose calls wait for Orchestra's rate limit."""

ROUND_PATIENCE = timedelta(hours=6)
"""How long a round looks at the balances; the next round looks again."""


async def known_claims(call: OfAffiliate) -> KnownClaims | Refusal:
    """Return the claims that an affiliate has; retries without end."""
    try:
        known: KnownClaims = await workflow.execute_activity(
            KNOWN_CLAIMS,
            call,
            result_type=KnownClaims,
            task_queue=poll_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            summary="list the claims that there are",
        )
        return known
    except ActivityError as error:
        return _refusal(error)


async def claim_balance(call: ClaimBalance, generation: int) -> ClaimAnswer | Refusal:
    """Claim the balance; retries without end."""
    try:
        answer: ClaimAnswer = await workflow.execute_activity(
            CLAIM_BALANCE,
            call,
            result_type=ClaimAnswer,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            summary=f"claim the balance, generation {generation}",
        )
        return answer
    except ActivityError as error:
        return _refusal(error)


async def follow_claim(call: FollowClaim) -> AffiliateClaim:
    """Poll the claim until it moves; an attempt without news costs no history."""
    claim: AffiliateClaim = await workflow.execute_activity(
        FOLLOW_CLAIM,
        call,
        result_type=AffiliateClaim,
        task_queue=poll_queue(call.account),
        start_to_close_timeout=CALL_TIMEOUT,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=PARTNER_RETRY,
        summary="poll until the payout moves",
    )
    return claim


async def due_claims(call: ClaimRound) -> DueClaims | Refusal:
    """Return the balances of an account, and which of them are due; gives up after `ROUND_PATIENCE`."""
    try:
        due: DueClaims = await workflow.execute_activity(
            DUE_CLAIMS,
            call,
            result_type=DueClaims,
            task_queue=poll_queue(call.account),
            start_to_close_timeout=ROUND_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_close_timeout=ROUND_PATIENCE,
            retry_policy=PARTNER_RETRY,
            summary="look at the balances",
        )
        return due
    except ActivityError as error:
        return _refusal(error)


def _refusal(error: ActivityError) -> Refusal:
    """Return the refusal that a failed activity carries, or that of a call that was given up.

    Anything else is a bug: it fails the workflow task, which Temporal retries and shows, and never the claim.
    """
    if refusal := carried_refusal(error):
        return refusal
    if has_timed_out(error):
        return Refusal(code="no_answer", message="no answer within the time planned")
    raise RuntimeError(f"activity {error.activity_type} failed unexpectedly") from error
