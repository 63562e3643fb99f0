"""The activity that asks for an onramp order: who may pay how much is checked before anything is asked for.

A payment app lets one payer send only so much in a window: an order above it would be made, shown and never paid. What
the payer was asked for earlier stands in the ledger; what is asked for now is priced by a public estimate where it is
not in US dollars already.
"""

from datetime import UTC, datetime

from temporalio import activity

from activities.support.failures import refused
from activities.support.invoices import check_invoice
from activities.support.partners import Partners
from baton.accounts.policies import onramp_policy
from baton.accounts.route_book import RouteBook
from baton.ledger.errors import LedgerConflict
from baton.ledger.ledger import Ledger
from baton.ledger.rows import PaymentRow, QuoteEntry
from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import EstimateRequest, QuoteRequest
from baton.orchestra.onramp_models import OnrampCreated, OnrampPaused, OnrampRequest
from baton.orchestra.rules.onramp import cents_of, deeplink, dollar_estimate
from baton.orchestra.rules.payers import OnrampPolicy, PayerLimitError, Payment, check_payer_limit, region_objection
from baton.orders.messages import REQUEST_ONRAMP, OnrampAnswer, Refusal, RequestOnramp
from baton.orders.names import adopted_reference, order_workflow_id

PAYER_LIMIT = "payer_limit"
REGION_EXCLUDED = "region_excluded"


class OnrampActivities:
    """What an onramp needs of the world.

    Args:
        partners: The accounts with their clients and limits.
        ledger: Where orders lead to their workflow, and payers' payments are counted.
        book: What can be ordered at all.
    """

    def __init__(self, partners: Partners, ledger: Ledger, book: RouteBook) -> None:
        self._partners = partners
        self._ledger = ledger
        self._book = book

    @activity.defn(name=REQUEST_ONRAMP)
    async def request_onramp(self, call: RequestOnramp) -> OnrampAnswer:
        """Ask for the order and index it. A network retry gets the same order again: the key stays."""
        account = self._partners.account(call.account)
        policy = onramp_policy(account)
        _check_region(call, policy)
        async with self._partners.calling(call.account) as client:
            await self._check_route(call, client)
            cents = await self._cents_within_limit(call, policy, client)
            created = await client.onramp(call.request, call.key)
            if isinstance(created, OnrampCreated):
                check_invoice(account, created)
            adopted_as = await self._claim(call, created.order_id)
            if isinstance(created, OnrampCreated):
                await self._ledger.index_quote(_entry(call, created))
            if call.payer and cents is not None:
                await self._ledger.payers.record(_payment(call, created.order_id, cents))
        return _answer(created).model_copy(update={"adopted_as": adopted_as, "streams": account.webhooks_unreachable})

    async def _claim(self, call: RequestOnramp, order_id: str) -> str | None:
        """Make the order lead to its workflow; return the one that had adopted it meanwhile, if any."""
        try:
            await self._ledger.index_order(call.account, order_id, call.workflow_id)
        except LedgerConflict as conflict:
            adopted_as = order_workflow_id(call.account, adopted_reference(order_id))
            if conflict.holder != adopted_as:
                raise
            await self._ledger.reassign_order(call.account, order_id, call.workflow_id)
            return adopted_as
        return None

    async def _check_route(self, call: RequestOnramp, client: OrchestraClient) -> None:
        request = call.request
        known = request.amount is not None
        objection = await self._book.objection(call.account, client, _as_quote(request), amount_known=known)
        if objection is not None:
            raise refused(Refusal(code=objection.code, message=objection.message))

    async def _cents_within_limit(
        self, call: RequestOnramp, policy: OnrampPolicy, client: OrchestraClient
    ) -> int | None:
        if call.payer is None or policy.payer_limit_cents is None:
            return None
        now = datetime.now(UTC)
        cents = await _cents(call.request, client)
        rows = await self._ledger.payers.payments(
            call.account, call.payer, now - policy.payer_window, besides=call.workflow_id
        )
        past = [Payment(row.asked_at, row.cents) for row in rows]
        try:
            check_payer_limit(past, cents, now, policy.payer_limit_cents, policy.payer_window)
        except PayerLimitError as error:
            raise refused(Refusal(code=PAYER_LIMIT, message=str(error))) from None
        return cents


def _as_quote(request: OnrampRequest) -> QuoteRequest:
    """Return the order as its route sees it."""
    return QuoteRequest(
        source_chain=request.source_chain,
        source_asset=request.source_asset,
        destination_chain=request.destination_chain,
        destination_asset=request.destination_asset,
        amount=request.amount or 0,
        amount_mode=request.amount_mode,
        recipient_address=request.recipient_address,
    )


def _check_region(call: RequestOnramp, policy: OnrampPolicy) -> None:
    objection = region_objection(call.region, policy.excluded_regions, required=policy.region_required)
    if objection:
        raise refused(Refusal(code=REGION_EXCLUDED, message=objection))


async def _cents(request: OnrampRequest, client: OrchestraClient) -> int:
    """Return what a payer would be asked for, in US cents, rounded up."""
    known = cents_of(request)
    if known is not None:
        return known
    sats = request.amount or 0
    if request.amount_mode == "exact_out":
        asked = EstimateRequest.model_validate(
            {"sourceChain": request.source_chain, "sourceAsset": request.source_asset, **request.wire()}
        )
        sats = (await client.estimate(asked)).required_amount_in or 0
    price = await client.estimate(dollar_estimate(sats))
    return -(-(price.estimated_out + (price.fee_amount or 0)) // 10_000)


def _entry(call: RequestOnramp, created: OnrampCreated) -> QuoteEntry:
    return QuoteEntry(
        account=call.account,
        quote_id=created.quote_id,
        workflow_id=call.workflow_id,
        deposit_address=created.deposit_address,
        source_chain=call.request.source_chain,
        created_at=datetime.now(UTC),
    )


def _payment(call: RequestOnramp, order_id: str, cents: int) -> PaymentRow:
    assert call.payer is not None
    return PaymentRow(
        account=call.account,
        order_id=order_id,
        payer=call.payer,
        workflow_id=call.workflow_id,
        cents=cents,
        asked_at=datetime.now(UTC),
    )


def _answer(created: OnrampCreated | OnrampPaused) -> OnrampAnswer:
    if isinstance(created, OnrampPaused):
        return OnrampAnswer(order_id=created.order_id)
    links = created.payment_links
    return OnrampAnswer(
        order_id=created.order_id,
        quote=created,
        deeplink=deeplink(created),
        short_url=links.short_url if links else None,
        spot_usd_per_btc=created.spot_usd_per_btc,
    )
