"""Activities of a swap and an off-ramp: request a quote, and submit a deposit.

The ids in an answer go into the ledger's index before the workflow gets the answer, because the first webhook may
arrive before the order's next step.
"""

from datetime import UTC, datetime

from temporalio import activity

from activities.support.account_clients import AccountClients
from activities.support.answered_calls import answered
from activities.support.asset_decimals import check_decimals, decimals_for
from activities.support.failures import refused
from activities.support.hold_gate import HoldGate
from activities.support.invoices import LIGHTNING, check_invoice
from activities.support.resubmits import last_progress, repeating
from activities.support.watch_start import WatchStarter
from baton.accounts.route_book import RouteBook
from baton.holds.models import CallHeld, HeldCalls
from baton.ledger.ledger import Ledger
from baton.ledger.rows import QuoteEntry
from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import Quote, QuoteRequest
from baton.orchestra.offramp_models import OfframpRequest
from baton.orders.messages import (
    REQUEST_QUOTE,
    SUBMIT_DEPOSIT,
    QuoteAnswer,
    Refusal,
    RequestQuote,
    Submission,
    SubmitDeposit,
)
from baton.orders.observation import Observation
from baton.ownership.claims import Claims


class SwapActivities:
    """The calls of a swap or an off-ramp, each under an idempotency key, for every account of this worker.

    Args:
        clients: The accounts, with their clients.
        ledger: Where quote ids are indexed by workflow.
        claims: Where orders are claimed for their workflows.
        routes: The routes and limits of the API.
        watches: Starts the watches of deposit addresses.
        gate: Knows what is on hold.
    """

    def __init__(
        self,
        clients: AccountClients,
        ledger: Ledger,
        claims: Claims,
        routes: RouteBook,
        watches: WatchStarter,
        gate: HoldGate,
    ) -> None:
        self._clients = clients
        self._ledger = ledger
        self._claims = claims
        self._routes = routes
        self._watches = watches
        self._gate = gate

    @activity.defn(name=REQUEST_QUOTE)
    async def request_quote(self, call: RequestQuote) -> QuoteAnswer:
        """Request a quote and index it. A network retry returns the same quote, because the key stays the same.

        An order that the routes or limits rule out is refused before that, with the API's own code, and uses up no key.
        """
        async with self._clients.for_activity(call.account) as client:
            objection = await self._routes.objection(call.account, client, _as_quote(call.request))
            check_decimals(self._routes, call)
            if objection is not None:
                raise refused(Refusal(code=objection.code, message=objection.message))
            quote = await _quote(client, call)
            if call.request.source_chain == LIGHTNING:
                check_invoice(self._clients.account(call.account), quote)
            entry = _entry(call, quote)
            await self._ledger.index_quote(entry)
            await self._watches.watch(entry)
        decimals = decimals_for(self._routes, call.account, call.request, quote)
        return QuoteAnswer(**dict(quote), decimals=decimals)

    @activity.defn(name=SUBMIT_DEPOSIT)
    async def submit_deposit(self, call: SubmitDeposit) -> Submission | CallHeld:
        """Submit the deposit's proof and claim the resulting order; with `resubmit`, repeat a refusal that is known.

        Returns:
            What Orchestra answered; or the hold that stops submits, and then nothing was sent.
        """
        streams = self._clients.account(call.account).webhooks_unreachable
        progress = last_progress(call.refused)
        if held := await self._gate.hold_over(HeldCalls.SUBMITS, call):
            return held.model_copy(update={"refused": progress.refused})
        with repeating(call.resubmit, progress):
            async with self._clients.for_activity(call.account, progress) as client:
                submitted = await answered(client.submit(call.quote_id, call.proof, progress.key(call.key)))
                taken_over = await self._claims.claim(call.account, submitted.order_id, call.workflow_id)
        observation = Observation.of_submit(submitted, call.quote_id)
        return Submission(**dict(observation), streams=streams, taken_over=taken_over)


def _as_quote(request: QuoteRequest | OfframpRequest) -> QuoteRequest:
    """Return the request as that of a quote, for the check of its route."""
    return request.as_quote() if isinstance(request, OfframpRequest) else request


async def _quote(client: OrchestraClient, call: RequestQuote) -> Quote:
    """Request the quote from the endpoint of its kind of order."""
    if isinstance(call.request, OfframpRequest):
        return await client.offramp(call.request, call.key)
    return await client.quote(call.request, call.key)


def _entry(call: RequestQuote, quote: Quote) -> QuoteEntry:
    return QuoteEntry(
        account=call.account,
        quote_id=quote.quote_id,
        workflow_id=call.workflow_id,
        deposit_address=quote.deposit_address,
        deposit_memo=quote.deposit_memo,
        source_chain=call.request.source_chain,
        created_at=datetime.now(UTC),
    )
