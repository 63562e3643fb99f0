"""The answers of Esplora and bitcoind that deposits need; an answer of another shape is the provider's error. Pure.

Source: Esplora's HTTP API description; the help texts of bitcoind's RPC.
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic import model_validator as validates

from baton.chains.errors import UNREADABLE, ProviderBroken

T = TypeVar("T")

_SATOSHIS = Decimal(100_000_000)
_HASH = "[0-9a-f]{64}"
_MOST = 21_000_000 * 100_000_000


def read(shape: TypeAdapter[T], answer: Any, provider: str, call: str) -> T:
    """Return an answer as data.

    Raises:
        ProviderBroken: The answer has another shape.
    """
    try:
        return shape.validate_python(answer)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
        where = f" at {field}" if field else ""
        raise ProviderBroken(UNREADABLE, f"{provider}: {call}: answered in another shape{where}") from None


def name_of(entry: Any) -> str:
    """Return the transaction that an unreadable entry of a list names; `?` if it names none."""
    tx_id = entry.get("txid") if isinstance(entry, dict) else None
    return tx_id if isinstance(tx_id, str) and re.fullmatch(_HASH, tx_id) else "?"


def height_of(entry: Any) -> int | None:
    """Return the height of the block that an unreadable output of bitcoind's list is in; None if it names none."""
    height = entry.get("blockheight") if isinstance(entry, dict) else None
    return height if isinstance(height, int) and height >= 0 else None


def satoshis(value: Any) -> int:
    """Return bitcoind's amount in BTC as satoshis; exact, because all amounts fit into a float's sixteen digits.

    Raises:
        ValueError: It is not a number of BTC with at most eight decimals.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("an amount is a number of BTC")
    exact = Decimal(str(value)) * _SATOSHIS
    if not exact.is_finite() or exact != exact.to_integral_value() or abs(exact) > _MOST:
        raise ValueError("an amount has at most eight decimals, and there are 21 million BTC")
    return int(exact)


Hash = Annotated[str, Field(pattern=f"^{_HASH}$")]
Height = Annotated[int, Field(ge=0)]
Seconds = Annotated[int, Field(ge=0, lt=1 << 32)]
"""Time of a block, since 1970; a header has 32 bits for it."""
Satoshis = Annotated[int, BeforeValidator(satoshis)]
"""An amount that bitcoind gives in BTC."""


class _BitcoinModel(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class ConfirmationStatus(_BitcoinModel):
    """A transaction's place, from Esplora."""

    confirmed: bool
    block_height: Height | None = None
    block_hash: Hash | None = None
    block_time: Seconds | None = None

    @validates(mode="after")
    def _has_height(self) -> Self:
        if self.confirmed and self.block_height is None:
            raise ValueError("a confirmed transaction has a height")
        return self


class _Prevout(_BitcoinModel):
    scriptpubkey_address: str | None = None


class _Input(_BitcoinModel):
    prevout: _Prevout | None = None


class _Output(_BitcoinModel):
    scriptpubkey_address: str | None = None
    value: Annotated[int, Field(ge=0, le=_MOST)]


class BitcoinTransaction(_BitcoinModel):
    """A transaction from Esplora; amounts are satoshis."""

    txid: Hash
    vin: list[_Input]
    vout: list[_Output]
    status: ConfirmationStatus

    @property
    def sender(self) -> str | None:
        """The address of the first input that has one."""
        addresses = (spend.prevout.scriptpubkey_address for spend in self.vin if spend.prevout)
        return next((address for address in addresses if address), None)


HEIGHT = TypeAdapter(Height, config=ConfigDict(strict=True))
TRANSACTION = TypeAdapter(BitcoinTransaction)
ENTRIES = TypeAdapter(list[Any])


class Tip(_BitcoinModel):
    """The newest block of a bitcoind."""

    blocks: Height
    mediantime: Seconds


class BitcoinHeader(_BitcoinModel):
    """A block's header."""

    mediantime: Seconds


class Detail(_BitcoinModel):
    """The effect of a wallet's transaction on one address."""

    category: str
    amount: Satoshis
    vout: Height
    address: str | None = None

    @property
    def is_received(self) -> bool:
        """Whether the address received the amount; a miner's reward counts at once, as it does with Esplora."""
        return self.category in ("receive", "generate", "immature")


class Placed(_BitcoinModel):
    """A transaction's place, from bitcoind."""

    confirmations: int
    """Negative if another transaction on the chain has spent the same outputs."""
    blockheight: Height | None = None
    blockhash: Hash | None = None
    blocktime: Seconds | None = None

    @validates(mode="after")
    def _has_block(self) -> Self:
        if self.confirmations > 0 and self.blockheight is None:
            raise ValueError("a confirmed transaction has a height")
        return self


class WalletEntry(Placed, Detail):
    """One output in a wallet's list."""

    txid: Hash


class WalletTransaction(Placed):
    """A transaction of a wallet."""

    details: list[Detail]


class WalletListing(_BitcoinModel):
    """A wallet's list of outputs since a block; each is read as a `WalletEntry`."""

    transactions: list[Any]


class Labelled(_BitcoinModel):
    """An address of a wallet."""

    address: str
    label: str = ""


class Described(_BitcoinModel):
    """A descriptor with its checksum."""

    descriptor: str


class Imported(_BitcoinModel):
    """Whether the import of one descriptor succeeded."""

    success: bool


class _Script(_BitcoinModel):
    address: str | None = None


class _Spent(_BitcoinModel):
    script: _Script = Field(alias="scriptPubKey")


class _Spend(_BitcoinModel):
    prevout: _Spent | None = None


class RawTransaction(_BitcoinModel):
    """A transaction with the outputs that it spends; bitcoind knows them only for a transaction in a block."""

    vin: list[_Spend]

    @property
    def sender(self) -> str | None:
        """The address of the first input that has one."""
        addresses = (spend.prevout.script.address for spend in self.vin if spend.prevout)
        return next((address for address in addresses if address), None)


ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)
TIP = TypeAdapter(Tip)
HEADER = TypeAdapter(BitcoinHeader)
BLOCK_HASH = TypeAdapter(Hash)
WALLET_ENTRY = TypeAdapter(WalletEntry)
LISTING = TypeAdapter(WalletListing)
WALLET_TRANSACTION = TypeAdapter(WalletTransaction)
RAW_TRANSACTION = TypeAdapter(RawTransaction)
LABELLED = TypeAdapter(list[Labelled])
DESCRIBED = TypeAdapter(Described)
IMPORTED = TypeAdapter(list[Imported])
