"""Activities that change something at the partner: ask for a quote, submit a deposit.

What an answer teaches about ids goes into the ledger's index before the workflow hears of it: a webhook may be faster
than the next step of the order (design decision 8).
"""

from datetime import UTC, datetime

from temporalio import activity

from activities.support.failures import refused
from activities.support.invoices import LIGHTNING, check_invoice
from activities.support.partners import Partners
from activities.support.watch_start import WatchStarter
from baton.accounts.route_book import RouteBook
from baton.ledger.ledger import Ledger
from baton.ledger.rows import QuoteEntry
from baton.orchestra.models import Quote
from baton.orders.messages import REQUEST_QUOTE, SUBMIT_DEPOSIT, Refusal, RequestQuote, Submission, SubmitDeposit
from baton.orders.observation import Observation


class PartnerActivities:
    """The calls under an idempotency key, for every account this worker serves.

    Args:
        partners: The accounts with their clients.
        ledger: Where quote ids and order ids are made to lead to their workflow.
        book: What can be ordered at all.
        watching: Has deposit addresses watched.
    """

    def __init__(self, partners: Partners, ledger: Ledger, book: RouteBook, watching: WatchStarter) -> None:
        self._partners = partners
        self._ledger = ledger
        self._book = book
        self._watching = watching

    @activity.defn(name=REQUEST_QUOTE)
    async def request_quote(self, call: RequestQuote) -> Quote:
        """Take a quote and index it. A network retry gets the same quote again: the key stays.

        What the routes and limits rule out is refused first, in the API's own codes, and spends no key.
        """
        async with self._partners.calling(call.account) as client:
            objection = await self._book.objection(call.account, client, call.request)
            if objection is not None:
                raise refused(Refusal(code=objection.code, message=objection.message))
            quote = await client.quote(call.request, call.key)
            if call.request.source_chain == LIGHTNING:
                check_invoice(self._partners.account(call.account), quote)
            entry = _entry(call, quote)
            await self._ledger.index_quote(entry)
            await self._watching.begin(entry)
        return quote

    @activity.defn(name=SUBMIT_DEPOSIT)
    async def submit_deposit(self, call: SubmitDeposit) -> Submission:
        """Submit the deposit's proof and index the order it became."""
        streams = self._partners.account(call.account).webhooks_unreachable
        async with self._partners.calling(call.account) as client:
            submitted = await client.submit(call.quote_id, call.proof, call.key)
            await self._ledger.index_order(call.account, submitted.order_id, call.workflow_id)
        seen = Observation.of_submit(submitted, call.quote_id)
        return Submission(**dict(seen), streams=streams)


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
