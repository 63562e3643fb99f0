"""Activities of affiliates: register, list, disable, report; and the calls of a claim.

Those that only read run on the account's poll queue, whose rate is its read budget. A claim is never made twice: an
attempt that may follow another one looks into the list of claims first (docs/affiliates.md).
"""

import asyncio

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.support.account_clients import AccountClients
from activities.support.failures import retryable
from activities.support.heartbeats import heartbeating
from baton.accounts.policies import claim_policy
from baton.affiliates.known_claims import known_claims, new_claim
from baton.affiliates.messages import (
    AffiliateList,
    AffiliateReport,
    BalanceLine,
    ClaimAnswer,
    ClaimBalance,
    ClaimList,
    ClaimRound,
    DisableAffiliate,
    DueClaims,
    FollowClaim,
    KnownClaims,
    ListAffiliates,
    OfAffiliate,
    PlannedClaim,
    PutAffiliate,
    ReportOn,
)
from baton.affiliates.names import (
    AFFILIATE_REPORT,
    CLAIM_BALANCE,
    DISABLE_AFFILIATE,
    DUE_CLAIMS,
    FOLLOW_CLAIM,
    KNOWN_CLAIMS,
    LIST_AFFILIATES,
    LIST_CLAIMS,
    PUT_AFFILIATE,
)
from baton.affiliates.plan import dollars, may_be_due, planned_claims
from baton.affiliates.report import balance_lines
from baton.chains.decimals import decimals_of
from baton.ledger.ledger import Ledger
from baton.orchestra.affiliate_models import Affiliate, AffiliateClaim
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import NotFound, OrchestraError, RateLimited
from baton.orchestra.rules.affiliates import has_ended

RATE_PAUSE = 2.0
"""Seconds to wait after too many calls where Orchestra names no time: it allows 30 claim calls a minute."""

LONGEST_RATE_PAUSE = 60.0


class AffiliateActivities:
    """The activities that change affiliates and make claims.

    Args:
        clients: The accounts, with their clients.
    """

    def __init__(self, clients: AccountClients) -> None:
        self._clients = clients

    @activity.defn(name=PUT_AFFILIATE)
    async def put_affiliate(self, call: PutAffiliate) -> Affiliate:
        """Register an affiliate, or change it."""
        async with self._clients.for_activity(call.account) as client:
            return (await client.put_affiliate(call.affiliate_id, call.terms, call.key)).affiliate

    @activity.defn(name=DISABLE_AFFILIATE)
    async def disable_affiliate(self, call: DisableAffiliate) -> None:
        """Disable an affiliate."""
        async with self._clients.for_activity(call.account) as client:
            await client.disable_affiliate(call.affiliate_id, call.key)

    @activity.defn(name=CLAIM_BALANCE)
    async def claim_balance(self, call: ClaimBalance) -> ClaimAnswer:
        """Claim the balance once: under one key, and not at all if a claim is there that was not known."""
        async with self._clients.for_activity(call.account) as client:
            if call.check_first or activity.info().attempt > 1:
                made = new_claim(await client.claims(call.affiliate_id), call.known, call.ledger)
                if made is not None:
                    return ClaimAnswer(claim=made, found=True)
            answer = await client.claim_balance(call.affiliate_id, call.key, call.ledger)
            return ClaimAnswer(claim=answer.claim)


class AffiliateReadActivities:
    """The activities that read affiliates, their claims, and their fees in the ledger.

    Args:
        clients: The accounts, with their clients and settings.
        ledger: Where the fees of orders are.
    """

    def __init__(self, clients: AccountClients, ledger: Ledger) -> None:
        self._clients = clients
        self._ledger = ledger

    @activity.defn(name=LIST_AFFILIATES)
    async def list_affiliates(self, call: ListAffiliates) -> AffiliateList:
        """Return the account's affiliates."""
        async with self._clients.for_activity(call.account) as client:
            return AffiliateList(affiliates=await client.affiliates(include_disabled=call.include_disabled))

    @activity.defn(name=LIST_CLAIMS)
    async def list_claims(self, call: OfAffiliate) -> ClaimList:
        """Return an affiliate's claims."""
        async with self._clients.for_activity(call.account) as client:
            return ClaimList(claims=await client.claims(call.affiliate_id))

    @activity.defn(name=KNOWN_CLAIMS)
    async def known_claims(self, call: OfAffiliate) -> KnownClaims:
        """Return the claims that an affiliate has before another one is made."""
        async with self._clients.for_activity(call.account) as client:
            return known_claims(await client.claims(call.affiliate_id))

    @activity.defn(name=AFFILIATE_REPORT)
    async def affiliate_report(self, call: ReportOn) -> AffiliateReport:
        """Return what one affiliate earned, or all of them, held against their claims."""
        async with self._clients.for_activity(call.account) as client:
            lines = await (self._one(client, call) if call.affiliate_id else self._everyone(client, call.account))
        return AffiliateReport(account=call.account, lines=lines, complete=await self._ledger.is_complete())

    @activity.defn(name=FOLLOW_CLAIM)
    async def follow_claim(self, call: FollowClaim) -> AffiliateClaim:
        """Return the claim once its payout has moved; until then an attempt fails, and Temporal waits for the next."""
        pause = call.cadence.pause(activity.info().attempt)
        async with heartbeating():
            try:
                async with self._clients.client(call.account) as client:
                    claims = await client.claims(call.affiliate_id)
            except OrchestraError as error:
                raise retryable(error, pause) from error
        claim = next((claim for claim in claims if claim.id == call.known.id), None)
        if claim is None or not (has_ended(claim) or _moved(claim, call.known)):
            message = "the payout has not moved" if claim else "Orchestra does not list the claim"
            category = ApplicationErrorCategory.BENIGN
            raise ApplicationError(message, type="no_news", category=category, next_retry_delay=pause)
        return claim

    @activity.defn(name=DUE_CLAIMS)
    async def due_claims(self, call: ClaimRound) -> DueClaims:
        """Return the balances of the account's enabled affiliates, and which of them its settings say to claim.

        It is tried again while the ledger does not have all orders.
        """
        policy = claim_policy(self._clients.account(call.account))
        await self._ledger.require_complete()
        planned: list[PlannedClaim] = []
        async with self._clients.for_activity(call.account) as client:
            for affiliate in await client.affiliates():
                fees = await self._ledger.fee_payouts.of_affiliate(call.account, affiliate.affiliate_id)
                if not may_be_due(fees, decimals_of, policy):
                    continue
                claims = await _claims(client, affiliate.affiliate_id)
                lines = balance_lines(affiliate.affiliate_id, fees, claims, decimals_of)
                planned += planned_claims(lines, claims, policy)
        words = f"balances of ${dollars(policy.minimum_cents)} and more are claimed"
        return DueClaims(planned=planned, policy=words)

    async def _one(self, client: OrchestraClient, call: ReportOn) -> list[BalanceLine]:
        return await self._balances(client, call.account, call.affiliate_id or "")

    async def _everyone(self, client: OrchestraClient, account: str) -> list[BalanceLine]:
        """Return the balances of every affiliate that Orchestra or an order names."""
        registered = [affiliate.affiliate_id for affiliate in await client.affiliates(include_disabled=True)]
        lines: list[BalanceLine] = []
        for affiliate_id in sorted({*registered, *await self._ledger.fee_payouts.affiliates(account)}):
            try:
                lines += await self._balances(client, account, affiliate_id)
            except NotFound:
                # An order may name an affiliate that Orchestra no longer has; its fees are shown, without claims.
                fees = await self._ledger.fee_payouts.of_affiliate(account, affiliate_id)
                lines += balance_lines(affiliate_id, fees, [], decimals_of)
        return lines

    async def _balances(self, client: OrchestraClient, account: str, affiliate_id: str) -> list[BalanceLine]:
        """Return an affiliate's balances; the fees are read first, so that no claim is missing that took them."""
        fees = await self._ledger.fee_payouts.of_affiliate(account, affiliate_id)
        return balance_lines(affiliate_id, fees, await _claims(client, affiliate_id), decimals_of)


async def _claims(client: OrchestraClient, affiliate_id: str) -> list[AffiliateClaim]:
    """Return an affiliate's claims; wait where Orchestra says that there were too many calls, and go on from there.

    A list of all affiliates takes more calls than Orchestra allows in a minute, and must not begin again each time.
    """
    while True:
        try:
            return await client.claims(affiliate_id)
        except RateLimited as error:
            await asyncio.sleep(min(error.retry_after or RATE_PAUSE, LONGEST_RATE_PAUSE))


def _moved(claim: AffiliateClaim, known: AffiliateClaim) -> bool:
    return (claim.status, claim.tx_hash) != (known.status, known.tx_hash)
