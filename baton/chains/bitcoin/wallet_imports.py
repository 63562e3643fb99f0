"""Which addresses bitcoind's wallet watches, and since when: each is imported once, its history read in bounded steps.

An import by itself covers the last hours only. Older blocks are rescanned some at a time, so that no call exceeds its
timeout. A label on the address records when its history is complete. The label lasts as long as the wallet, so neither
a restart of this process nor of the node makes an address look complete that is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from baton.chains.bitcoin import wire
from baton.chains.bitcoin.node import UNKNOWN, BitcoinNode
from baton.chains.bitcoin.outputs import canonical
from baton.chains.deposits import Watch
from baton.chains.errors import NoProvider, RpcRefused

RESCAN_BLOCKS = 144
"""Blocks that one call rescans at first, about a day's; halved whenever a call times out."""

_LABEL = "baton since "
IMPORTED_AT_ONCE = 500
"""Addresses that one call imports at first; halved whenever a call times out."""

_WALLET_ERROR = -4
_PRUNED = -1
"""The blocks are no longer there, because the node keeps only the newest."""


class _PendingHistory(NamedTuple):
    """An imported address whose history is not read completely.

    Attributes:
        since: Seconds since 1970.
        next: The height where the rescan continues.
        until: The last height; the wallet sees later blocks as they arrive.
    """

    since: int
    next: int
    until: int


class WalletImports:
    """The addresses in one bitcoind's wallet."""

    def __init__(self, node: BitcoinNode) -> None:
        self.is_behind = False
        """Whether the last rescan step succeeded and left blocks for the next one."""
        self._node = node
        self._complete: dict[str, int] = {}
        self._pending: dict[str, _PendingHistory] = {}
        self._loaded_at: int | None = None
        self._blocks = RESCAN_BLOCKS
        self._batch = IMPORTED_AT_ONCE

    async def covered(self, watched: Mapping[str, Watch], tip: wire.Tip) -> frozenset[str]:
        """Return the addresses whose complete history since their watch began is in the wallet.

        The other addresses are imported, and their history is read one step further. An address that the node rejects,
        or whose history it has pruned, is never covered.

        Raises:
            ChainError: The node did not answer.
        """
        await self._load()
        since = {key: int(watch.since.timestamp()) for key, watch in watched.items()}
        self._pending = {key: history for key, history in self._pending.items() if key in since}
        missing = {key: moment for key, moment in since.items() if not self._covers(key, moment)}
        for batch in _batches([key for key in missing if key not in self._pending], self._batch):
            await self._import({key: missing[key] for key in batch}, tip)
        self.is_behind = await self._rescan_step() and bool(self._pending)
        return frozenset(key for key, moment in since.items() if self._covers(key, moment))

    async def knows(self, address: str) -> bool:
        """Whether the wallet has the complete history of an address since any watch of it began.

        Raises:
            ChainError: The node did not answer.
        """
        await self._load()
        return address in self._complete

    async def _load(self) -> None:
        if self._loaded_at == self._node.openings:
            return
        entries = await self._node.wallet(wire.LABELLED, "listreceivedbyaddress", 0, True, True)
        labels = {canonical(entry.address): entry.label for entry in entries if _is_ours(entry.label)}
        self._complete = {key: int(label.removeprefix(_LABEL)) for key, label in labels.items()}
        self._pending = {}
        self._loaded_at = self._node.openings

    def _covers(self, key: str, since: int) -> bool:
        return key in self._complete and self._complete[key] <= since

    async def _import(self, since: Mapping[str, int], tip: wire.Tip) -> None:
        descriptors = {key: text for key in since if (text := await self._descriptor(key))}
        requests = [{"desc": text, "timestamp": "now"} for text in descriptors.values()]
        try:
            results = await self._node.wallet(wire.IMPORTED, "importdescriptors", requests)
        except NoProvider:
            self._batch = max(self._batch // 2, 1)
            raise
        except RpcRefused as error:
            if _is_busy(error):
                return
            raise
        imported = [key for key, result in zip(descriptors, results, strict=False) if result.success]
        # An import by itself covers the blocks from two hours before the newest block's median time on.
        old = {key: since[key] for key in imported if since[key] < tip.mediantime}
        if old:
            start = await self._node.height_before(min(old.values()), tip.blocks)
            self._pending |= {key: _PendingHistory(moment, start, tip.blocks) for key, moment in old.items()}
        await self._complete_histories({key: since[key] for key in imported if key not in old})

    async def _descriptor(self, key: str) -> str | None:
        try:
            return (await self._node.call(wire.DESCRIBED, "getdescriptorinfo", f"addr({key})")).descriptor
        except RpcRefused as error:
            if error.rpc_code == UNKNOWN:
                return None
            raise

    async def _rescan_step(self) -> bool:
        """Rescan some blocks of the oldest history that is not pruned; return whether that succeeded."""
        for low in sorted({history.next for history in self._pending.values()}):
            high = min(low + self._blocks - 1, max(history.until for history in self._pending.values()))
            try:
                await self._node.wallet(wire.ANYTHING, "rescanblockchain", low, high)
            except NoProvider:
                self._blocks = max(self._blocks // 2, 1)
                raise
            except RpcRefused as error:
                if _is_busy(error):
                    return False
                if error.rpc_code != _PRUNED:
                    raise
            else:
                await self._advance(low, high + 1)
                return True
        return False

    async def _advance(self, low: int, past: int) -> None:
        for key, history in self._pending.items():
            if low <= history.next <= past:
                self._pending[key] = history._replace(next=past)
        done = {key: history.since for key, history in self._pending.items() if history.next > history.until}
        await self._complete_histories(done)

    async def _complete_histories(self, since: Mapping[str, int]) -> None:
        for key, moment in since.items():
            await self._node.wallet(wire.ANYTHING, "setlabel", key, f"{_LABEL}{moment}")
            self._complete[key] = moment
            self._pending.pop(key, None)


def _batches(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _is_ours(label: str) -> bool:
    return label.startswith(_LABEL) and label.removeprefix(_LABEL).isdecimal()


def _is_busy(error: RpcRefused) -> bool:
    """Whether the wallet is still rescanning for an earlier call, for example one that timed out here."""
    return error.rpc_code == _WALLET_ERROR and "rescanning" in error.message
