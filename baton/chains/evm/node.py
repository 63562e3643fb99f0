"""The calls that deposits need of a node, each with its answer read strictly."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from baton.chains.errors import ProviderBroken
from baton.chains.evm.codec import quantity
from baton.chains.evm.wire import EvmBlock, EvmHeader, Frame, Log, Quantity, Receipt
from baton.chains.http import Provider

T = TypeVar("T")

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""Topic of `Transfer(address,address,uint256)`."""

_NUMBER: TypeAdapter[int] = TypeAdapter(Quantity)
_LOGS: TypeAdapter[list[Log]] = TypeAdapter(list[Log])
_HEADER: TypeAdapter[EvmHeader | None] = TypeAdapter(EvmHeader | None)
_BLOCK: TypeAdapter[EvmBlock | None] = TypeAdapter(EvmBlock | None)
_RECEIPT: TypeAdapter[Receipt | None] = TypeAdapter(Receipt | None)
_FRAME: TypeAdapter[Frame] = TypeAdapter(Frame)
_TEXT: TypeAdapter[str] = TypeAdapter(str)


class EvmNode:
    """A node, or what stands in front of many. Every method raises `ChainError` when there is no answer to build on."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    @property
    def name(self) -> str:
        """Return the provider's host."""
        return self._provider.name

    @property
    def calls(self) -> int:
        """Return how many calls were made so far."""
        return self._provider.calls

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.aclose()

    async def chain_id(self) -> int:
        """Return the chain that the node serves."""
        return await self._ask(_NUMBER, "eth_chainId")

    async def head(self) -> int:
        """Return the newest block's height."""
        return await self._ask(_NUMBER, "eth_blockNumber")

    async def header(self, at: int | str) -> EvmHeader | None:
        """Return a block by height or tag without its transactions; None when the node does not know it."""
        return await self._ask(_HEADER, "eth_getBlockByNumber", _place(at), False)

    async def block(self, height: int) -> EvmBlock:
        """Return a block with its transactions.

        Raises:
            ProviderBroken: The node does not know a block that it said it has.
        """
        block = await self._ask(_BLOCK, "eth_getBlockByNumber", quantity(height), True)
        if block is None or block.number != height:
            raise self.broken("eth_getBlockByNumber", f"does not tell block {height}")
        return block

    async def logs(self, first: int, last: int, topics: Sequence[Any], contracts: Sequence[str] | None) -> list[Log]:
        """Return the events of a range of blocks, both ends included; of these contracts, or of any when None."""
        query: dict[str, Any] = {"fromBlock": quantity(first), "toBlock": quantity(last), "topics": list(topics)}
        if contracts is not None:
            query["address"] = list(contracts)
        return await self._ask(_LOGS, "eth_getLogs", query)

    async def receipt(self, tx_hash: str) -> Receipt | None:
        """Return what became of a transaction; None when it stands in no block."""
        return await self._ask(_RECEIPT, "eth_getTransactionReceipt", tx_hash)

    async def balance(self, address: str, height: int) -> int:
        """Return an address's coins after a block, in wei."""
        return await self._ask(_NUMBER, "eth_getBalance", address, quantity(height))

    async def call(self, to: str, data: str, height: int) -> str:
        """Return what a contract answers after a block."""
        request: Mapping[str, str] = {"to": to, "data": data}
        return await self._ask(_TEXT, "eth_call", request, quantity(height))

    async def code(self, address: str, at: int | str = "latest") -> str:
        """Return the code of a contract; `0x` where there is none."""
        return await self._ask(_TEXT, "eth_getCode", address, _place(at))

    async def trace(self, tx_hash: str) -> Frame:
        """Return the calls that a transaction made."""
        return await self._ask(_FRAME, "debug_traceTransaction", tx_hash, {"tracer": "callTracer"})

    def broken(self, method: str, what: str) -> ProviderBroken:
        """Return the error for an answer that cannot be right."""
        return ProviderBroken("unreadable", f"{self.name}: {method}: {what}")

    async def _ask(self, kind: TypeAdapter[T], method: str, *params: Any) -> T:
        result = await self._provider.rpc(method, *params)
        try:
            return kind.validate_python(result)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or "the result"
            told = f"answered in a shape that cannot be read ({field}: {first['msg']})"
        raise self.broken(method, told)


def _place(at: int | str) -> str:
    return quantity(at) if isinstance(at, int) else at
