"""The activity that watches a chain: scans it, notifies orders of their deposits, and saves the cursor.

The order of the steps makes this safe: orders are notified first, then deposits and cursor are written in one
transaction. A crash in between repeats notices, which is harmless, and loses none (chains reference, rules for every
chain).
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from temporalio import activity

from activities.support.address_notices import AddressNotifier
from activities.support.address_watches import AddressWatchCache, AddressWatches
from activities.support.deposit_news import KnownDeposits, row_of
from activities.support.heartbeats import heartbeating
from activities.support.notices import DepositNotifier
from activities.support.open_chains import OpenChain, OpenChains, TokensOf, no_tokens
from activities.support.scan_turns import of_orders_alone, pause_between_all
from activities.support.watch_facts import continued, note_failure, note_scan
from baton.chains.changes import merged
from baton.chains.deposits import Deposit, Reader, Scan, Watch
from baton.chains.errors import ChainError
from baton.chains.factory import open_chain
from baton.chains.spec import ChainSpec
from baton.ledger.ledger import Ledger
from baton.ledger.rows import WatchRow
from baton.metrics.chain_watches import ChainMeter
from baton.orders.rules.wait_plans import LATE_MONEY_WINDOW, LONGEST_QUOTE
from baton.orders.watch_messages import MAX_UNREADABLE, WATCH_CHAIN, WatchChain, Watched
from baton.process.logs import get_logger

MAX_CATCH_UP_SCANS = 50
MAX_CATCH_UP_SECONDS = 60.0
"""The most scans, and the most seconds, of one catch-up to the chain's head; orders get its news after it."""

MAX_RETRY_PAUSE = 60.0
"""Longest pause in seconds after a failed scan, unless a provider asks for more."""

_CLEANUP_INTERVAL = 300.0
_log = get_logger(__name__)


class DepositWatchActivities:
    """The activity that watches chains for deposits.

    Args:
        chains: The chains that may be watched, by name.
        ledger: Where watched addresses, deposits and cursors are kept.
        notifier: Sends the news to the orders.
        address_notifier: Brings deposits to reusable addresses to their orders.
        open_reader: Opens the reader of a chain.
        tokens_of: Returns the tokens of a chain by the partner API's routes.
    """

    def __init__(
        self,
        chains: Mapping[str, ChainSpec],
        ledger: Ledger,
        notifier: DepositNotifier,
        address_notifier: AddressNotifier,
        open_reader: Callable[[ChainSpec], Reader] = open_chain,
        tokens_of: TokensOf = no_tokens,
    ) -> None:
        self._chains = OpenChains(chains, open_reader, tokens_of)
        self._ledger = ledger
        self._notifier = notifier
        self._address_notifier = address_notifier
        self._addresses = AddressWatchCache(ledger)

    async def aclose(self) -> None:
        """Close every reader."""
        await self._chains.aclose()

    @activity.defn(name=WATCH_CHAIN)
    async def watch_chain(self, call: WatchChain) -> Watched:
        """Watch for one stretch; failed scans are retried, and the heartbeats carry the last error.

        Raises:
            ApplicationError: This worker does not watch the chain (`not_watched`); another worker may.
        """
        chain = self._chains.get(call.chain)
        watched = chain.watched = continued(chain.watched)
        ends = time.monotonic() + call.stretch.total_seconds()
        with ChainMeter(call.chain) as meter:
            async with heartbeating(watched):
                while time.monotonic() < ends and not activity.is_worker_shutdown():
                    if chain.next_scan <= time.monotonic():
                        pause = await self._poll(chain, watched, meter)
                        chain.next_scan = time.monotonic() + pause
                        watched.idle = watched.addresses == 0
                        activity.heartbeat(watched)
                    await _sleep(min(chain.next_scan, ends) - time.monotonic())
        watched.idle = watched.idle and not activity.is_worker_shutdown()
        return watched

    async def _poll(self, chain: OpenChain, watched: Watched, meter: ChainMeter) -> float:
        """Scan the watched addresses once; return the seconds to wait before the next scan."""
        try:
            rows = await self._ledger.watching.watches(chain.spec.name)
            reusable = await self._addresses.of(chain.spec.name)
            watched.addresses = len(rows) + len(reusable.watches)
            if watched.addresses:
                await self._chains.learn_tokens(chain)
            pause = chain.spec.poll_seconds
            if watched.addresses:
                pause = await self._scan(chain, rows, reusable, watched)
                meter.note_scan(failed=False)
        except ChainError as error:
            note_failure(watched, error, chain.reader)
            meter.note_scan(failed=True)
            _log.warning("a chain could not be read", chain=chain.spec.name, reason=error.message)
            return max(min(chain.spec.poll_seconds * 2, MAX_RETRY_PAUSE), error.retry_after or 0.0)
        if not watched.addresses or pause:
            meter.note_caught_up(watched.addresses)
        meter.note_behind(watched.behind)
        watched.trouble = watched.trouble if watched.addresses else None
        await self._forget_closed_orders(chain)
        return pause

    async def _scan(
        self, chain: OpenChain, rows: Sequence[WatchRow], reusable: AddressWatches, watched: Watched
    ) -> float:
        """Scan, notify the orders, and only then save deposits and cursor; return the seconds until the next scan."""
        cursor = await self._ledger.watching.cursor(chain.spec.name)
        scan = await self._read(chain, rows, reusable, cursor)
        note_scan(watched, scan, chain.reader)
        known = KnownDeposits(self._ledger, chain.spec)
        news, left_out, error = await known.news(scan, chain.reader, renames=chain.renames)
        _note_unreadable(chain, scan, watched)
        _note_left_out(chain, left_out)
        watched.told += await self._notifier.notify(chain.spec.name, news, rows)
        watched.told += await self._address_notifier.notify(news, reusable)
        now = datetime.now(UTC)
        deposits = [row_of(change.now, now) for change in news]
        if deposits or scan.cursor != cursor:
            await self._ledger.watching.record(chain.spec.name, deposits, scan.cursor, now)
        chain.renames = False
        watched.trouble = error.message if error else None
        if error is None:
            return chain.spec.poll_seconds if scan.caught_up else 0.0
        _log.warning("a missing deposit could not be looked up", chain=chain.spec.name, reason=error.message)
        return max(chain.spec.poll_seconds, error.retry_after or 0.0)

    async def _read(
        self, chain: OpenChain, rows: Sequence[WatchRow], reusable: AddressWatches, cursor: str | None
    ) -> Scan:
        """Scan all addresses, or those of orders alone if it is not the turn of so many reusable ones."""
        watches = [Watch(address=row.address, since=row.since, asset=row.asset) for row in rows]
        between = pause_between_all(chain.spec, len(reusable.watches))
        if cursor is not None and between and time.monotonic() < chain.next_of_all:
            return of_orders_alone(await self._catch_up(chain, watches, cursor), cursor, reusable.owners)
        scan = await self._catch_up(chain, watches + reusable.watches, cursor)
        if scan.caught_up:
            chain.next_of_all = time.monotonic() + between
        return scan

    async def _catch_up(self, chain: OpenChain, watches: list[Watch], cursor: str | None) -> Scan:
        """Scan up to the chain's head, within bounds; return the scans as one."""
        ends = time.monotonic() + MAX_CATCH_UP_SECONDS
        scans = [await chain.reader.scan(watches, cursor)]
        while not scans[-1].caught_up and len(scans) < MAX_CATCH_UP_SCANS and time.monotonic() < ends:
            if activity.is_worker_shutdown():
                break
            scans.append(await chain.reader.scan(watches, scans[-1].cursor))
        return merged(scans)

    async def _forget_closed_orders(self, chain: OpenChain) -> None:
        """Stop watching the addresses of orders that closed so long ago that no late money is expected."""
        if time.monotonic() < chain.next_cleanup:
            return
        now = datetime.now(UTC)
        await self._ledger.watching.forget(
            chain.spec.name, closed_before=now - LATE_MONEY_WINDOW, made_before=now - LONGEST_QUOTE
        )
        chain.next_cleanup = time.monotonic() + _CLEANUP_INTERVAL


def _note_unreadable(chain: OpenChain, scan: Scan, watched: Watched) -> None:
    """Show what a scan stepped over, and log each entry once."""
    watched.unreadable = list(scan.unreadable[:MAX_UNREADABLE])
    for sentence in scan.unreadable:
        if sentence not in chain.unreadable:
            _log.error("stepped over what cannot be read", chain=chain.spec.name, reason=sentence)
    chain.unreadable = frozenset(scan.unreadable)


def _note_left_out(chain: OpenChain, left_out: Sequence[Deposit]) -> None:
    """Log once for each address that it gets more unknown tokens than are reported."""
    for address in {deposit.address for deposit in left_out} - chain.crowded:
        _log.warning(
            "too many deposits of unknown tokens; no more are reported", chain=chain.spec.name, address=address
        )
        chain.crowded.add(address)


async def _sleep(seconds: float) -> None:
    """Sleep for so many seconds, or until the worker shuts down."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            await activity.wait_for_worker_shutdown()
