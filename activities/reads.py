"""The activity that reads an order at the partner, once or until it brings news.

It runs on the account's poll queue, whose server-side rate is the account's read budget. A read in vain fails benignly
with the cadence's next pause: waiting is Temporal's, holds no slot and leaves no history (design decision 3).
"""

from collections.abc import Mapping
from contextlib import suppress

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.accounts import client_of
from activities.failures import refusal_of, refused, told_to_temporal, tried_again
from ledger.ledger import Ledger
from orchestra.client import OrchestraClient
from orchestra.errors import NotFound, OrchestraError, Refused, Unauthorized
from orchestra.observation import Observation, is_news
from workflows.messages import READ_ORDER, ReadOrder, Sighting


class ReadActivities:
    """Reads of orders, for every account this worker serves.

    Args:
        clients: A client for each account name.
        ledger: Where an order found by its quote is made to lead to its workflow.
    """

    def __init__(self, clients: Mapping[str, OrchestraClient], ledger: Ledger) -> None:
        self._clients = clients
        self._ledger = ledger

    @activity.defn(name=READ_ORDER)
    async def read_order(self, call: ReadOrder) -> Sighting:
        """Return what the read saw; with a cadence only once that is news."""
        seen = await self._look(call)
        if call.cadence is None:
            return Sighting(observations=[seen] if seen else [])
        if seen and is_news(call.known_status, call.known_updated_at, seen.record):
            return Sighting(observations=[seen])
        raise ApplicationError(
            "nothing new yet",
            type="NothingNew",
            category=ApplicationErrorCategory.BENIGN,
            next_retry_delay=call.cadence.pause(activity.info().attempt),
        )

    async def _look(self, call: ReadOrder) -> Observation | None:
        client = client_of(self._clients, call.account)
        try:
            seen = await _by_order(client, call.order_id) if call.order_id else await _by_quotes(client, call.quote_ids)
        except Unauthorized as error:
            raise refused(refusal_of(error)) from error
        except OrchestraError as error:
            raise _later(error, call) from error
        if seen and not call.order_id:
            with told_to_temporal():
                await self._ledger.index_order(call.account, seen.record.id, call.workflow_id)
        return seen


async def _by_order(client: OrchestraClient, order_id: str) -> Observation | None:
    with suppress(NotFound):
        return Observation.of_status(await client.status(order_id=order_id))
    return None


async def _by_quotes(client: OrchestraClient, quote_ids: list[str]) -> Observation | None:
    """Look for an order under each quote, newest first: an older quote's address may have taken the deposit."""
    for quote_id in quote_ids:
        with suppress(NotFound):
            seen = Observation.of_quote(await client.order_of_quote(quote_id))
            if seen:
                return await _by_order(client, seen.record.id) or seen
    return None


def _later(error: OrchestraError, call: ReadOrder) -> ApplicationError:
    if isinstance(error, Refused) and call.cadence is None:
        return refused(refusal_of(error))
    return tried_again(error, call.cadence.pause(activity.info().attempt) if call.cadence else None)
