"""The activity that watches a chain: scans, tells orders what is new about their deposits, remembers how far it came.

The order of the steps is the safety: orders are told first, then deposits and cursor are written as one. A crash in
between tells again, which changes nothing; it never forgets (chains reference, rules for every chain).
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.support.heartbeats import heartbeating
from activities.support.notices import Notices
from baton.chains.changes import News, compare, merged
from baton.chains.deposits import Deposit, DepositState, Reader, Scan, Watch
from baton.chains.errors import ChainError
from baton.chains.factory import open_chain
from baton.chains.spec import ChainSpec
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DepositRow, WatchRow
from baton.orders.rules.wait_plans import LATE_MONEY_WINDOW
from baton.orders.watch_messages import WATCH_CHAIN, WatchChain, Watched
from baton.process.logs import get_logger

LONGEST_QUOTE = timedelta(days=31)
"""An address is watched no longer than this: no order waits longer for its deposit."""

SCANS_IN_A_ROW = 50
LONGEST_WAY = 60.0
"""Scans on the way to the head, and seconds for them, before orders are told what they brought."""

LONGEST_PAUSE = 60.0
"""Seconds between two tries while no provider answers, unless one asks for more."""

_TIDY_EVERY = 300.0
NOT_WATCHED = "not_watched"
_NEVER_CHANGES = (DepositState.FINAL.value, DepositState.GONE.value)
_log = get_logger(__name__)


@dataclass
class _Chain:
    """A chain as this process knows it: its reader is kept, because it remembers what a provider can take.

    Times are seconds of the monotonic clock.
    """

    spec: ChainSpec
    reader: Reader
    tidy_at: float = 0.0
    look_at: float = 0.0


class WatchActivities:
    """Watches chains.

    Args:
        chains: The chains that may be watched, by name.
        ledger: Where watched addresses, deposits and cursors stand.
        notices: Tells the orders.
        opened: Makes the reader of a chain.
    """

    def __init__(
        self,
        chains: Mapping[str, ChainSpec],
        ledger: Ledger,
        notices: Notices,
        opened: Callable[[ChainSpec], Reader] = open_chain,
    ) -> None:
        self._chains = chains
        self._ledger = ledger
        self._notices = notices
        self._opened = opened
        self._open: dict[str, _Chain] = {}

    async def aclose(self) -> None:
        """Close every reader."""
        for chain in self._open.values():
            await chain.reader.aclose()

    @activity.defn(name=WATCH_CHAIN)
    async def watch_chain(self, call: WatchChain) -> Watched:
        """Watch for a stretch; trouble with providers is ridden out and told in the heartbeats.

        Raises:
            ApplicationError: This worker does not watch the chain (`not_watched`); another one may.
        """
        chain, watched = self._chain(call.chain), Watched()
        ends = time.monotonic() + call.stretch.total_seconds()
        async with heartbeating(watched):
            while time.monotonic() < ends and not activity.is_worker_shutdown():
                if chain.look_at <= time.monotonic():
                    pause = await self._look(chain, watched)
                    chain.look_at = time.monotonic() + pause
                    watched.idle = watched.addresses == 0
                    activity.heartbeat(watched)
                await _rest(min(chain.look_at, ends) - time.monotonic())
        watched.idle = watched.idle and not activity.is_worker_shutdown()
        return watched

    def _chain(self, name: str) -> _Chain:
        if name not in self._open:
            spec = self._chains.get(name)
            if spec is None:
                raise ApplicationError(
                    f"chain {name} is to be watched, but this worker does not: name it in BATON_WATCH", type=NOT_WATCHED
                )
            self._open[name] = _Chain(spec, self._opened(spec))
        return self._open[name]

    async def _look(self, chain: _Chain, watched: Watched) -> float:
        """Look once; return how many seconds to wait before the next look."""
        try:
            rows = await self._ledger.watching.watches(chain.spec.name)
            watched.addresses = len(rows)
            caught_up = await self._scan(chain, rows, watched) if rows else True
        except ChainError as error:
            watched.trouble = error.message
            _log.warning("a chain could not be read", chain=chain.spec.name, reason=error.message)
            return max(min(chain.spec.poll_seconds * 2, LONGEST_PAUSE), error.retry_after or 0.0)
        watched.trouble = None
        await self._tidy(chain)
        return chain.spec.poll_seconds if caught_up else 0.0

    async def _scan(self, chain: _Chain, rows: Sequence[WatchRow], watched: Watched) -> bool:
        cursor = await self._ledger.watching.cursor(chain.spec.name)
        scan = await self._to_the_head(chain, [Watch(address=row.address, since=row.since) for row in rows], cursor)
        watched.scans, watched.head = watched.scans + 1, scan.head
        news = await self._news(chain, scan)
        watched.told += await self._notices.tell(chain.spec.name, news, rows)
        now = datetime.now(UTC)
        written = [_row(one.now, now) for one in news]
        if written or scan.cursor != cursor:
            await self._ledger.watching.record(chain.spec.name, written, scan.cursor, now)
        return scan.caught_up

    async def _to_the_head(self, chain: _Chain, watches: list[Watch], cursor: str | None) -> Scan:
        ends = time.monotonic() + LONGEST_WAY
        scans = [await chain.reader.scan(watches, cursor)]
        while not scans[-1].caught_up and len(scans) < SCANS_IN_A_ROW and time.monotonic() < ends:
            if activity.is_worker_shutdown():
                break
            scans.append(await chain.reader.scan(watches, scans[-1].cursor))
        return merged(scans)

    async def _news(self, chain: _Chain, scan: Scan) -> list[News]:
        """Return what is new: what is gone first, so that an order never holds one deposit twice."""
        tx_ids = {deposit.tx_id for deposit in scan.deposits}
        known = await self._ledger.watching.known(chain.spec.name, tx_ids, _NEVER_CHANGES)
        changes = compare([_deposit(row) for row in known], scan)
        gone = [News(one, now) for one in changes.missing if (now := await _looked_at_again(chain.reader, one))]
        return [*gone, *changes.news]

    async def _tidy(self, chain: _Chain) -> None:
        """Stop watching for orders that closed long enough ago for late money to have come."""
        if time.monotonic() < chain.tidy_at:
            return
        now = datetime.now(UTC)
        await self._ledger.watching.forget(
            chain.spec.name, closed_before=now - LATE_MONEY_WINDOW, made_before=now - LONGEST_QUOTE
        )
        chain.tidy_at = time.monotonic() + _TIDY_EVERY


async def _rest(seconds: float) -> None:
    """Wait that long, or until the worker is to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            await activity.wait_for_worker_shutdown()


async def _looked_at_again(reader: Reader, deposit: Deposit) -> Deposit | None:
    """Return a missing deposit as it is now: gone, or changed; None where it is as it was and only went unseen."""
    found = await reader.recheck(deposit)
    if found is None:
        return deposit.model_copy(update={"state": DepositState.GONE, "confirmations": 0})
    same = (found.key, found.state, found.block_hash) == (deposit.key, deposit.state, deposit.block_hash)
    return None if same else found


def _row(deposit: Deposit, now: datetime) -> DepositRow:
    shared = deposit.model_dump(include={"chain", "tx_id", "address", "asset", "amount"})
    return DepositRow(
        **shared,
        position=deposit.index,
        state=deposit.state.value,
        document=deposit.model_dump(mode="json"),
        first_seen_at=now,
        updated_at=now,
    )


def _deposit(row: DepositRow) -> Deposit:
    return Deposit.model_validate(row.document)
