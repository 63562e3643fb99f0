"""Finds the orders of an account's addresses and links at Orchestra, and starts to track those that nobody knows.

Orchestra lists orders by their recipient, and the deposits of a standing address by its reference. Each order that it
finds is read once, so that it starts with everything a webhook would have said.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.support.address_watches import AFTER_DISABLING
from baton.ledger.errors import LedgerConflict
from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceRow
from baton.orchestra.address_deposit_models import StandingDeposit
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import MalformedAnswer, Refused, Unauthorized
from baton.orchestra.models import OrderRecord
from baton.orders.observation import Observation
from baton.ownership.adopted_orders import AdoptedOrders
from baton.ownership.found_orders import FoundOrder, is_open, is_recent, of_listed, of_read
from baton.ownership.link_orders import is_paid_over_lightning, links_of
from baton.process.logs import get_logger
from baton.sources.messages import OrdersFound, ReadPlace

PAGE = 50
"""Recipients or standing addresses that are read from the ledger at once."""

T = TypeVar("T")
_log = get_logger(__name__)


class OrderFinder:
    """One stretch of a planned read of orders.

    Args:
        account: The partner account.
        orchestra: Its client.
        ledger: Where the addresses and links are, and the orders that are known.
        adopted: Starts the orders' workflows.
        found: What was done so far; it is changed while the stretch runs, and may be sent as a heartbeat at any time.
        pause: The time between two calls to Orchestra.
    """

    def __init__(
        self,
        account: str,
        orchestra: OrchestraClient,
        ledger: Ledger,
        adopted: AdoptedOrders,
        found: OrdersFound,
        pause: timedelta,
    ) -> None:
        self._account = account
        self._orchestra = orchestra
        self._ledger = ledger
        self._adopted = adopted
        self._found = found
        self._pause = pause.total_seconds()
        self._since = datetime.now(UTC) - AFTER_DISABLING

    async def run(self, until: int) -> None:
        """Read on until everything is read, or so many calls were made in all.

        Raises:
            OrchestraError: A call failed; what was done before it stays done.
            LedgerError: The ledger did not answer.
            RPCError: Temporal did not answer.
        """
        while (place := self._found.place) is not None and self._found.calls < until:
            if place.of_recipients:
                await self._read_recipients(place, until)
            else:
                await self._read_standing(place, until)

    async def _read_recipients(self, place: ReadPlace, until: int) -> None:
        page = await self._ledger.sources.lists.recipients(self._account, self._since, place.after, PAGE)
        for recipient in page:
            if self._found.calls >= until:
                return
            await self._read_recipient(recipient)
            place.after = recipient
        if not page:
            self._found.place = ReadPlace(of_recipients=False)

    async def _read_recipient(self, recipient: str) -> None:
        listed = await self._ask(lambda: self._orchestra.history(recipient))
        links: list[SourceRow] | None = None
        for record in await self._unknown(listed.orders if listed else []):
            if is_paid_over_lightning(record) and links is None:
                links = await self._ledger.sources.lists.pay_links_to(self._account, recipient)
            if await self._may_be_ours(record, links or []):
                await self._track(record.id, links or [])

    async def _unknown(self, records: list[OrderRecord]) -> list[OrderRecord]:
        """Return the records that no workflow of ours tracks, and that did not end long ago."""
        recent = [record for record in records if is_recent(record, self._since)]
        lists, account = self._ledger.sources.lists, self._account
        known = await lists.known_orders(account, [record.id for record in recent])
        quotes = await lists.known_quotes(account, [record.quote_id for record in recent if record.quote_id])
        return [record for record in recent if record.id not in known and record.quote_id not in quotes]

    async def _may_be_ours(self, record: OrderRecord, links: list[SourceRow]) -> bool:
        if is_paid_over_lightning(record):
            return bool(links_of(links, record))
        return await self._adopted.source(self._account, record) is not None

    async def _read_standing(self, place: ReadPlace, until: int) -> None:
        page = await self._ledger.sources.lists.standing(self._account, self._since, place.after, PAGE)
        for row in page:
            while self._found.calls < until and await self._read_deposits(row, place):
                pass
            if self._found.calls >= until and place.after != row.reference:
                return
        if not page:
            self._found.place = None

    async def _read_deposits(self, row: SourceRow, place: ReadPlace) -> bool:
        """Read the next page of a standing address's deposits; return whether another one follows."""
        ref, offset = str(row.orchestra_id), place.offset
        page = await self._ask(lambda: self._orchestra.standing_deposits(ref, offset=offset))
        deposits = [deposit for deposit in page.deposits if is_open(deposit, self._since)] if page else []
        known = await self._ledger.sources.lists.known_orders(
            self._account, [deposit.order_id for deposit in deposits if deposit.order_id]
        )
        for deposit in deposits:
            if deposit.order_id is None:
                await self._await_order(row, deposit)
            elif deposit.order_id not in known:
                await self._track(deposit.order_id, [], deposit)
        following = page.next_offset if page else None
        if following is not None and following > offset:
            place.offset = following
            return True
        place.after, place.offset = row.reference, 0
        return False

    async def _await_order(self, row: SourceRow, deposit: StandingDeposit) -> None:
        """Start the order of a deposit that Orchestra lists without one; it asks a person about a held one."""
        try:
            self._found.started += await self._adopted.await_listed(row, deposit)
        except WorkflowAlreadyStartedError:
            return

    async def _track(self, order_id: str, links: list[SourceRow], listed: StandingDeposit | None = None) -> None:
        answer = await self._ask(lambda: self._orchestra.status(order_id=order_id))
        if answer is None:
            return
        observed = Observation.of_status(answer)
        found = of_listed(observed, listed) if listed else of_read(observed, links, datetime.now(UTC))
        if found is not None and await self._started(found):
            self._found.started += 1
            _log.info("an order that nothing had reported", account=self._account, order_id=order_id)

    async def _started(self, found: FoundOrder) -> bool:
        """Start to track an order; return False if a workflow has it, or had it, after all."""
        try:
            await self._adopted.track(self._account, found.observed, found.attention)
        except (WorkflowAlreadyStartedError, LedgerConflict):
            return False
        return True

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Make a call after the pause; None if Orchestra gives no answer about this one that can be used."""
        await asyncio.sleep(self._pause)
        self._found.calls += 1
        try:
            return await call()
        except Unauthorized:
            raise
        except (MalformedAnswer, Refused) as error:
            self._found.unread += 1
            _log.warning("a list or an order that cannot be read", account=self._account, reason=error.code)
            return None
