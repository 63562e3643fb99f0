"""Read deposits from the operator's own bitcoind: its watch-only wallet lists them for any number of addresses at once.

A pruned node is enough if it keeps the blocks since the oldest watch began.
"""

from collections.abc import Mapping, Sequence
from math import inf
from secrets import token_hex
from typing import Any, NamedTuple

from baton.chains.bitcoin import wire
from baton.chains.bitcoin.cursor import BitcoinCursor, ListedOutputs, read_cursor, write_cursor
from baton.chains.bitcoin.depth import floor_at
from baton.chains.bitcoin.node import UNKNOWN, BitcoinNode
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
)
from baton.chains.bitcoin.wallet_imports import WalletImports
from baton.chains.concurrent_reads import read_concurrently
from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import UNREADABLE, ProviderBroken, RpcRefused
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec
from baton.chains.tolerant_list import TolerantList, read_entries

HELD_FOR = 144
"""Blocks for which an output that cannot be read keeps the cursor below it, so that it is listed again: a day."""


class _FirstReport(NamedTuple):
    """The number of the scan that first reported an address in full, and the time from which on it did."""

    scan_number: int
    since: float


class BitcoindReader:
    """Reads deposits from a wallet in bitcoind, which it creates and fills itself.

    Args:
        spec: The chain.
        provider: bitcoind's RPC; user and password are in its URL, or in an `Authorization` header.
    """

    def __init__(self, spec: ChainSpec, provider: Provider) -> None:
        self._spec = spec
        self._node = BitcoinNode(provider, spec.block_seconds)
        self._imports = WalletImports(self._node)
        # A cursor of another reader, or from before a restart, does not say which addresses were reported in full.
        self._id = token_hex(4)
        self._scan_number = 0
        self._first_reports: dict[str, _FirstReport] = {}
        self._senders: dict[tuple[str, str], str | None] = {}

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Find deposits to these addresses; see `Reader.scan`.

        Addresses whose history the wallet is still reading count as unread, as do addresses that the node rejects. An
        output that cannot be read is stepped over, and read again by the next scans of a day.

        Raises:
            ChainError: The node did not answer.
        """
        before, watched = read_cursor(cursor), by_address(watches)
        tip = await self._node.tip()
        floor = floor_at(tip.blocks, self._spec)
        if before and floor < before.floor:
            return Scan([], cursor or "", tip.blocks, unread=frozenset(watch.address for watch in watches))
        covered = await self._imports.covered(watched, tip)
        read = {key: watched[key] for key in covered}
        new = self._new_to_cursor(read, before)
        entries, odd = await self._listed(await self._start(before, new, tip))
        deposits = await self._deposits(read, entries)
        self._remember(watched, new)
        if odd:
            floor = _held(floor, before.floor if before else floor, odd, tip)
        return Scan(
            deposits,
            write_cursor(BitcoinCursor(floor=floor, listed=ListedOutputs(self._id, self._scan_number))),
            tip.blocks,
            unread=frozenset(watch.address for watch in watches if canonical(watch.address) not in read),
            caught_up=not self._imports.is_behind,
            unreadable=tuple(dict.fromkeys(self._sentence(entry) for entry in odd)),
            stepped_over=bool(odd),
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Read one deposit again by its transaction; see `Reader.recheck`.

        Raises:
            ChainError: The node did not answer, or lags too far behind to know the deposit.
        """
        tip = await self._node.tip()
        transaction: wire.WalletTransaction | None
        try:
            transaction = await self._node.wallet(wire.WALLET_TRANSACTION, "gettransaction", deposit.tx_id, True)
        except RpcRefused as error:
            if error.rpc_code != UNKNOWN:
                raise
            if not await self._imports.knows(canonical(deposit.address)):
                raise ProviderBroken("unwatched", f"{self._node.name}: scan this address first") from None
            transaction = None
        place = await self._place(transaction, deposit.tx_id) if transaction else None
        if transaction and place and any(_is_same(detail, deposit) for detail in transaction.details):
            return moved(self._spec, deposit, place)
        check_reached(deposit, tip.blocks, self._node.name)
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._node.aclose()

    def _new_to_cursor(self, read: Mapping[str, Watch], before: BitcoinCursor | None) -> dict[str, Watch]:
        """Return the addresses whose deposits below the cursor's floor may not have been reported to its holder."""
        listed = before.listed if before else None
        scan_number = listed.scan_number if listed and listed.reader == self._id else 0
        never = _FirstReport(scan_number + 1, inf)
        reports = {key: self._first_reports.get(key, never) for key in read}
        return {
            key: watch
            for key, watch in read.items()
            if reports[key].scan_number > scan_number or reports[key].since > watch.since.timestamp()
        }

    def _remember(self, watched: Mapping[str, Watch], new: Mapping[str, Watch]) -> None:
        if new:
            self._scan_number += 1
        reports = {key: _FirstReport(self._scan_number, watch.since.timestamp()) for key, watch in new.items()}
        self._first_reports = {key: report for key, report in (self._first_reports | reports).items() if key in watched}

    async def _start(self, before: BitcoinCursor | None, new: Mapping[str, Watch], tip: wire.Tip) -> int:
        """Return the height after which the list starts."""
        height = min(before.floor - 1, tip.blocks) if before else tip.blocks
        height = max(height, 0)
        if not new:
            return height
        return await self._node.height_before(min(watch.since.timestamp() for watch in new.values()), height)

    def _sentence(self, entry: Any) -> str:
        return f"{self._node.name}: listsinceblock: an output of transaction {wire.name_of(entry)} cannot be read"

    async def _listed(self, height: int) -> TolerantList[wire.WalletEntry]:
        openings = self._node.openings
        since = await self._node.block_hash(height)
        listing = await self._node.wallet(wire.LISTING, "listsinceblock", since, 1, True, False)
        if self._node.openings != openings:
            # The wallet was created or loaded for this very call, so its list is not complete yet.
            raise ProviderBroken("wallet_lost", f"{self._node.name}: the wallet was not loaded; the next scan reads it")
        return read_entries(wire.WALLET_ENTRY, listing.transactions)

    async def _deposits(self, read: Mapping[str, Watch], entries: Sequence[wire.WalletEntry]) -> list[Deposit]:
        received = [
            (read[canonical(entry.address)], entry)
            for entry in entries
            if entry.is_received and entry.address and canonical(entry.address) in read
        ]
        received = [(watch, entry) for watch, entry in received if is_recent(entry.blocktime, watch.since)]
        places = await self._places([entry for _, entry in received])
        senders = await self._senders_of([entry for _, entry in received])
        return [
            deposit_of(
                self._spec,
                watch.address,
                Output(entry.txid, entry.vout, entry.amount, senders.get(entry.txid)),
                place,
            )
            for watch, entry in received
            if (place := places[entry.txid])
        ]

    async def _places(self, entries: Sequence[wire.WalletEntry]) -> dict[str, OutputPlace | None]:
        by_id = {entry.txid: entry for entry in entries}
        reads = await read_concurrently(by_id, lambda tx_id: self._place(by_id[tx_id], tx_id))
        if reads.error:
            raise reads.error
        return reads.results

    async def _place(self, transaction: wire.Placed, tx_id: str) -> OutputPlace | None:
        """Return a transaction's place; None if it was replaced, or dropped from the mempool."""
        if transaction.confirmations > 0:
            return OutputPlace(transaction.blockheight, transaction.blockhash, transaction.confirmations)
        if transaction.confirmations < 0 or not await self._node.in_mempool(tx_id):
            return None
        return MEMPOOL

    async def _senders_of(self, entries: Sequence[wire.WalletEntry]) -> dict[str, str | None]:
        """Return senders by transaction; in the mempool, bitcoind does not say what a transaction spends."""
        blocks = {entry.txid: entry.blockhash for entry in entries if entry.blockhash}
        self._senders = {key: sender for key, sender in self._senders.items() if blocks.get(key[0]) == key[1]}
        for key in blocks.items():
            if key not in self._senders:
                self._senders[key] = await self._sender(*key)
        return {tx_id: sender for (tx_id, _), sender in self._senders.items()}

    async def _sender(self, tx_id: str, block_hash: str) -> str | None:
        try:
            return (await self._node.call(wire.RAW_TRANSACTION, "getrawtransaction", tx_id, 2, block_hash)).sender
        except RpcRefused:
            # The block is pruned, or a reorg has removed it.
            return None
        except ProviderBroken as error:
            if error.code != UNREADABLE:
                raise
            return None  # the sender is only a hint


def _held(floor: int, before: int, odd: Sequence[Any], tip: wire.Tip) -> int:
    """Return the floor that lists these unreadable outputs again, as long as that is not too far below the newest."""
    lowest = min([before, *(height for entry in odd if (height := wire.height_of(entry)) is not None)])
    return min(floor, lowest) if tip.blocks - lowest < HELD_FOR else floor


def _is_same(detail: wire.Detail, deposit: Deposit) -> bool:
    address = canonical(detail.address or "")
    output = (address, str(detail.vout), detail.amount)
    return detail.is_received and output == (canonical(deposit.address), deposit.index, deposit.amount)
