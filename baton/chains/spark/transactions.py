"""Sparkscan's transactions, and which of them are deposits. Pure.

Source: the OpenAPI description of Sparkscan, "Get Address Transactions" and "Get Transaction Details by ID". Amounts
are whole numbers: sats, or a token's smallest units.
"""

from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from baton.chains.deposits import NATIVE, DepositState
from baton.chains.errors import UNREADABLE
from baton.chains.spark.addresses import identity_key, token_id
from baton.chains.tolerant_list import read_entries
from baton.encoding.amounts import TolerantAmount, TolerantTime

CONFIRMED = "confirmed"
"""Spark has no reorgs: what is confirmed is final."""

_LONGEST_ID = 100

_PENDING = frozenset({"sent", "pending"})
_VOID = frozenset({"failed", "expired"})
_INCOMING = "incoming"


class _SparkModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Party(_SparkModel):
    type: str
    identifier: str
    pubkey: str | None = None


class _Token(_SparkModel):
    identifier: str = Field(alias="tokenIdentifier")
    address: str | None = Field(default=None, alias="tokenAddress")


class _Share(_SparkModel):
    pubkey: str
    amount: TolerantAmount


class _Shares(_SparkModel):
    inputs: tuple[_Share, ...]
    outputs: tuple[_Share, ...]


class _SparkTransaction(_SparkModel):
    id: str = Field(min_length=1)
    status: str
    sats: TolerantAmount = Field(default=None, alias="amountSats")
    token: _Token | None = Field(default=None, alias="tokenMetadata")
    shares: _Shares | None = Field(default=None, alias="multiIoDetails")


class ListedTransaction(_SparkTransaction):
    """A transaction in the list of an address; direction and counterparty are from that address's point of view."""

    direction: str
    counterparty: _Party | None = None
    units: TolerantAmount = Field(default=None, alias="tokenAmount")
    created: TolerantTime = Field(default=None, alias="createdAt")

    @property
    def is_settled(self) -> bool:
        """Whether nothing about it can change."""
        return self.status == CONFIRMED or self.status in _VOID

    @property
    def is_readable(self) -> bool:
        """Whether it is an entry of the explorer; otherwise it stands for one that cannot be read."""
        return self.status != UNREADABLE


class SingleTransaction(_SparkTransaction):
    """A transaction read by its id."""

    sender: _Party | None = Field(default=None, alias="from")
    receiver: _Party | None = Field(default=None, alias="to")
    units: TolerantAmount = Field(default=None, alias="amount")


class _PageMeta(_SparkModel):
    total: int | None = Field(default=None, alias="totalItems")


_LISTED = TypeAdapter(ListedTransaction)


def _with_placeholders(value: Any) -> Any:
    """Return a list with a placeholder for each entry that cannot be read, so that the others can."""
    return [_readable(entry, place) for place, entry in enumerate(value)] if isinstance(value, list) else value


def _readable(entry: Any, place: int) -> Any:
    if not read_entries(_LISTED, [entry]).odd:
        return entry
    tx_id = entry.get("id") if isinstance(entry, dict) else None
    name = tx_id[:_LONGEST_ID] if isinstance(tx_id, str) and tx_id else f"?{place}"
    return {"id": name, "status": UNREADABLE, "direction": UNREADABLE}


class TransactionPage(_SparkModel):
    """A page of an address's list, newest first; an entry that cannot be read has the status `UNREADABLE`."""

    meta: _PageMeta
    data: Annotated[tuple[ListedTransaction, ...], BeforeValidator(_with_placeholders)]


class SparkReceived(NamedTuple):
    """What a wallet received in a transaction.

    Attributes:
        asset: The token as the explorer spells it, or `NATIVE`.
        amount: Smallest units; None if the explorer gave no exact amount.
        sender: A Spark address.
        state: Final if confirmed.
    """

    asset: str
    amount: int | None
    sender: str | None
    state: DepositState


def listed_deposit(entry: ListedTransaction, key: str) -> SparkReceived | None:
    """Return what the wallet with this identity key received by an entry of its list; None if it received nothing.

    If a token transfer lists its inputs and outputs, the wallet's net gain counts and the direction does not.
    """
    if entry.shares is None and entry.direction != _INCOMING:
        return None
    return _received(entry, entry.units, entry.counterparty, key)


def single_deposit(entry: SingleTransaction, key: str) -> SparkReceived | None:
    """Return what the wallet with this identity key received by a transaction; None if it received nothing."""
    if entry.shares is None and _key_of(entry.receiver) not in (key, None):
        return None
    return _received(entry, entry.units, entry.sender, key)


def _received(entry: _SparkTransaction, units: int | None, sender: _Party | None, key: str) -> SparkReceived | None:
    state = DepositState.FINAL if entry.status == CONFIRMED else DepositState.SEEN
    if entry.status != CONFIRMED and entry.status not in _PENDING:
        return None
    amount = entry.sats if entry.token is None else units
    if entry.token is not None and entry.shares is not None:
        amount = _gained(entry.shares, key)
    if amount is not None and amount <= 0:
        return None
    asset = NATIVE if entry.token is None else entry.token.address or entry.token.identifier
    return SparkReceived(asset, amount, sender.identifier if sender and sender.type == "spark" else None, state)


def _gained(shares: _Shares, key: str) -> int | None:
    received = [share.amount for share in shares.outputs if share.pubkey.lower() == key]
    spent = [share.amount for share in shares.inputs if share.pubkey.lower() == key]
    if None in received or None in spent:
        return None
    return sum(amount or 0 for amount in received) - sum(amount or 0 for amount in spent)


def _key_of(party: _Party | None) -> str | None:
    if party is None:
        return None
    return party.pubkey.lower() if party.pubkey else identity_key(party.identifier)


def same_token(first: str, second: str) -> bool:
    """Whether two spellings name the same token."""
    identifier = token_id(first)
    return first == second or (identifier is not None and identifier == token_id(second))
