"""Deposits from a bitcoind of one's own: a wallet that only watches lists them, for any number of addresses at once.

A pruned node is enough as long as it keeps the blocks since the oldest watch began.
"""

from collections.abc import Mapping, Sequence
from math import inf
from secrets import token_hex
from typing import NamedTuple

from baton.chains.bitcoin import wire
from baton.chains.bitcoin.cursor import BitcoinCursor, ListedOutputs, floor_at, read_cursor, write_cursor
from baton.chains.bitcoin.node import UNKNOWN, BitcoinNode
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
)
from baton.chains.bitcoin.wallet_imports import WalletImports
from baton.chains.concurrent_reads import read_concurrently
from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ProviderBroken, RpcRefused
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec


class _Told(NamedTuple):
    """In which look, and since when, an address was told of for the first time."""

    look: int
    since: float


class BitcoindReader:
    """Reads deposits from the wallet of a bitcoind, which it makes and fills itself.

    Args:
        spec: The chain.
        provider: bitcoind's RPC; user and password stand in its URL, or an `Authorization` header in its headers.
    """

    def __init__(self, spec: ChainSpec, provider: Provider) -> None:
        self._spec = spec
        self._node = BitcoinNode(provider, spec.block_seconds)
        self._imports = WalletImports(self._node)
        # A cursor of another reader, or of this one's life before, says nothing about which addresses were told of.
        self._id = token_hex(4)
        self._look = 0
        self._told: dict[str, _Told] = {}
        self._senders: dict[tuple[str, str], str | None] = {}

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Look for deposits to these addresses; see `Reader.scan`.

        Addresses whose past the wallet still reads are told as unread, as are those that the node does not take.

        Raises:
            ChainError: The node did not answer.
        """
        before, wanted = read_cursor(cursor), by_address(watches)
        tip = await self._node.tip()
        floor = floor_at(tip.blocks, self._spec)
        if before and floor < before.floor:
            return Scan([], cursor or "", tip.blocks, unread=frozenset(watch.address for watch in watches))
        read = await self._imports.are_read(wanted, tip)
        fresh = self._fresh({key: wanted[key] for key in read}, before)
        entries = await self._listed(await self._start(before, fresh, tip))
        deposits = await self._deposits({key: wanted[key] for key in read}, entries)
        self._remember(wanted, fresh)
        return Scan(
            deposits,
            write_cursor(BitcoinCursor(floor=floor, listed=ListedOutputs(self._id, self._look))),
            tip.blocks,
            unread=frozenset(watch.address for watch in watches if canonical(watch.address) not in read),
            caught_up=not self._imports.is_behind,
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Look at one deposit again by its transaction; see `Reader.recheck`.

        Raises:
            ChainError: The node did not answer, or has not come as far as to know the deposit.
        """
        tip = await self._node.tip()
        known: wire.WalletTransaction | None
        try:
            known = await self._node.wallet(wire.WALLET_TRANSACTION, "gettransaction", deposit.tx_id, True)
        except RpcRefused as error:
            if error.rpc_code != UNKNOWN:
                raise
            if not await self._imports.knows(canonical(deposit.address)):
                raise ProviderBroken("unwatched", f"{self._node.name}: scan this address first") from None
            known = None
        place = await self._place(known, deposit.tx_id) if known else None
        if known and place and any(_is_same(one, deposit) for one in known.details):
            return moved(self._spec, deposit, place)
        check_reached(deposit, tip.blocks, self._node.name)
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._node.aclose()

    def _fresh(self, read: Mapping[str, Watch], before: BitcoinCursor | None) -> dict[str, Watch]:
        """Return the addresses of which the holder of the cursor need not have been told yet, whatever its floor."""
        listed = before.listed if before else None
        look = listed.look if listed and listed.reader == self._id else 0
        never = _Told(look + 1, inf)
        told = {key: self._told.get(key, never) for key in read}
        return {
            key: watch
            for key, watch in read.items()
            if told[key].look > look or told[key].since > watch.since.timestamp()
        }

    def _remember(self, wanted: Mapping[str, Watch], fresh: Mapping[str, Watch]) -> None:
        if fresh:
            self._look += 1
        told = {key: _Told(self._look, watch.since.timestamp()) for key, watch in fresh.items()}
        self._told = {key: one for key, one in (self._told | told).items() if key in wanted}

    async def _start(self, before: BitcoinCursor | None, fresh: Mapping[str, Watch], tip: wire.Tip) -> int:
        """Return the height after which the list starts."""
        height = min(before.floor - 1, tip.blocks) if before else tip.blocks
        height = max(height, 0)
        if not fresh:
            return height
        return await self._node.height_before(min(watch.since.timestamp() for watch in fresh.values()), height)

    async def _listed(self, height: int) -> list[wire.WalletEntry]:
        openings = self._node.openings
        since = await self._node.block_hash(height)
        listing = await self._node.wallet(wire.LISTING, "listsinceblock", since, 1, True, False)
        if self._node.openings != openings:
            # What a wallet lists that was not there a moment ago is not all of it.
            raise ProviderBroken("wallet_lost", f"{self._node.name}: the wallet was not loaded; the next scan reads it")
        return listing.transactions

    async def _deposits(self, read: Mapping[str, Watch], entries: Sequence[wire.WalletEntry]) -> list[Deposit]:
        wanted = [
            (read[canonical(one.address)], one)
            for one in entries
            if one.is_received and one.address and canonical(one.address) in read
        ]
        wanted = [(watch, one) for watch, one in wanted if is_of_interest(one.blocktime, watch.since)]
        places = await self._places([one for _, one in wanted])
        senders = await self._found_senders([one for _, one in wanted])
        return [
            deposit_of(self._spec, watch.address, Output(one.txid, one.vout, one.amount, senders.get(one.txid)), place)
            for watch, one in wanted
            if (place := places[one.txid])
        ]

    async def _places(self, entries: Sequence[wire.WalletEntry]) -> dict[str, OutputPlace | None]:
        by_id = {one.txid: one for one in entries}
        gathered = await read_concurrently(by_id, lambda tx_id: self._place(by_id[tx_id], tx_id))
        if gathered.trouble:
            raise gathered.trouble
        return gathered.found

    async def _place(self, known: wire.Placed, tx_id: str) -> OutputPlace | None:
        """Return where a transaction stands; None where it has been replaced, or dropped by the mempool."""
        if known.confirmations > 0:
            return OutputPlace(known.blockheight, known.blockhash, known.confirmations)
        if known.confirmations < 0 or not await self._node.in_mempool(tx_id):
            return None
        return MEMPOOL

    async def _found_senders(self, entries: Sequence[wire.WalletEntry]) -> dict[str, str | None]:
        """Return senders by transaction; in the mempool bitcoind does not tell what a transaction spends."""
        blocks = {one.txid: one.blockhash for one in entries if one.blockhash}
        self._senders = {key: sender for key, sender in self._senders.items() if blocks.get(key[0]) == key[1]}
        for key in blocks.items():
            if key not in self._senders:
                self._senders[key] = await self._sender(*key)
        return {tx_id: sender for (tx_id, _), sender in self._senders.items()}

    async def _sender(self, tx_id: str, block_hash: str) -> str | None:
        try:
            return (await self._node.call(wire.RAW_TRANSACTION, "getrawtransaction", tx_id, 2, block_hash)).sender
        except RpcRefused:
            # The block is pruned, or was reorganised away since.
            return None


def _is_same(detail: wire.Detail, deposit: Deposit) -> bool:
    address = canonical(detail.address or "")
    told = (address, str(detail.vout), detail.amount)
    return detail.is_received and told == (canonical(deposit.address), deposit.index, deposit.amount)
