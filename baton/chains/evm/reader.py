"""Deposits on an EVM chain: events of tokens for all open addresses at once, and the chain's own coin by its blocks."""

from collections.abc import Mapping, Sequence

from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ChainError, WrongChain
from baton.chains.evm.block_search import block_before
from baton.chains.evm.codec import Codec, EvmCodec
from baton.chains.evm.cursor import CursorPart, EvmCursor, digest, digests_in, joined, parsed, placed
from baton.chains.evm.depth import ChainDepth, read_depth
from baton.chains.evm.events import TokenEvents
from baton.chains.evm.native_coin import NativeCoinReader
from baton.chains.evm.node import EvmNode
from baton.chains.evm.recheck import Recheck
from baton.chains.evm.transfers import EvmTransfer, as_deposit
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec

CALLS_PER_SCAN = 200
"""Calls after which a scan stops where it is, so that its caller gets to tell that it lives."""

CLOCKS_APART = 30
"""Seconds by which our clock may be ahead of the time in a block."""


class _Watched:
    """The watches of one scan, by the inner form of their addresses."""

    def __init__(self, watches: Sequence[Watch], codec: Codec) -> None:
        self.spelled: dict[str, str] = {}
        self.since: dict[str, int] = {}
        self.by_digest: dict[str, tuple[str, int]] = {}
        self.strange = frozenset(watch.address for watch in watches if codec.encode(watch.address) is None)
        for watch in watches:
            raw = codec.encode(watch.address)
            if raw is not None:
                since = int(watch.since.timestamp()) - CLOCKS_APART
                self.spelled.setdefault(raw, watch.address)
                self.since[raw] = min(since, self.since.get(raw, since))
                self.by_digest[digest(raw, watch.since)] = (raw, since)

    def of(self, digests: frozenset[str]) -> dict[str, int]:
        return dict(self.by_digest[one] for one in digests if one in self.by_digest)


class EvmReader:
    """Reads one EVM chain through one provider. Keep it between scans: it remembers blocks and the provider's limits.

    A poll costs three or four calls for tokens however many addresses are open (one more for each further thousand),
    and what `baton.chains.evm.native_coin` tells for the chain's own coin.

    Args:
        spec: The chain.
        provider: Where to read it.
        codec: How the chain spells addresses and transactions.
        calls_per_scan: Calls after which a scan stops early; it finishes what it began.
    """

    def __init__(
        self, spec: ChainSpec, provider: Provider, *, codec: Codec | None = None, calls_per_scan: int = CALLS_PER_SCAN
    ) -> None:
        self._spec = spec
        self._codec = codec or EvmCodec()
        self._node = EvmNode(provider)
        contracts = [self._codec.encode(token.contract) for token in spec.tokens.values()]
        self._events = TokenEvents(self._node, [one for one in contracts if one], spec.span)
        self._coin = NativeCoinReader(self._node) if spec.watch_native else None
        self._calls_per_scan = calls_per_scan
        self._stop_at = 0
        self._is_right_chain = spec.chain_id is None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._node.aclose()

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """BalanceSnapshot for deposits from the cursor to the head, and at what addresses that joined since still need.

        A provider whose head lies below the cursor lags: then nothing is told, and every address is unread.

        Raises:
            WrongChain: The provider serves another chain.
            ChainError: The provider does not answer, or not in a way to build on.
        """
        self._stop_at = self._node.calls + self._calls_per_scan
        await self._check_chain()
        watched = _Watched(watches, self._codec)
        marks = await read_depth(self._node, self._spec)
        old = parsed(cursor)
        if old is not None and marks.top < old.next - 1:
            return Scan([], cursor or "", marks.top, frozenset(watch.address for watch in watches))
        place = await self._place(old, watched, marks)
        found, read_to = await self._tail(place.next, watched, marks)
        # Who joined late gets some calls even where the newest blocks take all of them.
        self._stop_at = max(self._stop_at, self._node.calls + self._calls_per_scan // 4)
        late, after, unread = await self._late(await self._advanced(place, read_to, marks), watched)
        after = after.only(watched.by_digest)
        return Scan(
            [as_deposit(one, watched.spelled, self._spec, self._codec, marks) for one in _once(found + late)],
            after.model_dump_json(),
            read_to,
            watched.strange | unread,
            read_to >= marks.top and (not after.parts or bool(unread)),
            place.next,
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """BalanceSnapshot at one deposit again by its transaction; see `baton.chains.evm.recheck`.

        Raises:
            ChainError: The provider does not answer, or its head lies below the deposit's block.
        """
        await self._check_chain()
        return await Recheck(self._node, self._spec, self._codec).look(deposit)

    async def _check_chain(self) -> None:
        if self._is_right_chain:
            return
        told = await self._node.chain_id()
        if told != self._spec.chain_id:
            raise WrongChain(
                "wrong_chain",
                f"{self._node.name}: serves chain {told}, but chains.{self._spec.name}.chain_id is "
                f"{self._spec.chain_id}; remove the provider or name the right one",
            )
        self._is_right_chain = True

    async def _place(self, old: EvmCursor | None, watched: _Watched, marks: ChainDepth) -> EvmCursor:
        """Return the cursor with every watch in it: the first one, or the old one with who joined since."""
        if old is None:
            return await self._first(watched, marks)
        cursor = old.only(watched.by_digest)
        known = cursor.known
        new = {one: since for one, (_, since) in watched.by_digest.items() if one not in known}
        earliest = min(new.values(), default=cursor.time + 1)
        if earliest > cursor.time:
            return placed(cursor, new, None)
        first = await block_before(self._node, earliest, cursor.next - 1, self._spec.block_seconds)
        return placed(cursor, new, first)

    async def _first(self, watched: _Watched, marks: ChainDepth) -> EvmCursor:
        start, earliest = max(marks.final, 0), min(watched.since.values(), default=0)
        if watched.since:
            seconds = self._spec.block_seconds
            start = min(start, await block_before(self._node, earliest, max(marks.top, 0), seconds))
        # The first block of a chain holds no transactions, and below it there are no balances to compare with.
        return EvmCursor(next=max(start, 1), time=earliest, who=joined(watched.by_digest))

    async def _tail(self, first: int, watched: _Watched, marks: ChainDepth) -> tuple[list[EvmTransfer], int]:
        """Read on to the newest block for everybody. Trouble after some final blocks only ends it early."""
        found: list[EvmTransfer] = []
        at, goes_on = first, True
        if self._coin is not None and watched.since and first <= marks.top:
            await self._coin.begin(first, marks.top, watched.since)
        while goes_on and at <= marks.top:
            try:
                more, read_to, goes_on = await self._step(at, marks.top, watched.since, self._coin)
            except ChainError:
                if at == first or first > marks.final:
                    raise
                break
            found += more
            at = read_to + 1
            # The cursor stays below what is not final, so that is read in one go: else it would never be got over.
            goes_on = goes_on and (at > marks.final or not self._is_spent())
        return found, at - 1

    async def _step(
        self, first: int, last: int, since: Mapping[str, int], coin: NativeCoinReader | None
    ) -> tuple[list[EvmTransfer], int, bool]:
        """Read some blocks; return what came, the last of them, and whether there are calls left for coins."""
        if not since:
            return [], last, True
        found, read_to = await self._events.read(first, last, list(since))
        if coin is None:
            return found, read_to, True
        coins, end = await coin.read(first, read_to, self._is_spent)
        return [one for one in found if one.height <= end] + coins, end, end == read_to

    async def _advanced(self, place: EvmCursor, read_to: int, marks: ChainDepth) -> EvmCursor:
        """Return the cursor moved over what was read and is final."""
        below = min(read_to, marks.final)
        if below < place.next:
            return place
        time = marks.final_time if below == marks.final else None
        if time is None:
            header = await self._node.header(below)
            if header is None:
                raise self._node.broken("eth_getBlockByNumber", f"does not tell block {below}")
            time = header.timestamp
        return place.model_copy(update={"next": below + 1, "time": time})

    async def _late(self, cursor: EvmCursor, watched: _Watched) -> tuple[list[EvmTransfer], EvmCursor, frozenset[str]]:
        """Read on for those who joined late, with the calls that are left; who cannot be read is unread."""
        found: list[EvmTransfer] = []
        parts: list[CursorPart] = []
        unread: set[str] = set()
        for part in cursor.parts:
            first, since = part.first, watched.of(digests_in(part.who))
            coin = NativeCoinReader(self._node) if self._coin else None
            try:
                if coin is not None and not self._is_spent():
                    await coin.begin(first, part.last, since)
                while first <= part.last and not self._is_spent():
                    more, read_to, _ = await self._step(first, part.last, since, coin)
                    found += more
                    first = read_to + 1
            except ChainError:
                unread |= {watched.spelled[raw] for raw in since}
            parts.append(part.model_copy(update={"first": first}))
        return found, cursor.model_copy(update={"parts": tuple(parts)}), frozenset(unread)

    def _is_spent(self) -> bool:
        return self._node.calls >= self._stop_at


def _once(found: Sequence[EvmTransfer]) -> list[EvmTransfer]:
    return list({(one.tx_hash, one.place): one for one in found}.values())
