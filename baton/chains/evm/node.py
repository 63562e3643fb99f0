"""The JSON-RPC calls for reading deposits on an EVM chain, each answer strictly checked."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from baton.chains.errors import UNREADABLE, ProviderBroken
from baton.chains.evm.codec import quantity
from baton.chains.evm.wire import EvmBlock, EvmHeader, EvmReceipt, Frame, Log, Quantity
from baton.chains.http import Provider
from baton.chains.tolerant_list import read_entries

T = TypeVar("T")

_NUMBER: TypeAdapter[int] = TypeAdapter(Quantity)
_EVENTS: TypeAdapter[list[Any] | None] = TypeAdapter(list[Any] | None)
_LOG: TypeAdapter[Log] = TypeAdapter(Log)
_HEADER: TypeAdapter[EvmHeader | None] = TypeAdapter(EvmHeader | None)
_BLOCK: TypeAdapter[EvmBlock | None] = TypeAdapter(EvmBlock | None)
_RECEIPT: TypeAdapter[EvmReceipt | None] = TypeAdapter(EvmReceipt | None)
_FRAME: TypeAdapter[Frame] = TypeAdapter(Frame)
_TEXT: TypeAdapter[str] = TypeAdapter(str)


class EventList(NamedTuple):
    """The answer to a log query.

    Attributes:
        logs: The events that can be read.
        odd: The others, as answered.
        is_blank: Whether the answer was null instead of a list.
    """

    logs: list[Log]
    odd: list[Any]
    is_blank: bool


class EvmNode:
    """A node, or a load balancer before many. Every method raises `ChainError` if there is no usable answer."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    @property
    def name(self) -> str:
        """The provider's host."""
        return self._provider.name

    @property
    def calls(self) -> int:
        """Number of calls made so far."""
        return self._provider.calls

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.aclose()

    async def chain_id(self) -> int:
        """Return the id of the chain that the node serves."""
        return await self._ask(_NUMBER, "eth_chainId")

    async def head(self) -> int:
        """Return the height of the newest block."""
        return await self._ask(_NUMBER, "eth_blockNumber")

    async def header(self, at: int | str) -> EvmHeader | None:
        """Return a block by height or tag, without its transactions; None if the node does not know it."""
        return await self._ask(_HEADER, "eth_getBlockByNumber", _block_parameter(at), False)

    async def block(self, height: int) -> EvmBlock:
        """Return a block with its transactions.

        Raises:
            ProviderBroken: The node does not know the block, although its head is higher.
        """
        block = await self._ask(_BLOCK, "eth_getBlockByNumber", quantity(height), True)
        if block is None or block.number != height:
            raise self.unknown_block(height)
        return block

    async def logs(self, first: int, last: int, topics: Sequence[Any], contracts: Sequence[str] | None) -> EventList:
        """Return the events of a range of blocks, both ends included; contracts None means all."""
        query: dict[str, Any] = {"fromBlock": quantity(first), "toBlock": quantity(last), "topics": list(topics)}
        if contracts is not None:
            query["address"] = list(contracts)
        answer = await self._ask(_EVENTS, "eth_getLogs", query)
        return EventList(*read_entries(_LOG, answer or []), answer is None)

    async def receipt(self, tx_hash: str) -> EvmReceipt | None:
        """Return the receipt of a transaction; None if it is in no block."""
        return await self._ask(_RECEIPT, "eth_getTransactionReceipt", tx_hash)

    async def balance(self, address: str, height: int) -> int:
        """Return an address's balance after a block, in wei."""
        return await self._ask(_NUMBER, "eth_getBalance", address, quantity(height))

    async def call(self, to: str, data: str, height: int) -> str:
        """Return a contract's answer to a call, with the state after a block."""
        request: Mapping[str, str] = {"to": to, "data": data}
        return await self._ask(_TEXT, "eth_call", request, quantity(height))

    async def code(self, address: str, at: int | str = "latest") -> str:
        """Return the code of a contract; `0x` if there is none."""
        return await self._ask(_TEXT, "eth_getCode", address, _block_parameter(at))

    async def trace(self, tx_hash: str) -> Frame:
        """Return the calls that a transaction made."""
        return await self._ask(_FRAME, "debug_traceTransaction", tx_hash, {"tracer": "callTracer"})

    def broken(self, method: str, fault: str) -> ProviderBroken:
        """Return the error for an unusable answer."""
        return ProviderBroken(UNREADABLE, f"{self.name}: {method}: {fault}")

    def unknown_block(self, height: int) -> ProviderBroken:
        """Return the error for a block that the node should know."""
        return self.broken("eth_getBlockByNumber", f"does not know block {height}")

    async def _ask(self, kind: TypeAdapter[T], method: str, *params: Any) -> T:
        result = await self._provider.rpc(method, *params)
        try:
            return kind.validate_python(result)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or "the result"
            fault = f"answered in a shape that cannot be read ({field}: {first['msg']})"
        # Outside, without a cause: Pydantic's own text would quote the answer.
        raise self.broken(method, fault)


def _block_parameter(at: int | str) -> str:
    return quantity(at) if isinstance(at, int) else at
