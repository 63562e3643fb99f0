"""The activity that reads an order at the partner, once or until it brings news.

It runs on the account's poll queue, whose server-side rate is the account's read budget. A read in vain fails benignly
with the cadence's next pause: waiting is Temporal's, holds no slot and leaves no history (design decision 3).

Where no webhook reaches the account, the read begins as soon as something is known, so its first attempt waits first:
for the order's event stream, or for the pause. An attempt that listens holds a slot and leaves no history either.
"""

from contextlib import suppress
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.support.failures import as_application_errors, refusal_of, refused, tried_again
from activities.support.heartbeats import heartbeating
from activities.support.partners import AccountChanged, Partners
from activities.support.streams import HOLD, Heard, Streams
from baton.ledger.ledger import Ledger
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import NotFound, OrchestraError, Refused, Unauthorized
from baton.orders.messages import READ_ORDER, Cadence, ReadOrder, ReadResult
from baton.orders.observation import Observation, is_news
from baton.settings import PartnerAccount

SOON = timedelta(seconds=1)
"""Pause between two streams of an order that does not move."""


class ReadActivities:
    """Reads of orders, for every account this worker serves.

    Args:
        partners: The accounts with their clients.
        ledger: Where an order found by its quote is made to lead to its workflow.
        streams: Opens event streams for the accounts that follow their orders by those.
    """

    def __init__(self, partners: Partners, ledger: Ledger, streams: Streams) -> None:
        self._partners = partners
        self._ledger = ledger
        self._streams = streams

    @activity.defn(name=READ_ORDER)
    async def read_order(self, call: ReadOrder) -> ReadResult:
        """Return what the read saw; with a cadence only once that is news."""
        account = self._partners.account(call.account)
        async with heartbeating():
            seen = await (self._news(call, call.cadence, account) if call.cadence else self._look(call))
        return ReadResult(observations=[seen] if seen else [], streams=account.webhooks_unreachable)

    async def _news(self, call: ReadOrder, cadence: Cadence, account: PartnerAccount) -> Observation:
        attempt = activity.info().attempt
        just_heard = attempt == 1 and account.webhooks_unreachable and call.order_id and call.known_status
        if not just_heard and (seen := await self._look_for_news(call)):
            return seen
        heard = await self._listen(call, account)
        if heard is Heard.NEWS and (seen := await self._look_for_news(call)):
            return seen
        raise _nothing_new(SOON if heard is Heard.NOTHING else cadence.pause(attempt))

    async def _listen(self, call: ReadOrder, account: PartnerAccount) -> Heard:
        if account.tracking != "sse" or not call.order_id or not call.known_status:
            return Heard.UNAVAILABLE
        async with self._partners.client(account.name) as client:
            return await self._streams.listen(
                account.name, client, call.order_id, call.known_status, _time_to_listen(account)
            )

    async def _look_for_news(self, call: ReadOrder) -> Observation | None:
        seen = await self._look(call)
        return seen if seen and is_news(call.known_status, call.known_updated_at, seen.record) else None

    async def _look(self, call: ReadOrder) -> Observation | None:
        try:
            async with self._partners.client(call.account) as client:
                seen = await (_by_order(client, call.order_id) if call.order_id else _by_quotes(client, call.quote_ids))
        except AccountChanged as error:
            raise tried_again(error) from error
        except Unauthorized as error:
            raise refused(refusal_of(error)) from error
        except OrchestraError as error:
            raise _later(error, call) from error
        if seen and not call.order_id:
            with as_application_errors():
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


def _time_to_listen(account: PartnerAccount) -> float:
    """Return for how many seconds this attempt may listen, with a read before it and one after it."""
    whole = activity.info().start_to_close_timeout
    return HOLD if whole is None else whole.total_seconds() - 2 * account.request_timeout


def _nothing_new(pause: timedelta) -> ApplicationError:
    return ApplicationError(
        "nothing new yet", type="NothingNew", category=ApplicationErrorCategory.BENIGN, next_retry_delay=pause
    )
