"""Read deposits over Esplora's HTTP API: from mempool.space, blockstream.info, or the operator's own instance.

Source: Esplora's HTTP API description, addresses and transactions.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from baton.chains.bitcoin import wire
from baton.chains.bitcoin.cursor import BitcoinCursor, Busy, read_cursor, write_cursor
from baton.chains.bitcoin.depth import floor_at
from baton.chains.bitcoin.outputs import (
    MEMPOOL,
    Output,
    OutputPlace,
    by_address,
    canonical,
    check_reached,
    deposit_of,
    is_recent,
    moved,
    place_in_block,
)
from baton.chains.concurrent_reads import read_concurrently
from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ChainError, NoProvider, ProviderBroken, Throttled
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec
from baton.chains.tolerant_list import read_entries

SHORTEST_PAGE = 10
"""A page of fewer transactions is the last one. Pages have 25, but an instance can be configured for fewer."""
MEMPOOL_CAP = 50
"""Most unconfirmed transactions in one answer; there is no second page of them."""

_MAX_TIMEOUTS = 3
"""Unanswered addresses after which a scan stops, because each costs the full timeout of a call."""


class _Page(NamedTuple):
    """The transactions of an answer, their number with the unreadable ones, and a sentence for each of those."""

    transactions: list[wire.BitcoinTransaction]
    size: int
    unreadable: list[str]


class _History(NamedTuple):
    """The unconfirmed and confirmed transactions of an address, in pages; the first page is the mempool's."""

    mempool: _Page
    chain: list[_Page]

    @property
    def unreadable(self) -> list[str]:
        """One sentence for each transaction that cannot be read."""
        return [sentence for page in (self.mempool, *self.chain) for sentence in page.unreadable]

    @property
    def transactions(self) -> list[wire.BitcoinTransaction]:
        """Each transaction once; one that was confirmed between the two calls is in both lists."""
        pages = (self.mempool, *self.chain)
        return list({entry.txid: entry for page in pages for entry in page.transactions}.values())


class EsploraReader:
    """Reads deposits address by address.

    Args:
        spec: The chain.
        provider: An Esplora API; its URL is the part before `/address`.
    """

    def __init__(self, spec: ChainSpec, provider: Provider) -> None:
        self._spec = spec
        self._provider = provider
        self._scans = 0
        self._last_reads: dict[str, int] = {}

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Find deposits to these addresses; see `Reader.scan`.

        If the rate limit is reached half way, the addresses read so far count, and the next scan begins with the
        addresses that have waited longest. An address with more unconfirmed transactions than one answer holds is
        reported in part, and counts as unread. A transaction that cannot be read is stepped over, and read again by
        the next scan.

        Raises:
            ChainError: Nothing could be read.
        """
        before, watched = read_cursor(cursor), by_address(watches)
        head = await self._head()
        floor = floor_at(head, self._spec)
        if before and floor < before.floor:
            return Scan([], cursor or "", head, unread=frozenset(watch.address for watch in watches))
        busy = before.busy if before else {}
        histories, unread = await self._histories(watched, busy)
        deposits = [
            deposit for key, history in histories.items() for deposit in self._deposits(watched[key], history, head)
        ]
        incomplete = unread | {key for key, history in histories.items() if history.mempool.size >= MEMPOOL_CAP}
        unreadable = dict.fromkeys(sentence for history in histories.values() for sentence in history.unreadable)
        return Scan(
            deposits,
            write_cursor(BitcoinCursor(floor=floor, busy=_next_busy(busy, unread, histories, watched, floor))),
            head,
            unread=frozenset(watch.address for watch in watches if canonical(watch.address) in incomplete),
            unreadable=tuple(unreadable),
            stepped_over=bool(unreadable),
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Read one deposit again by its transaction; see `Reader.recheck`.

        Raises:
            ChainError: The provider did not answer, or lags behind the deposit's block.
        """
        head = await self._head()
        try:
            transaction = await self._transaction(deposit.tx_id)
        except ProviderBroken as error:
            if error.code != "not_found":
                raise
            check_reached(deposit, head, self._provider.name)
            return None
        outputs = _outputs_to(canonical(deposit.address), transaction)
        if not any(str(output.vout) == deposit.index and output.amount == deposit.amount for output in outputs):
            return None
        return moved(self._spec, deposit, _place(transaction.status, head))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.aclose()

    async def _head(self) -> int:
        path = "/blocks/tip/height"
        return wire.read(wire.HEIGHT, await self._provider.get(path), self._provider.name, path)

    async def _transaction(self, tx_id: str) -> wire.BitcoinTransaction:
        path = f"/tx/{quote(tx_id, safe='')}"
        return wire.read(wire.TRANSACTION, await self._provider.get(path), self._provider.name, path)

    async def _transactions(self, path: str) -> _Page:
        entries = wire.read(wire.ENTRIES, await self._provider.get(path), self._provider.name, path)
        transactions, odd = read_entries(wire.TRANSACTION, entries)
        names = [wire.name_of(entry) for entry in odd]
        return _Page(
            transactions,
            len(entries),
            [f"{self._provider.name}: transaction {name} in {path} cannot be read" for name in names],
        )

    async def _histories(
        self, watched: Mapping[str, Watch], busy: Mapping[str, Busy]
    ) -> tuple[dict[str, _History], frozenset[str]]:
        """Return histories by address, and the addresses that could not be read.

        Raises:
            ChainError: No address could be read.
        """
        self._scans += 1
        self._last_reads = {key: self._last_reads.get(key, 0) for key in watched}
        timeouts: list[NoProvider] = []

        async def read(key: str) -> _History:
            if len(timeouts) >= _MAX_TIMEOUTS:
                raise timeouts[-1]
            try:
                history = await self._history(key, watched[key], busy.get(key))
            except Throttled:
                # Not a read: the address keeps its place in front.
                raise
            except ChainError as error:
                self._last_reads[key] = self._scans
                timeouts.extend([error] if isinstance(error, NoProvider) else [])
                raise
            self._last_reads[key] = self._scans
            return history

        reads = await read_concurrently(sorted(watched, key=self._last_reads.__getitem__), read)
        if reads.error and not reads.results:
            raise reads.error
        return reads.results, reads.unread

    async def _history(self, address: str, watch: Watch, busy: Busy | None) -> _History:
        base = f"/address/{quote(address, safe='')}/txs"
        floor = busy.floor if busy and busy.since <= watch.since.timestamp() else 0
        # The mempool first: a transaction that is confirmed between the calls appears twice rather than not at all.
        mempool = await self._transactions(f"{base}/mempool")
        pages = [await self._transactions(f"{base}/chain")]
        while pages[-1].size >= SHORTEST_PAGE and not _ends_before(pages[-1], watch, floor):
            pages.append(await self._next_page(base, pages))
        return _History(mempool, pages)

    async def _next_page(self, base: str, pages: Sequence[_Page]) -> _Page:
        last = pages[-1].transactions[-1]
        page = await self._transactions(f"{base}/chain/{last.txid}")
        # Esplora answers an empty page for a transaction that a reorg removed, which would look like the last page.
        is_valid = bool(page.size) or (await self._transaction(last.txid)).status == last.status
        before = {entry.txid for earlier in pages for entry in earlier.transactions}
        if not is_valid or before.intersection(entry.txid for entry in page.transactions):
            raise ProviderBroken("moved", f"{self._provider.name}: {base}: changed while it was read")
        return page

    def _deposits(self, watch: Watch, history: _History, head: int) -> list[Deposit]:
        return [
            deposit_of(self._spec, watch.address, output, _place(transaction.status, head))
            for transaction in history.transactions
            if is_recent(transaction.status.block_time, watch.since)
            for output in _outputs_to(canonical(watch.address), transaction)
        ]


def _next_busy(
    busy: Mapping[str, Busy],
    unread: frozenset[str],
    histories: Mapping[str, _History],
    watched: Mapping[str, Watch],
    floor: int,
) -> dict[str, Busy]:
    # An unreadable transaction may be below the floor by the next scan, so the floor of its address stays.
    odd = {key for key, history in histories.items() if history.unreadable}
    unchanged = {key: entry for key, entry in busy.items() if key in unread or key in odd}
    return unchanged | {
        key: Busy(floor, int(watched[key].since.timestamp()))
        for key, history in histories.items()
        if key not in odd and (key in busy or len(history.chain) > 1)
    }


def _ends_before(page: _Page, watch: Watch, floor: int) -> bool:
    """Whether a page ends with what was reported before; one without any readable transaction ends the list."""
    if not page.transactions:
        return True
    status = page.transactions[-1].status
    if status.block_height is not None and status.block_height < floor:
        return True
    return not is_recent(status.block_time, watch.since)


def _place(status: wire.ConfirmationStatus, head: int) -> OutputPlace:
    if not status.confirmed or status.block_height is None:
        return MEMPOOL
    return place_in_block(status.block_height, status.block_hash, head)


def _outputs_to(key: str, transaction: wire.BitcoinTransaction) -> list[Output]:
    return [
        Output(transaction.txid, vout, output.value, transaction.sender)
        for vout, output in enumerate(transaction.vout)
        if output.scriptpubkey_address and canonical(output.scriptpubkey_address) == key
    ]
