"""Which addresses bitcoind's wallet watches, and since when: each is imported once, and its past read in bounded steps.

An import alone reads the last hours only. What is older is read block by block, some at a time, so that no call
takes longer than a call may take. A label on the address tells when that is done: it lasts as long as the wallet, so
that neither a restart of ours nor one of the node's takes an address for read that is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from baton.chains.bitcoin import wire
from baton.chains.bitcoin.node import UNKNOWN, BitcoinNode
from baton.chains.bitcoin.outputs import canonical
from baton.chains.deposits import Watch
from baton.chains.errors import NoProvider, RpcRefused

RESCAN_BLOCKS = 144
"""Blocks that one call reads at first, about a day's; halved whenever that takes longer than a call may take."""

_LABEL = "baton since "
_BATCH = 500
_WALLET_ERROR = -4
_NOT_THERE = -1
"""Blocks are not there any more, because the node keeps the newest alone."""


class _Unread(NamedTuple):
    """An imported address whose past is still to be read.

    Attributes:
        since: Seconds since 1970.
        next: The height to go on at.
        until: The last height; the wallet sees later blocks as they come.
    """

    since: int
    next: int
    until: int


class WalletImports:
    """The addresses of one bitcoind's wallet."""

    def __init__(self, node: BitcoinNode) -> None:
        self.is_behind = False
        """Whether the last step left a past that the next one goes on with."""
        self._node = node
        self._read: dict[str, int] = {}
        self._unread: dict[str, _Unread] = {}
        self._loaded_at: int | None = None
        self._blocks = RESCAN_BLOCKS

    async def are_read(self, wanted: Mapping[str, Watch], tip: wire.Tip) -> frozenset[str]:
        """Return the addresses of which the wallet knows everything since their watch began.

        The others are imported, and their past is read one step further. Those that the node cannot read, or whose
        past it has pruned, never get there.

        Raises:
            ChainError: The node did not answer.
        """
        await self._load()
        since = {key: int(watch.since.timestamp()) for key, watch in wanted.items()}
        self._unread = {key: one for key, one in self._unread.items() if key in since}
        missing = {key: moment for key, moment in since.items() if not self._is_read(key, moment)}
        for batch in _batches([key for key in missing if key not in self._unread]):
            await self._import({key: missing[key] for key in batch}, tip)
        self.is_behind = await self._step() and bool(self._unread)
        return frozenset(key for key, moment in since.items() if self._is_read(key, moment))

    async def knows(self, address: str) -> bool:
        """Tell whether an address has been read at all.

        Raises:
            ChainError: The node did not answer.
        """
        await self._load()
        return address in self._read

    async def _load(self) -> None:
        if self._loaded_at == self._node.openings:
            return
        entries = await self._node.wallet(wire.LABELLED, "listreceivedbyaddress", 0, True, True)
        since = {canonical(one.address): one.label.removeprefix(_LABEL) for one in entries if _is_ours(one.label)}
        self._read, self._unread = {key: int(moment) for key, moment in since.items()}, {}
        self._loaded_at = self._node.openings

    def _is_read(self, key: str, since: int) -> bool:
        return key in self._read and self._read[key] <= since

    async def _import(self, since: Mapping[str, int], tip: wire.Tip) -> None:
        described = {key: text for key in since if (text := await self._descriptor(key))}
        wishes = [{"desc": text, "timestamp": "now"} for text in described.values()]
        try:
            results = await self._node.wallet(wire.IMPORTED, "importdescriptors", wishes)
        except RpcRefused as error:
            if _is_busy(error):
                return
            raise
        done = [key for key, result in zip(described, results, strict=False) if result.success]
        # What an import reads by itself begins two hours before the newest block's median time.
        old = {key: since[key] for key in done if since[key] < tip.mediantime}
        if old:
            start = await self._node.height_before(min(old.values()), tip.blocks)
            self._unread |= {key: _Unread(moment, start, tip.blocks) for key, moment in old.items()}
        await self._finish({key: since[key] for key in done if key not in old})

    async def _descriptor(self, key: str) -> str | None:
        try:
            return (await self._node.call(wire.DESCRIBED, "getdescriptorinfo", f"addr({key})")).descriptor
        except RpcRefused as error:
            if error.rpc_code == UNKNOWN:
                return None
            raise

    async def _step(self) -> bool:
        """Read some blocks of the oldest past that can be read; tell whether that went well."""
        for low in sorted({one.next for one in self._unread.values()}):
            high = min(low + self._blocks - 1, max(one.until for one in self._unread.values()))
            try:
                await self._node.wallet(wire.ANYTHING, "rescanblockchain", low, high)
            except NoProvider:
                self._blocks = max(self._blocks // 2, 1)
                raise
            except RpcRefused as error:
                if _is_busy(error):
                    return False
                if error.rpc_code != _NOT_THERE:
                    raise
            else:
                await self._advance(low, high + 1)
                return True
        return False

    async def _advance(self, low: int, past: int) -> None:
        for key, one in self._unread.items():
            if low <= one.next <= past:
                self._unread[key] = one._replace(next=past)
        await self._finish({key: one.since for key, one in self._unread.items() if one.next > one.until})

    async def _finish(self, since: Mapping[str, int]) -> None:
        for key, moment in since.items():
            await self._node.wallet(wire.ANYTHING, "setlabel", key, f"{_LABEL}{moment}")
            self._read[key] = moment
            self._unread.pop(key, None)


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH))


def _is_ours(label: str) -> bool:
    return label.startswith(_LABEL) and label.removeprefix(_LABEL).isdecimal()


def _is_busy(error: RpcRefused) -> bool:
    """Tell whether the wallet still reads blocks for an earlier call, one that we gave up on for instance."""
    return error.rpc_code == _WALLET_ERROR and "rescanning" in error.message
