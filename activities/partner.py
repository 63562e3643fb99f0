"""Activities that change something at the partner: ask for a quote, submit a deposit.

What an answer teaches about ids goes into the ledger's index before the workflow hears of it: a webhook may be faster
than the next step of the order (design decision 8).
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from temporalio import activity

from activities.accounts import client_of
from activities.failures import told_to_temporal
from activities.heartbeats import heartbeating
from ledger.ledger import Ledger
from ledger.rows import QuoteEntry
from orchestra.client import OrchestraClient
from orchestra.models import Quote
from orchestra.observation import Observation
from workflows.messages import REQUEST_QUOTE, SUBMIT_DEPOSIT, RequestQuote, SubmitDeposit


class PartnerActivities:
    """The calls under an idempotency key, for every account this worker serves.

    Args:
        clients: A client for each account name.
        ledger: Where quote ids and order ids are made to lead to their workflow.
    """

    def __init__(self, clients: Mapping[str, OrchestraClient], ledger: Ledger) -> None:
        self._clients = clients
        self._ledger = ledger

    @activity.defn(name=REQUEST_QUOTE)
    async def request_quote(self, call: RequestQuote) -> Quote:
        """Take a quote and index it. A network retry gets the same quote again: the key stays."""
        async with heartbeating():
            with told_to_temporal():
                quote = await client_of(self._clients, call.account).quote(call.request, call.key)
                await self._ledger.index_quote(_entry(call, quote))
        return quote

    @activity.defn(name=SUBMIT_DEPOSIT)
    async def submit_deposit(self, call: SubmitDeposit) -> Observation:
        """Submit the deposit's proof and index the order it became."""
        async with heartbeating():
            with told_to_temporal():
                client = client_of(self._clients, call.account)
                submitted = await client.submit(call.quote_id, call.proof, call.key)
                await self._ledger.index_order(call.account, submitted.order_id, call.workflow_id)
        return Observation.of_submit(submitted, call.quote_id)


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
