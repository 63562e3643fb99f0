"""The RPC calls to bitcoind for reading deposits, with their answers as data.

Source: the help texts of bitcoind's RPC; its error numbers are in its `rpc/protocol.h`.
"""

from typing import Any, TypeVar

from pydantic import TypeAdapter

from baton.chains.bitcoin import wire
from baton.chains.errors import RpcRefused
from baton.chains.http import Provider

T = TypeVar("T")

WALLET = "baton-watch"
"""Name of the wallet that the reader creates in bitcoind; it holds addresses and no keys."""

UNKNOWN = -5
"""The call names something unknown or invalid: a transaction, an address."""
_NO_WALLET = -18
_ALREADY_LOADED = -35
_MEDIAN_TIME_LAG = 6 * 3600
"""Seconds that a block's median time may lag behind: it is the fifth block before's time, and blocks can be slow."""


class BitcoinNode:
    """A bitcoind with a watch-only wallet.

    Args:
        provider: Its RPC; user and password are in the URL.
        block_seconds: Usual time between two blocks.
    """

    def __init__(self, provider: Provider, block_seconds: float) -> None:
        self.name = provider.name
        self._provider = provider
        self._block_seconds = block_seconds
        self.openings = 0
        """How often the wallet had to be loaded or created."""

    async def call(self, shape: TypeAdapter[T], method: str, *params: Any) -> T:
        """Make a call that concerns no wallet.

        Raises:
            ChainError: It was refused, or there was no usable answer.
        """
        return wire.read(shape, await self._provider.rpc(method, *params), self.name, method)

    async def wallet(self, shape: TypeAdapter[T], method: str, *params: Any) -> T:
        """Make a call to the wallet; load or create the wallet first if necessary.

        Raises:
            ChainError: It was refused, or there was no usable answer.
        """
        try:
            answer = await self._provider.rpc(method, *params, path=f"/wallet/{WALLET}")
        except RpcRefused as error:
            if error.rpc_code != _NO_WALLET:
                raise
            await self._open()
            answer = await self._provider.rpc(method, *params, path=f"/wallet/{WALLET}")
        return wire.read(shape, answer, self.name, method)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.aclose()

    async def tip(self) -> wire.Tip:
        """Return the newest block."""
        return await self.call(wire.TIP, "getblockchaininfo")

    async def block_hash(self, height: int) -> str:
        """Return the hash of the block at a height."""
        return await self.call(wire.BLOCK_HASH, "getblockhash", height)

    async def height_before(self, moment: float, height: int) -> int:
        """Return a height, at most the given one, whose block is certainly older than `moment` (seconds since 1970)."""
        target, step = moment - _MEDIAN_TIME_LAG, 0
        while height > 0:
            header = await self.call(wire.HEADER, "getblockheader", await self.block_hash(height))
            if header.mediantime < target:
                break
            step = max(2 * step, int((header.mediantime - target) / self._block_seconds) + 1)
            height = max(height - step, 0)
        return height

    async def in_mempool(self, tx_id: str) -> bool:
        """Whether a transaction is in the mempool; the wallet keeps listing a transaction that was replaced."""
        try:
            await self.call(wire.ANYTHING, "getmempoolentry", tx_id)
        except RpcRefused as error:
            if error.rpc_code == UNKNOWN:
                return False
            raise
        return True

    async def _open(self) -> None:
        self.openings += 1
        try:
            await self._provider.rpc("loadwallet", WALLET, True)
        except RpcRefused as error:
            if error.rpc_code == _NO_WALLET:
                # Without keys, blank, without passphrase, with descriptors, and loaded at every start of the node.
                await self._provider.rpc("createwallet", WALLET, True, True, "", False, True, True)
            elif error.rpc_code != _ALREADY_LOADED:
                raise
