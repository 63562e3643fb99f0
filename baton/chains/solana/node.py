"""The calls that reading deposits on Solana takes, with their answers as data.

Source: Solana RPC documentation, the HTTP methods by name.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from baton.chains.errors import ProviderBroken
from baton.chains.http import Provider
from baton.chains.solana.transactions import SolanaTransaction

ACCOUNTS_AT_ONCE = 100
"""Most accounts that one `getMultipleAccounts` takes."""
PAGE = 1000
"""Most signatures that one `getSignaturesForAddress` tells, and the number it tells unless asked for fewer."""

# Everything is asked for at this level, and decided by the status in the answers: a provider may ignore the level.
_CONFIRMED = {"commitment": "confirmed"}
_AMOUNT_ALONE = {"encoding": "base64", "dataSlice": {"offset": 64, "length": 8}}
"""Of a token account's data, the amount that it holds."""

T = TypeVar("T")


class _CallModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class Signature(_CallModel):
    """A transaction that names an account, as the list of them tells it."""

    signature: str
    slot: int
    err: Any = None
    block_time: float | None = Field(default=None, alias="blockTime")
    status: str | None = Field(default=None, alias="confirmationStatus")


class Account(_CallModel):
    """What an account holds now; two equal ones hold the same lamports and tokens."""

    lamports: int
    owner: str
    data: tuple[str, str]


class SignatureStatus(_CallModel):
    """How sure a transaction is."""

    slot: int
    err: Any = None
    status: str | None = Field(default=None, alias="confirmationStatus")


class _Context(_CallModel):
    slot: int


class _Accounts(_CallModel):
    value: tuple[Account | None, ...]


class _Statuses(_CallModel):
    context: _Context
    value: tuple[SignatureStatus | None]


class _TokenAccount(_CallModel):
    pubkey: str


class _TokenAccounts(_CallModel):
    value: tuple[_TokenAccount, ...]


class Present(NamedTuple):
    """A transaction's status and the newest slot at that time; the status is None where the chain does not know it."""

    status: SignatureStatus | None
    head: int


_SIGNATURES = TypeAdapter(tuple[Signature, ...])
_SLOT = TypeAdapter(int)
_ACCOUNTS = TypeAdapter(_Accounts)
_STATUSES = TypeAdapter(_Statuses)
_TOKEN_ACCOUNTS = TypeAdapter(_TokenAccounts)
_TRANSACTION = TypeAdapter(SolanaTransaction | None)


class SolanaNode:
    """A provider that speaks Solana's JSON-RPC. Every call raises `ChainError` when there is no answer to build on."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def slot(self) -> int:
        """Return the newest slot."""
        return await self._ask(_SLOT, "getSlot", _CONFIRMED)

    async def accounts(self, addresses: Sequence[str]) -> tuple[Account | None, ...]:
        """Return what up to `ACCOUNTS_AT_ONCE` accounts hold, in their order; None for one that does not exist."""
        told = await self._ask(_ACCOUNTS, "getMultipleAccounts", list(addresses), _CONFIRMED | _AMOUNT_ALONE)
        if len(told.value) != len(addresses):
            raise self.broken("getMultipleAccounts", "answered for another number of accounts")
        return told.value

    async def signatures(
        self, account: str, *, until: str | None, before: str | None, limit: int
    ) -> tuple[Signature, ...]:
        """Return transactions that name an account, newest first, between two others and without them."""
        bounds = {name: value for name, value in (("until", until), ("before", before)) if value}
        return await self._ask(_SIGNATURES, "getSignaturesForAddress", account, _CONFIRMED | {"limit": limit} | bounds)

    async def transaction(self, signature: str) -> SolanaTransaction:
        """Return a transaction that the provider told of; that it does not know it now is an error."""
        how = _CONFIRMED | {"encoding": "jsonParsed", "maxSupportedTransactionVersion": 0}
        told = await self._ask(_TRANSACTION, "getTransaction", signature, how)
        if told is None:
            raise self.broken("getTransaction", "does not know a transaction that it told of")
        return told

    async def status(self, signature: str) -> Present:
        """Return how sure a transaction is, however old it is."""
        told = await self._ask(_STATUSES, "getSignatureStatuses", [signature], {"searchTransactionHistory": True})
        return Present(told.value[0], told.context.slot)

    async def token_accounts(self, owner: str, program: str) -> list[str]:
        """Return the open accounts of one token program that belong to an owner."""
        told = await self._ask(
            _TOKEN_ACCOUNTS, "getTokenAccountsByOwner", owner, {"programId": program}, _CONFIRMED | _AMOUNT_ALONE
        )
        return [one.pubkey for one in told.value]

    def broken(self, method: str, what: str) -> ProviderBroken:
        """Return the error of an answer that cannot be built on."""
        return ProviderBroken("unreadable", f"{self._provider.name}: {method}: {what}")

    async def _ask(self, shape: TypeAdapter[T], method: str, *params: Any) -> T:
        answer = await self._provider.rpc(method, *params)
        try:
            return shape.validate_python(answer)
        except ValueError:
            # Pydantic's own text would quote the answer.
            error = self.broken(method, "answered something that is not what the method answers")
        raise error
