"""The activity that requests an onramp order, after it has checked the payer's region and limit.

A payment app limits how much one payer can send in a window of time: an order above the limit would be made and shown,
but never paid. The ledger has the payer's earlier orders; an amount that is not in US dollars is priced by a public
estimate.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio import activity

from activities.support.account_clients import AccountClients
from activities.support.asset_decimals import check_decimals, decimals_for
from activities.support.failures import refused, released_on_refusal
from activities.support.hold_gate import HoldGate
from activities.support.invoices import check_invoice
from baton.accounts.policies import onramp_policy
from baton.accounts.route_book import RouteBook
from baton.holds.models import HeldCalls
from baton.holds.names import ON_HOLD
from baton.ledger.ledger import Ledger
from baton.ledger.rows import PaymentRow, QuoteEntry
from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import EstimateRequest, QuoteRequest
from baton.orchestra.onramp_models import OnrampCreated, OnrampPaused, OnrampRequest
from baton.orchestra.rules.onramp import cents_of, deeplink, dollar_estimate
from baton.orchestra.rules.payers import OnrampPolicy, PayerLimitError, Payment, check_payer_limit, region_objection
from baton.orders.messages import REQUEST_ONRAMP, OnrampAnswer, Refusal, RequestOnramp
from baton.ownership.claims import Claims

PAYER_LIMIT = "payer_limit"
REGION_EXCLUDED = "region_excluded"


class OnrampActivities:
    """The activity of an onramp order.

    Args:
        clients: The accounts, with their clients and limits.
        ledger: Where quotes are indexed by workflow, and payers' payments are counted.
        claims: Where orders are claimed for their workflows.
        routes: The routes and limits of the API.
        gate: Knows what is on hold.
    """

    def __init__(
        self, clients: AccountClients, ledger: Ledger, claims: Claims, routes: RouteBook, gate: HoldGate
    ) -> None:
        self._clients = clients
        self._ledger = ledger
        self._claims = claims
        self._routes = routes
        self._gate = gate

    @activity.defn(name=REQUEST_ONRAMP)
    async def request_onramp(self, call: RequestOnramp) -> OnrampAnswer:
        """Request the order and claim it. A network retry returns the same order, because the key stays the same.

        While submits are on hold it is refused at once: a payer waits, and an invoice would be paid at once.
        """
        account = self._clients.account(call.account)
        policy = onramp_policy(account)
        _check_region(call, policy)
        async with self._clients.for_activity(call.account) as client:
            await self._check_route(call, client)
            await self._check_hold(call)
            await self._reserve_payment(call, policy, client)
            async with released_on_refusal(self._ledger.payers.release, call.account, call.workflow_id):
                created = await client.onramp(call.request, call.key)
                if isinstance(created, OnrampCreated):
                    check_invoice(account, created)
            taken_over = await self._claims.claim(call.account, created.order_id, call.workflow_id)
            if isinstance(created, OnrampCreated):
                await self._ledger.index_quote(_entry(call, created))
        quote = created if isinstance(created, OnrampCreated) else None
        known = {"decimals": decimals_for(self._routes, call.account, call.request, quote)}
        update = {"taken_over": taken_over, "streams": account.webhooks_unreachable, **known}
        return _answer(created).model_copy(update=update)

    async def _check_route(self, call: RequestOnramp, client: OrchestraClient) -> None:
        request = call.request
        in_units = request.amount is not None
        objection = await self._routes.objection(call.account, client, _as_quote(request), amount_known=in_units)
        check_decimals(self._routes, call)
        if objection is not None:
            raise refused(Refusal(code=objection.code, message=objection.message))

    async def _check_hold(self, call: RequestOnramp) -> None:
        if held := await self._gate.hold_over(HeldCalls.SUBMITS, call):
            raise refused(Refusal(code=ON_HOLD, message=f"onramps are on hold, {held.hold_id}: {held.reason}"))

    async def _reserve_payment(self, call: RequestOnramp, policy: OnrampPolicy, client: OrchestraClient) -> None:
        """Count the payment towards the payer's limit before Orchestra is called."""
        limit, window = policy.payer_limit_cents, policy.payer_window
        if call.payer is None or limit is None:
            return
        await self._ledger.require_complete()
        now = datetime.now(UTC)
        payment = _payment(call, call.payer, await _cents(call.request, client), now)

        def check(others: Sequence[PaymentRow]) -> None:
            past = [Payment(row.asked_at, row.cents) for row in others]
            check_payer_limit(past, payment.cents, now, limit, window)

        try:
            await self._ledger.payers.reserve(payment, now - window, check)
        except PayerLimitError as error:
            raise refused(Refusal(code=PAYER_LIMIT, message=str(error))) from None


def _as_quote(request: OnrampRequest) -> QuoteRequest:
    """Return the order as a quote request, for the check of its route."""
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
    """Return the price for the payer in US cents, rounded up."""
    cents = cents_of(request)
    if cents is not None:
        return cents
    sats = request.amount or 0
    if request.amount_mode == "exact_out":
        exact_out = EstimateRequest.model_validate(
            {"sourceChain": request.source_chain, "sourceAsset": request.source_asset, **request.wire()}
        )
        sats = (await client.estimate(exact_out)).required_amount_in or 0
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


def _payment(call: RequestOnramp, payer: str, cents: int, now: datetime) -> PaymentRow:
    return PaymentRow(account=call.account, workflow_id=call.workflow_id, payer=payer, cents=cents, asked_at=now)


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
