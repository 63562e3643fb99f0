"""The client's calls about affiliates: register them, see what they earned, and claim it."""

import uuid
from typing import TYPE_CHECKING

from baton.affiliates.messages import (
    AffiliateReport,
    BalanceLine,
    ClaimRequest,
    ClaimView,
    DisableAffiliate,
    ListAffiliates,
    OfAffiliate,
    PutAffiliate,
    ReportOn,
)
from baton.client_acts import ActingClient, Subject
from baton.errors import InvalidArgument
from baton.orchestra.affiliate_models import Affiliate, AffiliateClaim, AffiliateTerms
from baton.orchestra.rules.affiliates import SettlementLedger, affiliate_objection

if TYPE_CHECKING:
    from baton.temporal_affiliates import TemporalAffiliates


class AffiliateClient(ActingClient):
    """The part of `BatonClient` that is about affiliates."""

    _affiliates: "TemporalAffiliates"

    async def register_affiliate(
        self,
        affiliate_id: str,
        account: str = "default",
        *,
        fee_bps: int,
        payout_chain: str,
        payout_asset: str,
        payout_address: str,
    ) -> Affiliate:
        """Register an affiliate, or change the one with this id; repeating it is harmless.

        Args:
            affiliate_id: 1 to 64 small letters, digits, dashes and underscores.
            account: The partner account.
            fee_bps: Its fee of each order that names it, 1 to 9999 basis points.
            payout_chain: The chain to which its claims are paid out.
            payout_asset: The asset in which they are paid out.
            payout_address: The address to which they are paid out.

        Raises:
            InvalidArgument: An argument cannot be right; nothing was sent.
            AffiliateRefused: Orchestra refuses it.
            Unreachable: No answer in time.
        """
        terms = AffiliateTerms(
            fee_bps=fee_bps, payout_chain=payout_chain, payout_asset=payout_asset, payout_address=payout_address
        )
        _check(affiliate_id, terms)
        call = PutAffiliate(account=account, affiliate_id=affiliate_id, terms=terms, key=_key("put", affiliate_id))
        return await self._act("register", _affiliate(account, affiliate_id), self._affiliates.put(call))

    async def affiliates(self, account: str = "default", *, include_disabled: bool = False) -> list[Affiliate]:
        """Return the account's affiliates at Orchestra."""
        call = ListAffiliates(account=account, include_disabled=include_disabled)
        return (await self._affiliates.affiliates(call)).affiliates

    async def disable_affiliate(self, affiliate_id: str, account: str = "default") -> None:
        """Disable an affiliate: orders can no longer name it, and its balance cannot be claimed; claim it before."""
        _check(affiliate_id)
        key = _key("disable", affiliate_id)
        call = DisableAffiliate(account=account, affiliate_id=affiliate_id, key=key)
        await self._act("disable", _affiliate(account, affiliate_id), self._affiliates.disable(call))

    async def affiliate_balance(self, affiliate_id: str, account: str = "default") -> list[BalanceLine]:
        """Return what an affiliate earned by the orders that Baton has seen, and what was claimed of it.

        One line for each chain and asset in which its fees settle. Orchestra has no call for a balance.
        """
        _check(affiliate_id)
        return (await self._affiliates.report(ReportOn(account=account, affiliate_id=affiliate_id))).lines

    async def affiliate_report(self, account: str = "default") -> AffiliateReport:
        """Return what each affiliate of the account earned, held against its claims."""
        return await self._affiliates.report(ReportOn(account=account))

    async def claim_affiliate(
        self, affiliate_id: str, account: str = "default", *, settlement: tuple[str, str] | None = None
    ) -> ClaimView:
        """Claim an affiliate's whole balance, or join its claim that is under way; its payout follows later.

        Args:
            affiliate_id: The affiliate.
            account: The partner account.
            settlement: The chain and the asset of the balance, where it has several; by default Orchestra chooses.

        Raises:
            AffiliateRefused: Orchestra does not take the claim, for instance because the balance is below $1.
            Unreachable: No answer in time; the claim is under way, and claiming again joins it.
        """
        _check(affiliate_id)
        ledger = SettlementLedger(*settlement) if settlement else None
        request = ClaimRequest(account=account, affiliate_id=affiliate_id, ledger=ledger)
        return await self._act("claim", _affiliate(account, affiliate_id), self._affiliates.claim(request))

    async def claims(self, affiliate_id: str, account: str = "default") -> list[AffiliateClaim]:
        """Return an affiliate's claims at Orchestra."""
        _check(affiliate_id)
        return (await self._affiliates.claims(OfAffiliate(account=account, affiliate_id=affiliate_id))).claims


def _affiliate(account: str, affiliate_id: str) -> Subject:
    return Subject("affiliate", account, affiliate_id)


def _check(affiliate_id: str, terms: AffiliateTerms | None = None) -> None:
    objection = affiliate_objection(affiliate_id, terms)
    if objection is not None:
        field, _, complaint = objection.message.partition(": ")
        message, _, remedy = complaint.partition("; ")
        raise InvalidArgument(_ARGUMENTS[field], message, remedy or "correct it")


def _key(action: str, affiliate_id: str) -> str:
    """Return the key of one call: a later call with the same terms must not get this one's stored answer."""
    return f"affiliate:{action}:{affiliate_id}:{uuid.uuid4()}"


_ARGUMENTS = {
    "affiliateId": "affiliate_id",
    "feeBps": "fee_bps",
    "payoutChain": "payout_chain",
    "payoutAddress": "payout_address",
}
