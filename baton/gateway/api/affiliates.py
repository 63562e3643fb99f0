"""`/v1/affiliates`: register affiliates, see what they earned by orders, and claim it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from baton.affiliates.messages import AffiliateReport, BalanceLine, ClaimView
from baton.gateway.api.callers import AccountName, Client, Operator, Reader
from baton.gateway.api.responses import CONFLICT, REFUSALS, answer
from baton.orchestra.affiliate_models import Affiliate, AffiliateClaim
from baton.orchestra.models import Wire

router = APIRouter(prefix="/v1/affiliates", tags=["affiliates"], responses=REFUSALS)

_STRICT = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

Id = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}$", description="The affiliate.")]


class TermsBody(Wire):
    """The fee of an affiliate, and where its claims are paid out."""

    model_config = _STRICT

    fee_bps: int = Field(ge=1, le=9999, description="Its fee of each order that names it, in basis points.")
    payout_chain: str = Field(min_length=1, max_length=64)
    payout_asset: str = Field(min_length=1, max_length=64)
    payout_address: str = Field(min_length=1, max_length=200)


class ClaimBody(Wire):
    """Which balance is claimed, where an affiliate has several; by default Orchestra chooses."""

    model_config = _STRICT

    settlement_chain: str | None = Field(default=None, max_length=64)
    settlement_asset: str | None = Field(default=None, max_length=64)


class AccountAffiliates(BaseModel):
    """The affiliates of an account at Orchestra."""

    affiliates: list[Affiliate]


class AffiliateEarnings(BaseModel):
    """What an affiliate earned, one line for each ledger that its fees settle in."""

    balances: list[BalanceLine]


class ClaimsAtOrchestra(BaseModel):
    """The claims of an affiliate at Orchestra."""

    claims: list[AffiliateClaim]


class AffiliateDisabled(BaseModel):
    """An affiliate that orders can no longer name."""

    affiliate_id: str
    disabled: bool = True


@router.get("", response_model=AccountAffiliates)
async def list_affiliates(
    account: AccountName,
    _: Reader,
    client: Client,
    include_disabled: Annotated[bool, Query(description="Those that are disabled too.")] = False,
) -> Response:
    """List the account's affiliates."""
    return answer(AccountAffiliates(affiliates=await client.affiliates(account, include_disabled=include_disabled)))


@router.get("/report", response_model=AffiliateReport)
async def read_report(account: AccountName, _: Reader, client: Client) -> Response:
    """Return what each affiliate of the account earned, held against its claims."""
    return answer(await client.affiliate_report(account))


@router.put("/{affiliate_id}", response_model=Affiliate, responses=CONFLICT)
async def register_affiliate(
    affiliate_id: Id, account: AccountName, body: TermsBody, _: Operator, client: Client
) -> Response:
    """Register an affiliate, or change the one with this id."""
    return answer(await client.register_affiliate(affiliate_id, account, **dict(body)))


@router.get("/{affiliate_id}/balance", response_model=AffiliateEarnings)
async def read_balance(affiliate_id: Id, account: AccountName, _: Reader, client: Client) -> Response:
    """Return what an affiliate earned by the orders that Baton has seen, and what was claimed of it."""
    return answer(AffiliateEarnings(balances=await client.affiliate_balance(affiliate_id, account)))


@router.get("/{affiliate_id}/claims", response_model=ClaimsAtOrchestra)
async def list_claims(affiliate_id: Id, account: AccountName, _: Reader, client: Client) -> Response:
    """List the claims of an affiliate."""
    return answer(ClaimsAtOrchestra(claims=await client.claims(affiliate_id, account)))


@router.post("/{affiliate_id}/claim", response_model=ClaimView, responses=CONFLICT)
async def claim(
    affiliate_id: Id, account: AccountName, _: Operator, client: Client, body: ClaimBody | None = None
) -> Response:
    """Claim an affiliate's whole balance, or join its claim that is under way; its payout follows later."""
    chain, asset = (body.settlement_chain, body.settlement_asset) if body else (None, None)
    settlement = (chain, asset) if chain and asset else None
    return answer(await client.claim_affiliate(affiliate_id, account, settlement=settlement))


@router.post("/{affiliate_id}/disable", response_model=AffiliateDisabled, responses=CONFLICT)
async def disable_affiliate(affiliate_id: Id, account: AccountName, _: Operator, client: Client) -> Response:
    """Disable an affiliate: orders can no longer name it, and its balance cannot be claimed."""
    await client.disable_affiliate(affiliate_id, account)
    return answer(AffiliateDisabled(affiliate_id=affiliate_id))
