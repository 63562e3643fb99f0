"""The parts of a node's answers that deposits need. Other parts are ignored; a wrong shape is an error.

Source: ethereum/execution-apis, and java-tron's JSON-RPC, which follows it.
"""

import re
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel


def _number(value: Any) -> int:
    if not isinstance(value, str) or not value.startswith("0x") or len(value) > 66:
        raise ValueError("a quantity is 0x and hexadecimal digits")
    return int(value, 16)


TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""Topic of `Transfer(address,address,uint256)`."""

_HASH = re.compile(r"0x[0-9a-fA-F]{64}")

Quantity = Annotated[int, BeforeValidator(_number)]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$")]
RawAddress = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]


class _EvmModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


M = TypeVar("M", bound=_EvmModel)


def read_or_none(kind: type[M], value: Any) -> M | None:
    """Return a value as data; None if it cannot be read."""
    try:
        return kind.model_validate(value)
    except ValidationError:
        return None


class Log(_EvmModel):
    """One event."""

    address: RawAddress
    topics: tuple[str, ...]
    data: str
    block_number: Quantity
    block_hash: Hash
    transaction_hash: Hash
    log_index: Quantity
    removed: bool = False


class EventPlace(_EvmModel):
    """The block of an event of which nothing else may be readable."""

    block_number: Quantity


def is_hash(text: str) -> bool:
    """Whether a text is 0x and the hexadecimal digits of 32 bytes."""
    return bool(_HASH.fullmatch(text))


class EvmHeader(_EvmModel):
    """A block without its transactions. `timestamp` is seconds since 1970."""

    number: Quantity
    hash: Hash
    parent_hash: Hash
    timestamp: Quantity


class EvmTransaction(_EvmModel):
    """A transaction in a block. `to` is None if it creates a contract. Amounts in wei."""

    hash: Hash
    from_: RawAddress = Field(alias="from")
    to: RawAddress | None = None
    value: Quantity
    gas: Quantity


def _readable_transactions(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    readable = [entry for raw in value if (entry := read_or_none(EvmTransaction, raw))]
    return readable or value  # an answer without a readable one, such as a list of hashes, is an error


def _logs_or_none(value: Any) -> Any:
    return [read_or_none(Log, entry) for entry in value] if isinstance(value, list) else value


class EvmBlock(EvmHeader):
    """A block with its transactions; what an unreadable one of them moves shows in the balances."""

    transactions: Annotated[tuple[EvmTransaction, ...], BeforeValidator(_readable_transactions)]


class EvmReceipt(_EvmModel):
    """The receipt of a transaction. Prices in wei; `l1_fee` is what an OP rollup charges on top for its data.

    An event that cannot be read is None.
    """

    transaction_hash: Hash
    block_number: Quantity
    block_hash: Hash
    status: Quantity
    logs: Annotated[tuple[Log | None, ...], BeforeValidator(_logs_or_none)] = ()
    gas_used: Quantity = 0
    effective_gas_price: Quantity = 0
    l1_fee: Quantity | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the transaction succeeded."""
        return self.status == 1

    @property
    def fee(self) -> int:
        """The fee that its sender paid, in wei."""
        return self.gas_used * self.effective_gas_price + (self.l1_fee or 0)


class Frame(_EvmModel):
    """A call as `callTracer` reports it, with the calls that it made."""

    type: str = ""
    from_: str = Field(alias="from")
    to: str | None = None
    value: Quantity | None = None
    error: str | None = None
    calls: tuple["Frame", ...] = ()
