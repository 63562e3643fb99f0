"""What clients, workflows and activities say to each other about affiliates: one model in, one model out.

These models travel through Temporal, so they only grow: new fields have defaults.
"""

from enum import StrEnum

from pydantic import BaseModel

from baton.encoding.amounts import Amount, Time, TolerantAmount, TolerantTime
from baton.orchestra.affiliate_models import Affiliate, AffiliateClaim, AffiliateTerms
from baton.orchestra.rules.affiliates import SettlementLedger
from baton.orders.messages import Cadence, Refusal
from baton.orders.models import Attention


class AccountCall(BaseModel):
    """A call for one partner account."""

    account: str


class PutAffiliate(AccountCall):
    """Register an affiliate, or change it, under this idempotency key."""

    affiliate_id: str
    terms: AffiliateTerms
    key: str


class DisableAffiliate(AccountCall):
    """Disable an affiliate under this idempotency key."""

    affiliate_id: str
    key: str


class ListAffiliates(AccountCall):
    """List the affiliates of an account."""

    include_disabled: bool = False


class AffiliateList(BaseModel):
    """The affiliates of an account."""

    affiliates: list[Affiliate]


class OfAffiliate(AccountCall):
    """Names an affiliate, for calls that need no more."""

    affiliate_id: str


class ClaimList(BaseModel):
    """The claims of an affiliate."""

    claims: list[AffiliateClaim]


class ReportOn(AccountCall):
    """Report on one affiliate of an account, or on all that Orchestra or the ledger names."""

    affiliate_id: str | None = None


class BalanceLine(BaseModel):
    """What an affiliate earned in one ledger, and what was claimed of it; amounts in smallest units of its asset.

    `chain` and `asset` are None for fees whose order does not say where they settle.
    """

    affiliate_id: str
    chain: str | None = None
    asset: str | None = None
    decimals: int | None = None
    earned: Amount
    """The affiliate's shares of all fees that Baton has seen in orders."""
    fees: int
    """How many fees these are."""
    unknown_fees: int = 0
    """How many further fees were seen whose share the order does not say."""
    claimed: Amount
    """What was claimed, paid out or not; failed claims do not count."""
    paying: Amount
    """The part of it whose payout is under way."""
    claims: int
    difference: int
    """What was claimed, less the fees that were seen until the last claim: 0 if both agree. Above 0, Orchestra paid for
    orders that Baton has not seen; below 0, it left out fees of orders that Baton has seen."""
    balance: Amount
    """The fees seen since the last claim: what the next claim should pay. Orchestra has no call for a balance."""


class AffiliateReport(BaseModel):
    """What affiliates earned, and what was claimed of it; `complete` says whether the ledger has all orders."""

    account: str
    lines: list[BalanceLine]
    complete: bool = True


class KnownClaims(BaseModel):
    """The claims that an affiliate had at one moment, so that a later one is known as new.

    Of more than `MAX_KNOWN`, the older ones are known by the time of the newest; both times are Orchestra's.
    """

    ids: list[str] = []
    newest: TolerantTime = None
    all_named: bool = True


class ClaimRequest(BaseModel):
    """Claim an affiliate's balance: the input of the workflow and of its update.

    `known` is given by a planned claim: the claims on which its plan stands. If another one was made since, nothing is
    claimed again.
    """

    account: str
    affiliate_id: str
    ledger: SettlementLedger | None = None
    """The balance to claim where there are several; None leaves it to Orchestra."""
    known: KnownClaims | None = None


class ClaimBalance(BaseModel):
    """Claim a balance under this idempotency key.

    With `check_first`, and at each further attempt, the list of claims comes first: a claim that is not known was made
    by an attempt whose answer was lost.
    """

    account: str
    affiliate_id: str
    ledger: SettlementLedger | None = None
    key: str
    known: KnownClaims
    check_first: bool = False


class ClaimAnswer(BaseModel):
    """The claim that was made; `found` if it was found in the list, because its own answer was lost."""

    claim: AffiliateClaim
    found: bool = False


class FollowClaim(BaseModel):
    """Poll a claim until its status or its transaction changes, or it has ended."""

    account: str
    affiliate_id: str
    known: AffiliateClaim
    cadence: Cadence


class ClaimPhase(StrEnum):
    """What Baton is doing about a claim."""

    CLAIMING = "claiming"
    PAYING = "paying"
    CLOSED = "closed"


class ClaimOutcome(StrEnum):
    """How a claim ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    """Its payout failed; the balance can be claimed again."""
    REFUSED = "refused"
    """Orchestra did not take it."""


class ClaimView(BaseModel):
    """Where a claim stands: answer of the workflow's update, its query, and its result."""

    account: str
    affiliate_id: str
    workflow_id: str
    phase: ClaimPhase = ClaimPhase.CLAIMING
    outcome: ClaimOutcome | None = None
    claim: AffiliateClaim | None = None
    found: bool = False
    refusal: Refusal | None = None
    attention: Attention | None = None
    opened_at: Time

    @property
    def is_answered(self) -> bool:
        """Whether Orchestra has made the claim or refused it."""
        return self.claim is not None or self.refusal is not None


class PlannedClaim(BaseModel):
    """One balance as a round of planned claims found it, and whether it is claimed; amount in smallest units."""

    affiliate_id: str
    ledger: SettlementLedger
    balance: Amount
    due: bool
    why: str
    several: bool = False
    """The affiliate has balances in several ledgers, so that the claim must name one."""
    known: KnownClaims = KnownClaims()


class ClaimRound(BaseModel):
    """Claim every balance of an account that its settings say is due: the input of a round."""

    account: str


class DueClaims(BaseModel):
    """The balances of an account, with the decision about each."""

    planned: list[PlannedClaim]
    policy: str = ""
    """The settings in words."""


class RoundLine(BaseModel):
    """One balance of a round, and what was done."""

    affiliate_id: str
    ledger: str
    balance: TolerantAmount = None
    done: str


class ClaimRoundResult(BaseModel):
    """What a round of planned claims did."""

    account: str
    lines: list[RoundLine] = []
    refusal: Refusal | None = None
