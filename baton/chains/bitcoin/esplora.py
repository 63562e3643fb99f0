"""Deposits over Esplora HTTP: mempool.space, blockstream.info, or an instance of one's own.

Source: Esplora's HTTP API description, addresses and transactions.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from baton.chains.bitcoin import wire
from baton.chains.bitcoin.cursor import BitcoinCursor, Busy, floor_at, read_cursor, write_cursor
from baton.chains.bitcoin.outputs import (
    MEMPOOL,
    Output,
    OutputPlace,
    by_address,
    canonical,
    check_reached,
    deposit_of,
    is_of_interest,
    moved,
    place_in_block,
)
from baton.chains.concurrent_reads import read_concurrently
from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ChainError, NoProvider, ProviderBroken, Throttled
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec

SHORTEST_PAGE = 10
"""A page of fewer transactions is the last one. Pages have 25, but an instance can be set up for fewer."""
MEMPOOL_CAP = 50
"""As many unconfirmed transactions as are told of one address; there is no second page of them."""

_PATIENCE = 3
"""Addresses without any answer after which a scan asks no more: each took the whole timeout of a call."""


class _History(NamedTuple):
    """What an address has: unconfirmed and confirmed transactions, and how many pages the latter took."""

    pool: list[wire.BitcoinTransaction]
    chain: list[wire.BitcoinTransaction]
    pages: int

    @property
    def transactions(self) -> list[wire.BitcoinTransaction]:
        """Return each once; one that was confirmed between two calls stands in both lists."""
        return list({one.txid: one for one in (*self.pool, *self.chain)}.values())


class EsploraReader:
    """Reads deposits address by address.

    Args:
        spec: The chain.
        provider: An Esplora API; its URL is what stands before `/address`.
    """

    def __init__(self, spec: ChainSpec, provider: Provider) -> None:
        self._spec = spec
        self._provider = provider
        self._scans = 0
        self._asked: dict[str, int] = {}

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Look for deposits to these addresses; see `Reader.scan`.

        When the provider asks for fewer calls half way, what was read counts, and the next scan begins with the
        addresses that have waited longest. An address with more unconfirmed transactions than are told at once is
        told as far as it goes, and as unread.

        Raises:
            ChainError: Nothing could be read.
        """
        before, wanted = read_cursor(cursor), by_address(watches)
        head = await self._head()
        floor = floor_at(head, self._spec)
        if before and floor < before.floor:
            return Scan([], cursor or "", head, unread=frozenset(watch.address for watch in watches))
        busy = before.busy if before else {}
        found, unread = await self._histories(wanted, busy)
        deposits = [one for key, history in found.items() for one in self._deposits(wanted[key], history, head)]
        kept = {key: mark for key, mark in busy.items() if key in unread}
        kept |= {key: _mark(wanted[key], floor) for key, history in found.items() if key in busy or history.pages > 1}
        vague = unread | {key for key, history in found.items() if len(history.pool) >= MEMPOOL_CAP}
        spelled = frozenset(watch.address for watch in watches if canonical(watch.address) in vague)
        return Scan(deposits, write_cursor(BitcoinCursor(floor=floor, busy=kept)), head, unread=spelled)

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Look at one deposit again by its transaction; see `Reader.recheck`.

        Raises:
            ChainError: The provider did not answer, or does not know the deposit's block yet.
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
        if not any(str(one.vout) == deposit.index and one.amount == deposit.amount for one in outputs):
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

    async def _transactions(self, path: str) -> list[wire.BitcoinTransaction]:
        return wire.read(wire.TRANSACTIONS, await self._provider.get(path), self._provider.name, path)

    async def _histories(
        self, wanted: Mapping[str, Watch], busy: Mapping[str, Busy]
    ) -> tuple[dict[str, _History], frozenset[str]]:
        """Return what was read, by address, and the addresses that were not.

        Raises:
            ChainError: None could be read.
        """
        self._scans += 1
        self._asked = {key: self._asked.get(key, 0) for key in wanted}
        silent: list[NoProvider] = []

        async def read(key: str) -> _History:
            if len(silent) >= _PATIENCE:
                raise silent[-1]
            try:
                history = await self._history(key, wanted[key], busy.get(key))
            except Throttled:
                raise
            except ChainError as error:
                self._asked[key] = self._scans
                silent.extend([error] if isinstance(error, NoProvider) else [])
                raise
            self._asked[key] = self._scans
            return history

        gathered = await read_concurrently(sorted(wanted, key=self._asked.__getitem__), read)
        if gathered.trouble and not gathered.found:
            raise gathered.trouble
        return gathered.found, gathered.unread

    async def _history(self, address: str, watch: Watch, busy: Busy | None) -> _History:
        base = f"/address/{quote(address, safe='')}/txs"
        floor = busy.floor if busy and busy.since <= watch.since.timestamp() else 0
        # The mempool comes first: what is confirmed meanwhile is then seen twice rather than not at all.
        pool = await self._transactions(f"{base}/mempool")
        chain = await self._transactions(f"{base}/chain")
        pages, page = 1, chain
        while len(page) >= SHORTEST_PAGE and not _is_before(page[-1].status, watch, floor):
            page = await self._next_page(base, chain)
            chain, pages = chain + page, pages + 1
        return _History(pool, chain, pages)

    async def _next_page(self, base: str, chain: Sequence[wire.BitcoinTransaction]) -> list[wire.BitcoinTransaction]:
        last = chain[-1]
        page = await self._transactions(f"{base}/chain/{last.txid}")
        # To a transaction that is on the chain no more, Esplora answers that there is nothing behind it.
        stands = bool(page) or (await self._transaction(last.txid)).status == last.status
        if not stands or {one.txid for one in page} & {one.txid for one in chain}:
            raise ProviderBroken("moved", f"{self._provider.name}: {base}: changed while it was read")
        return page

    def _deposits(self, watch: Watch, history: _History, head: int) -> list[Deposit]:
        return [
            deposit_of(self._spec, watch.address, output, _place(one.status, head))
            for one in history.transactions
            if is_of_interest(one.status.block_time, watch.since)
            for output in _outputs_to(canonical(watch.address), one)
        ]


def _mark(watch: Watch, floor: int) -> Busy:
    return Busy(floor, int(watch.since.timestamp()))


def _is_before(status: wire.ConfirmationStatus, watch: Watch, floor: int) -> bool:
    if status.block_height is not None and status.block_height < floor:
        return True
    return not is_of_interest(status.block_time, watch.since)


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
