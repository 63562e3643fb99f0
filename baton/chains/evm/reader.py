"""Read deposits on an EVM chain: token events for all open addresses at once, and the chain's own coin by blocks."""

from collections.abc import Mapping, Sequence

from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ChainError, WrongChain
from baton.chains.evm.block_search import block_before
from baton.chains.evm.codec import Codec, EvmCodec
from baton.chains.evm.cursor import Backfill, EvmCursor, digests_in, joined, parsed, with_watches
from baton.chains.evm.depth import ChainDepth, read_depth
from baton.chains.evm.events import TokenEvents
from baton.chains.evm.native_coin import NativeCoinReader
from baton.chains.evm.node import EvmNode
from baton.chains.evm.odd_events import Doubts
from baton.chains.evm.recheck import Recheck
from baton.chains.evm.transfers import EvmTransfer, as_deposit, summed
from baton.chains.evm.watches import WatchedAddresses
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec

CALLS_PER_SCAN = 200
"""Calls after which a scan stops early, so that its caller can heartbeat between scans."""


class EvmReader:
    """Reads one EVM chain through one provider. Keep it between scans: it remembers blocks and the provider's limits.

    For tokens a poll costs three or four calls, however many addresses are open (one more for each further thousand);
    `baton.chains.evm.native_coin` describes the cost of the chain's own coin.

    Args:
        spec: The chain.
        provider: The chain's JSON-RPC.
        codec: How the chain spells addresses and transactions.
        calls_per_scan: Calls after which a scan stops early; it completes the step that it is in.
    """

    def __init__(
        self, spec: ChainSpec, provider: Provider, *, codec: Codec | None = None, calls_per_scan: int = CALLS_PER_SCAN
    ) -> None:
        self._spec = spec
        self._codec = codec or EvmCodec()
        self._node = EvmNode(provider)
        contracts = [self._codec.encode(token.contract) for token in spec.known_tokens]
        self._events = TokenEvents(self._node, [contract for contract in contracts if contract], spec.span)
        self._coin = NativeCoinReader(self._node) if spec.watch_native else None
        self._calls_per_scan = calls_per_scan
        self._stop_at = 0
        self._is_right_chain = spec.chain_id is None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._node.aclose()

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Find deposits from the cursor to the head, and in the backfills of addresses added since.

        If the provider's head is below the cursor, the provider lags: then every address counts as unread.

        Raises:
            WrongChain: The provider serves another chain.
            ChainError: The provider gives no usable answer.
        """
        self._stop_at = self._node.calls + self._calls_per_scan
        await self._check_chain()
        watched = WatchedAddresses(watches, self._codec)
        depth = await read_depth(self._node, self._spec)
        previous = parsed(cursor)
        if previous is not None and depth.top < previous.next - 1:
            return Scan([], cursor or "", depth.top, frozenset(watch.address for watch in watches))
        start = await self._start(previous, watched, depth)
        transfers, read_to = await self._to_head(start.next, watched, depth)
        doubts = self._events.take_doubts()
        # Backfills get some calls even if the newest blocks use up the scan's own.
        self._stop_at = max(self._stop_at, self._node.calls + self._calls_per_scan // 4)
        advanced = await self._advanced(start, read_to, depth, doubts)
        backfilled, end, unread = await self._backfill(advanced, watched, doubts)
        end = end.only(watched.by_digest)
        return Scan(
            [
                as_deposit(transfer, watched.spellings, self._spec, self._codec, depth)
                for transfer in summed(transfers + backfilled)
            ],
            end.model_dump_json(),
            read_to,
            watched.invalid | unread,
            read_to >= depth.top and (not end.parts or bool(unread)),
            not doubts.is_blank,
            tuple(doubts.sentences),
            bool(doubts.sentences),
            depth.top,
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Read one deposit again by its transaction; see `baton.chains.evm.recheck`.

        Raises:
            ChainError: The provider does not answer, or its head is below the deposit's block.
        """
        await self._check_chain()
        return await Recheck(self._node, self._spec, self._codec).read(deposit)

    async def _check_chain(self) -> None:
        if self._is_right_chain:
            return
        chain_id = await self._node.chain_id()
        if chain_id != self._spec.chain_id:
            raise WrongChain(
                "wrong_chain",
                f"{self._node.name}: serves chain {chain_id}, but chains.{self._spec.name}.chain_id is "
                f"{self._spec.chain_id}; remove the provider or name the right one",
            )
        self._is_right_chain = True

    async def _start(self, previous: EvmCursor | None, watched: WatchedAddresses, depth: ChainDepth) -> EvmCursor:
        """Return the cursor where the scan starts: the previous one with the watches added since, or a first one."""
        if previous is None:
            return await self._first_cursor(watched, depth)
        cursor = previous.only(watched.by_digest)
        known = cursor.known
        added = {name: since for name, (_, since) in watched.by_digest.items() if name not in known}
        earliest = min(added.values(), default=cursor.time + 1)
        if earliest > cursor.time:
            return with_watches(cursor, added, None)
        first = await block_before(self._node, earliest, cursor.next - 1, self._spec.block_seconds)
        return with_watches(cursor, added, first)

    async def _first_cursor(self, watched: WatchedAddresses, depth: ChainDepth) -> EvmCursor:
        start, earliest = max(depth.final, 0), min(watched.since.values(), default=0)
        if watched.since:
            seconds = self._spec.block_seconds
            start = min(start, await block_before(self._node, earliest, max(depth.top, 0), seconds))
        # The first block of a chain holds no transactions, and there are no balances before it to compare with.
        return EvmCursor(next=max(start, 1), time=earliest, who=joined(watched.by_digest))

    async def _to_head(self, first: int, watched: WatchedAddresses, depth: ChainDepth) -> tuple[list[EvmTransfer], int]:
        """Read all addresses to the newest block; return the transfers and the last block that was read.

        An error after some final blocks were read only ends the scan early.
        """
        transfers: list[EvmTransfer] = []
        next_block, is_going = first, True
        if self._coin is not None and watched.since and first <= depth.top:
            await self._coin.begin(first, depth.top, watched.since)
        while is_going and next_block <= depth.top:
            try:
                more, read_to, is_going = await self._step(next_block, depth.top, watched.since, self._coin)
            except ChainError:
                if next_block == first or first > depth.final:
                    raise
                break
            transfers += more
            next_block = read_to + 1
            # Blocks that are not final are read in one go: the cursor stays below them, so a scan that stopped among
            # them would start there again each time and never reach the head.
            is_going = is_going and (next_block > depth.final or not self._is_spent())
        return transfers, next_block - 1

    async def _step(
        self, first: int, last: int, since: Mapping[str, int], coin: NativeCoinReader | None
    ) -> tuple[list[EvmTransfer], int, bool]:
        """Read some blocks; return their transfers, the last block, and whether calls are left to continue."""
        if not since:
            return [], last, True
        tokens, read_to = await self._events.read(first, last, list(since))
        if coin is None:
            return tokens, read_to, True
        coins, end = await coin.read(first, read_to, self._is_spent)
        return [transfer for transfer in tokens if transfer.height <= end] + coins, end, end == read_to

    async def _advanced(self, cursor: EvmCursor, read_to: int, depth: ChainDepth, doubts: Doubts) -> EvmCursor:
        """Return the cursor moved past the blocks that were read and are final, and below those in doubt."""
        held = doubts.holds(depth.top, self._spec.span)
        last = min(read_to, depth.final if held is None else min(depth.final, held - 1))
        if last < cursor.next:
            return cursor
        time = depth.final_time if last == depth.final else None
        if time is None:
            header = await self._node.header(last)
            if header is None:
                raise self._node.unknown_block(last)
            time = header.timestamp
        return cursor.model_copy(update={"next": last + 1, "time": time})

    async def _backfill(
        self, cursor: EvmCursor, watched: WatchedAddresses, doubts: Doubts
    ) -> tuple[list[EvmTransfer], EvmCursor, frozenset[str]]:
        """Continue the backfills with the calls that are left; also return the addresses that could not be read."""
        transfers: list[EvmTransfer] = []
        parts: list[Backfill] = []
        unread: set[str] = set()
        for part in cursor.parts:
            first, since = part.first, watched.since_of(digests_in(part.who))
            coin = NativeCoinReader(self._node) if self._coin else None
            try:
                if coin is not None and not self._is_spent():
                    await coin.begin(first, part.last, since)
                while first <= part.last and not self._is_spent():
                    more, read_to, _ = await self._step(first, part.last, since, coin)
                    transfers += more
                    first = read_to + 1
            except ChainError:
                unread |= {watched.spellings[address] for address in since}
            found = self._events.take_doubts()
            if found.sentences and found.lowest is not None:
                first, unread = found.lowest, unread | {watched.spellings[address] for address in since}
            doubts.include(found)
            parts.append(part.model_copy(update={"first": first}))
        return transfers, cursor.model_copy(update={"parts": tuple(parts)}), frozenset(unread)

    def _is_spent(self) -> bool:
        return self._node.calls >= self._stop_at
