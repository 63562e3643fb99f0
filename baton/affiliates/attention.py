"""Why a person must look at a claim, in words. Pure. The claim waits on meanwhile."""

from datetime import datetime, timedelta

from baton.orders.models import Attention

CLAIM_UNANSWERED = "claim_unanswered"
PAYOUT_OVERDUE = "payout_overdue"

ANSWER_PATIENCE = timedelta(minutes=10)
"""How long a call about a claim is repeated before a person is asked to look; it is repeated without end after that."""

PAYOUT_PATIENCE = timedelta(hours=24)
"""How long the payout of a claim may stay as it is before a person is asked to look."""


def claim_unanswered(now: datetime) -> Attention:
    """Return the attention for a claim that Orchestra neither makes nor refuses."""
    return Attention(
        reason=CLAIM_UNANSWERED,
        message="Orchestra has neither made the claim nor refused it; the call is repeated under the same key",
        since=now,
        remedy="see the pending activity's last error, and the worker's settings of this account",
    )


def payout_overdue(now: datetime) -> Attention:
    """Return the attention for a payout that does not move."""
    return Attention(
        reason=PAYOUT_OVERDUE,
        message="the payout of the claim does not move; Baton goes on polling it",
        since=now,
        remedy="ask Orchestra about the claim by its id",
    )
