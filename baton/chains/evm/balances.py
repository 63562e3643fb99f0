"""Read the native coin balances of many addresses after a block."""

from collections.abc import Mapping, Sequence

from baton.chains.errors import RpcRefused
from baton.chains.evm.multicall import MULTICALL, balances_call, balances_in
from baton.chains.evm.node import EvmNode

AT_ONCE = 500
"""Addresses in one call to Multicall3."""


class Balances:
    """Reads balances through one node: one call for 500 addresses if the chain has Multicall3, else one for each."""

    def __init__(self, node: EvmNode) -> None:
        self._node = node
        self._multicall: bool | None = None

    async def read(self, addresses: Sequence[str], height: int) -> Mapping[str, int] | None:
        """Return each address's balance after a block, in wei; None if the node no longer has that block's state.

        Raises:
            ChainError: The node does not answer.
        """
        try:
            if len(addresses) == 1 or not await self._has_multicall():
                return await self._one_by_one(addresses, height)
            balances: dict[str, int] = {}
            for start in range(0, len(addresses), AT_ONCE):
                balances |= await self._batch(addresses[start : start + AT_ONCE], height)
            return balances
        except RpcRefused:
            return None

    async def _one_by_one(self, addresses: Sequence[str], height: int) -> Mapping[str, int]:
        return {address: await self._node.balance(address, height) for address in addresses}

    async def _has_multicall(self) -> bool:
        if self._multicall is None:
            self._multicall = len(await self._node.code(MULTICALL)) > len("0x")
        return self._multicall

    async def _batch(self, addresses: Sequence[str], height: int) -> Mapping[str, int]:
        answer = await self._node.call(MULTICALL, balances_call(addresses), height)
        if answer == "0x":
            # Multicall3 was deployed after that block.
            return await self._one_by_one(addresses, height)
        balances = balances_in(answer, len(addresses))
        if balances is None:
            raise self._node.broken("eth_call", "Multicall3 did not answer with balances")
        return dict(zip(addresses, balances, strict=True))
