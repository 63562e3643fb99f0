"""The parts of a node's answers that deposits need. Other parts are ignored; a wrong shape is an error.

Source: ethereum/execution-apis, and java-tron's JSON-RPC, which follows it.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel


def _number(value: Any) -> int:
    if not isinstance(value, str) or not value.startswith("0x") or len(value) > 66:
        raise ValueError("a quantity is 0x and hexadecimal digits")
    return int(value, 16)


Quantity = Annotated[int, BeforeValidator(_number)]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$")]
RawAddress = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]


class _EvmModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


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


class EvmBlock(EvmHeader):
    """A block with its transactions."""

    transactions: tuple[EvmTransaction, ...]


class EvmReceipt(_EvmModel):
    """The receipt of a transaction. Prices in wei; `l1_fee` is what an OP rollup charges on top for its data."""

    transaction_hash: Hash
    block_number: Quantity
    block_hash: Hash
    status: Quantity
    logs: tuple[Log, ...] = ()
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
