"""Rules of affiliates and their claims, before and after the calls. Pure.

Source: the partner API reference, affiliates and fees.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from baton.encoding.addresses import address_objection
from baton.orchestra.affiliate_models import AffiliateClaim, AffiliateTerms
from baton.orchestra.rules.objections import OrderObjection

AFFILIATE_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"
MAX_FEE_BPS = 9_999

LEAST_CLAIM_USD_CENTS = 100
"""The smallest balance that Orchestra pays out, in US cents."""

DOLLARS = frozenset({"USDC", "USDC.e", "USDB", "USDT", "PathUSD", "DAI"})
"""Assets that are worth one US dollar each; fees settle in nothing else."""

COMPLETED, FAILED = "completed", "failed"


class SettlementLedger(NamedTuple):
    """The chain and the asset in which fees accrue: each has a balance of its own."""

    chain: str
    asset: str

    def __str__(self) -> str:
        return f"{self.chain}:{self.asset}"


class ClaimPolicy(BaseModel):
    """When an account's balances are claimed by themselves; without `claim_every`, never."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim_every: timedelta | None = Field(default=None, ge=timedelta(minutes=1), le=timedelta(days=365))
    """How often the balances are looked at, as an ISO 8601 duration such as `P1D`."""
    claim_minimum_usd: Decimal = Field(default=Decimal(25), ge=1, le=10**9, decimal_places=2)
    """The smallest balance that is claimed, in US dollars; Orchestra pays out no less than one."""

    @property
    def minimum_cents(self) -> int:
        """The smallest balance that is claimed, in US cents."""
        return int(self.claim_minimum_usd * 100)


def affiliate_objection(affiliate_id: str, terms: AffiliateTerms | None = None) -> OrderObjection | None:
    """Return why an affiliate cannot be registered so; None when there is no objection."""
    if not re.fullmatch(AFFILIATE_ID, affiliate_id):
        return _invalid("affiliateId: write 1 to 64 small letters, digits, dashes and underscores")
    if terms is None:
        return None
    if not 1 <= terms.fee_bps <= MAX_FEE_BPS:
        return _invalid(f"feeBps: is {terms.fee_bps}; write basis points from 1 to {MAX_FEE_BPS}")
    if terms.payout_chain == "lightning":
        words = "payoutChain: an invoice is for one payment, so Lightning is no destination; choose another chain"
        return OrderObjection("invalid_payout_destination", words)
    complaint = address_objection(terms.payout_chain, terms.payout_address)
    if complaint is not None:
        return OrderObjection("invalid_address", f"payoutAddress: {complaint}; correct it")
    return None


def has_ended(claim: AffiliateClaim) -> bool:
    """Whether a claim is paid, or failed without another attempt being planned."""
    if claim.status == FAILED:
        return claim.next_attempt_at is None
    return claim.status == COMPLETED or (claim.completed_at is not None and claim.status != "processing")


def counts(claim: AffiliateClaim) -> bool:
    """Whether a claim takes its amount out of the balance: a failed one gives it back."""
    return not (claim.status == FAILED and has_ended(claim))


def ledger_of(claim: AffiliateClaim) -> SettlementLedger | None:
    """Return the ledger whose balance a claim paid; None where Orchestra does not name it."""
    if claim.settlement_chain is None or claim.settlement_asset is None:
        return None
    return SettlementLedger(claim.settlement_chain, claim.settlement_asset)


def _invalid(message: str) -> OrderObjection:
    return OrderObjection("invalid_request", message)
