"""The activity that reads an order at Orchestra: once, or as a poll that repeats until there is news.

It runs on the account's poll queue, whose server-side rate limit is the account's read budget: an attempt makes one
call (`support/read_calls.py`). A read without news fails with a benign error and the cadence's next pause as its retry
delay: Temporal waits, so the pause holds no worker slot and adds no history events.

If no webhook reaches the account, the poll starts right after news, so its first attempt waits before it reads: for
the order's event stream, or for the pause. An attempt that listens does hold a slot, but adds no history events either.
"""

from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.support.account_clients import AccountChanged, AccountClients
from activities.support.asset_decimals import decimals_for
from activities.support.failures import as_application_errors, refusal_of, refused, retryable
from activities.support.heartbeats import heartbeating
from activities.support.read_calls import (
    ReadProgress,
    another_call,
    fetch,
    last_progress,
    nothing_new,
    planned_attempt,
)
from activities.support.streams import MAX_HOLD, EventStreams, StreamResult
from baton.accounts.route_book import RouteBook
from baton.orchestra.errors import OrchestraError, Refused, Unauthorized
from baton.orders.messages import READ_ORDER, Cadence, ReadOrder, ReadResult
from baton.orders.observation import Observation, is_news
from baton.ownership.claims import Claims
from baton.settings import PartnerAccount

RECONNECT_PAUSE = timedelta(seconds=1)
"""Pause between two event streams of an order without news."""


class ReadActivities:
    """The activity that reads orders, for every account of this worker.

    Args:
        clients: The accounts, with their clients.
        claims: Where an order found by its quote is claimed for its workflow.
        streams: Opens event streams for the accounts that track their orders with them.
        routes: What is known of the API's routes, for the decimals of assets.
    """

    def __init__(self, clients: AccountClients, claims: Claims, streams: EventStreams, routes: RouteBook) -> None:
        self._clients = clients
        self._claims = claims
        self._streams = streams
        self._routes = routes

    @activity.defn(name=READ_ORDER)
    async def read_order(self, call: ReadOrder) -> ReadResult:
        """Read the order; with a cadence, return only when there is news."""
        account, progress = self._clients.account(call.account), last_progress()
        async with heartbeating(progress):
            reading = self._poll(call, call.cadence, account, progress) if call.cadence else self._read(call, progress)
            observation = await reading
        if observation:
            observation.received_at = datetime.now(UTC)
        return ReadResult(
            observations=[observation] if observation else [],
            streams=account.webhooks_unreachable,
            held=progress.held,
            decimals=decimals_for(self._routes, call.account, observation.record) if observation else {},
        )

    async def _poll(
        self, call: ReadOrder, cadence: Cadence, account: PartnerAccount, progress: ReadProgress
    ) -> Observation | None:
        """Make one attempt of a poll; None if the news is only how Orchestra lists a deposit without an order.

        Raises:
            ApplicationError: There is no news yet (benign), or the read failed.
        """
        after_news = activity.info().attempt == 1 and account.webhooks_unreachable and _is_tracked(call)
        if not after_news and (news := await self._read_news(call, progress)):
            return news
        if call.deposit and progress.held != call.deposit.held:
            return None
        heard, progress.heard = progress.heard, False
        result = StreamResult.UNAVAILABLE if heard else await self._listen(call, account)
        if result is StreamResult.NEWS and not after_news:
            progress.heard = True
            raise another_call(progress)
        if result is StreamResult.NEWS and (news := await self._read_news(call, progress)):
            return news
        pause = RECONNECT_PAUSE if result is StreamResult.NOTHING else cadence.pause(planned_attempt(progress))
        raise nothing_new(progress, pause)

    async def _listen(self, call: ReadOrder, account: PartnerAccount) -> StreamResult:
        if account.tracking != "sse" or not call.order_id or not call.known_status:
            return StreamResult.UNAVAILABLE
        async with self._clients.client(account.name) as client:
            return await self._streams.listen(
                account.name, client, call.order_id, call.known_status, _listening_time(account)
            )

    async def _read_news(self, call: ReadOrder, progress: ReadProgress) -> Observation | None:
        observation = await self._read(call, progress)
        if observation and is_news(call.known_status, call.known_updated_at, observation.record):
            return observation
        return None

    async def _read(self, call: ReadOrder, progress: ReadProgress) -> Observation | None:
        try:
            async with self._clients.client(call.account) as client:
                observation = await fetch(client, call, progress)
        except AccountChanged as error:
            raise retryable(error) from error
        except Unauthorized as error:
            raise refused(refusal_of(error)) from error
        except OrchestraError as error:
            raise _read_failure(error, call, progress) from error
        if observation and not call.order_id:
            with as_application_errors():
                await self._claims.claim(call.account, observation.record.id, call.workflow_id)
        return observation


def _is_tracked(call: ReadOrder) -> bool:
    """Whether the order and its status are known, so that its event stream can bring news."""
    return bool(call.order_id and call.known_status)


def _read_failure(error: OrchestraError, call: ReadOrder, progress: ReadProgress) -> ApplicationError:
    if isinstance(error, Refused) and call.cadence is None:
        return refused(refusal_of(error))
    return retryable(error, call.cadence.pause(planned_attempt(progress)) if call.cadence else None)


def _listening_time(account: PartnerAccount) -> float:
    """Return the seconds that this attempt can listen, so that a read before and a read after still fit."""
    timeout = activity.info().start_to_close_timeout
    return MAX_HOLD if timeout is None else timeout.total_seconds() - 2 * account.request_timeout
