"""Requests and answers about affiliates. Source: the partner API reference, affiliates and fees.

Fees accrue in the chain and asset in which an order settles them, its fee plan's. A claim pays the whole balance of one
such ledger to the affiliate's destination.
"""

from typing import Annotated, Any

from pydantic import Field, model_validator

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import Id, KeyedAnswer, Text, Wire
from baton.orchestra.tolerant_fields import TolerantCount, TolerantFlag, readable


class AffiliateTerms(Wire):
    """Body of `PUT /v1/affiliates/{id}`: the fee in basis points, and where claims are paid out."""

    fee_bps: int
    payout_chain: str
    payout_asset: str
    payout_address: str


class Affiliate(Wire):
    """A registered affiliate. Profiles of older accounts name a settlement instead of a payout."""

    affiliate_id: Id
    fee_bps: TolerantCount = None
    payout_chain: Text = None
    payout_asset: Text = None
    payout_address: Text = None
    settlement_chain: Text = None
    settlement_asset: Text = None
    recipient_address: Text = None
    enabled: TolerantFlag = None
    created_at: TolerantTime = None
    updated_at: TolerantTime = None
    disabled_at: TolerantTime = None


class RegisteredAffiliate(KeyedAnswer):
    """Answer of `PUT /v1/affiliates/{id}`."""

    affiliate: Affiliate


class AffiliatePage(Wire):
    """Answer of `GET /v1/affiliates`; affiliates that cannot be read are left out."""

    affiliates: Annotated[list[Affiliate], readable(Affiliate)] = Field(default=[])


class AffiliateClaim(Wire):
    """A claim of an affiliate's balance. `amount` in smallest units of the settlement asset."""

    id: Id
    affiliate_id: Text = None
    amount: TolerantAmount = None
    settlement_chain: Text = None
    settlement_asset: Text = None
    payout_chain: Text = None
    payout_asset: Text = None
    payout_address: Text = None
    status: Text = None
    tx_hash: Text = None
    error_message: Text = None
    next_attempt_at: TolerantTime = None
    attempts: TolerantCount = None
    created_at: TolerantTime = None
    completed_at: TolerantTime = None


class MadeClaim(KeyedAnswer):
    """Answer of `POST /v1/affiliates/{id}/claim`, also where the claim is not wrapped."""

    claim: AffiliateClaim

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, data: Any) -> Any:
        return {"claim": data} if isinstance(data, dict) and "claim" not in data else data


class ClaimPage(Wire):
    """Answer of `GET /v1/affiliates/{id}/claims`; `next_offset` is None on the last page, and in older answers."""

    claims: list[AffiliateClaim]
    next_offset: TolerantCount = None
