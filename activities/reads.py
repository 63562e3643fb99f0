"""The activity that reads an order at Orchestra: once, or as a poll that repeats until there is news.

It runs on the account's poll queue, whose server-side rate limit is the account's read budget. A read without news
fails with a benign error and the cadence's next pause as its retry delay: Temporal waits, so the pause holds no worker
slot and adds no history events.

If no webhook reaches the account, the poll starts right after news, so its first attempt waits before it reads: for
the order's event stream, or for the pause. An attempt that listens does hold a slot, but adds no history events either.
"""

from contextlib import suppress
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.support.account_clients import AccountChanged, AccountClients
from activities.support.failures import as_application_errors, refusal_of, refused, retryable
from activities.support.heartbeats import heartbeating
from activities.support.streams import MAX_HOLD, EventStreams, StreamResult
from baton.ledger.ledger import Ledger
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import NotFound, OrchestraError, Refused, Unauthorized
from baton.orders.messages import READ_ORDER, Cadence, ReadOrder, ReadResult
from baton.orders.observation import Observation, is_news
from baton.settings import PartnerAccount

RECONNECT_PAUSE = timedelta(seconds=1)
"""Pause between two event streams of an order without news."""


class ReadActivities:
    """The activity that reads orders, for every account of this worker.

    Args:
        clients: The accounts, with their clients.
        ledger: Where an order found by its quote is indexed by workflow.
        streams: Opens event streams for the accounts that track their orders with them.
    """

    def __init__(self, clients: AccountClients, ledger: Ledger, streams: EventStreams) -> None:
        self._clients = clients
        self._ledger = ledger
        self._streams = streams

    @activity.defn(name=READ_ORDER)
    async def read_order(self, call: ReadOrder) -> ReadResult:
        """Read the order; with a cadence, return only when there is news."""
        account = self._clients.account(call.account)
        async with heartbeating():
            observation = await (self._poll(call, call.cadence, account) if call.cadence else self._read(call))
        return ReadResult(observations=[observation] if observation else [], streams=account.webhooks_unreachable)

    async def _poll(self, call: ReadOrder, cadence: Cadence, account: PartnerAccount) -> Observation:
        """Make one attempt of a poll.

        Raises:
            ApplicationError: There is no news yet (benign), or the read failed.
        """
        attempt = activity.info().attempt
        after_news = attempt == 1 and account.webhooks_unreachable and call.order_id and call.known_status
        if not after_news and (news := await self._read_news(call)):
            return news
        result = await self._listen(call, account)
        if result is StreamResult.NEWS and (news := await self._read_news(call)):
            return news
        raise _nothing_new(RECONNECT_PAUSE if result is StreamResult.NOTHING else cadence.pause(attempt))

    async def _listen(self, call: ReadOrder, account: PartnerAccount) -> StreamResult:
        if account.tracking != "sse" or not call.order_id or not call.known_status:
            return StreamResult.UNAVAILABLE
        async with self._clients.client(account.name) as client:
            return await self._streams.listen(
                account.name, client, call.order_id, call.known_status, _listening_time(account)
            )

    async def _read_news(self, call: ReadOrder) -> Observation | None:
        observation = await self._read(call)
        if observation and is_news(call.known_status, call.known_updated_at, observation.record):
            return observation
        return None

    async def _read(self, call: ReadOrder) -> Observation | None:
        try:
            async with self._clients.client(call.account) as client:
                observation = await _fetch(client, call)
        except AccountChanged as error:
            raise retryable(error) from error
        except Unauthorized as error:
            raise refused(refusal_of(error)) from error
        except OrchestraError as error:
            raise _read_failure(error, call) from error
        if observation and not call.order_id:
            with as_application_errors():
                await self._ledger.index_order(call.account, observation.record.id, call.workflow_id)
        return observation


async def _fetch(client: OrchestraClient, call: ReadOrder) -> Observation | None:
    """Return the order as Orchestra has it now; None while no order exists."""
    return await (_by_order(client, call.order_id) if call.order_id else _by_quotes(client, call.quote_ids))


async def _by_order(client: OrchestraClient, order_id: str) -> Observation | None:
    with suppress(NotFound):
        return Observation.of_status(await client.status(order_id=order_id))
    return None


async def _by_quotes(client: OrchestraClient, quote_ids: list[str]) -> Observation | None:
    """Find the order by its quotes, newest first: the deposit may have gone to an older quote's address."""
    for quote_id in quote_ids:
        with suppress(NotFound):
            observation = Observation.of_quote(await client.order_of_quote(quote_id))
            if observation:
                return await _by_order(client, observation.record.id) or observation
    return None


def _read_failure(error: OrchestraError, call: ReadOrder) -> ApplicationError:
    if isinstance(error, Refused) and call.cadence is None:
        return refused(refusal_of(error))
    return retryable(error, call.cadence.pause(activity.info().attempt) if call.cadence else None)


def _listening_time(account: PartnerAccount) -> float:
    """Return the seconds that this attempt can listen, so that a read before and a read after still fit."""
    timeout = activity.info().start_to_close_timeout
    return MAX_HOLD if timeout is None else timeout.total_seconds() - 2 * account.request_timeout


def _nothing_new(pause: timedelta) -> ApplicationError:
    return ApplicationError(
        "nothing new yet", type="NothingNew", category=ApplicationErrorCategory.BENIGN, next_retry_delay=pause
    )
