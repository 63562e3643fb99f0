"""The coins of many addresses after a block."""

from collections.abc import Mapping, Sequence

from baton.chains.errors import RpcRefused
from baton.chains.evm.multicall import MULTICALL, balances_call, balances_in
from baton.chains.evm.node import EvmNode

AT_ONCE = 500
"""Addresses in one call to Multicall3."""


class Balances:
    """Reads balances through one node: a call for 500 addresses where Multicall3 stands, else one for each address."""

    def __init__(self, node: EvmNode) -> None:
        self._node = node
        self._has_multicall: bool | None = None

    async def read(self, addresses: Sequence[str], height: int) -> Mapping[str, int] | None:
        """Return each address's coins after a block, in wei; None when the node has no state of that block any more.

        Raises:
            ChainError: The node does not answer.
        """
        try:
            if len(addresses) == 1 or not await self._multicall():
                return await self._one_by_one(addresses, height)
            told: dict[str, int] = {}
            for start in range(0, len(addresses), AT_ONCE):
                told |= await self._some(addresses[start : start + AT_ONCE], height)
            return told
        except RpcRefused:
            return None

    async def _one_by_one(self, addresses: Sequence[str], height: int) -> Mapping[str, int]:
        return {address: await self._node.balance(address, height) for address in addresses}

    async def _multicall(self) -> bool:
        if self._has_multicall is None:
            self._has_multicall = len(await self._node.code(MULTICALL)) > len("0x")
        return self._has_multicall

    async def _some(self, addresses: Sequence[str], height: int) -> Mapping[str, int]:
        told = await self._node.call(MULTICALL, balances_call(addresses), height)
        if told == "0x":
            # It stands there now, but did not after that block.
            return await self._one_by_one(addresses, height)
        answer = balances_in(told, len(addresses))
        if answer is None:
            raise self._node.broken("eth_call", "Multicall3 answered something else than balances")
        return dict(zip(addresses, answer, strict=True))
