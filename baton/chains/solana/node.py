"""The JSON-RPC calls for reading deposits on Solana, with their answers as data.

Source: Solana RPC documentation, the HTTP methods by name.
"""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from baton.chains.errors import UNREADABLE, ProviderBroken
from baton.chains.http import Provider
from baton.chains.solana.transactions import SolanaTransaction

ACCOUNTS_AT_ONCE = 100
"""Most accounts that one `getMultipleAccounts` takes."""
PAGE = 1000
"""Most signatures in one answer of `getSignaturesForAddress`, and the default number."""

_ANY_VERSION = 255
"""The highest version that the RPC accepts here: a transaction of a newer version is read too."""

# Every call asks for this level, but the status in the answers decides: a provider may ignore the level.
_CONFIRMED = {"commitment": "confirmed"}
_AMOUNT_ONLY = {"encoding": "base64", "dataSlice": {"offset": 64, "length": 8}}
"""The part of a token account's data that is its amount."""

T = TypeVar("T")


def _number_or_none(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None


class _SolanaModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class Signature(_SolanaModel):
    """One entry in the list of an account's transactions; what is odd about it is unknown, and hides nothing."""

    signature: str
    err: Any = None
    block_time: Annotated[float | None, BeforeValidator(_number_or_none)] = Field(default=None, alias="blockTime")
    status: Annotated[str | None, BeforeValidator(_text_or_none)] = Field(default=None, alias="confirmationStatus")


class Account(_SolanaModel):
    """The balance of an account; two equal ones hold the same lamports and tokens."""

    lamports: int
    owner: str
    data: tuple[str, str]


class SignatureStatus(_SolanaModel):
    """The status of a transaction."""

    slot: int
    err: Any = None
    status: str | None = Field(default=None, alias="confirmationStatus")


class _Context(_SolanaModel):
    slot: int


class _Accounts(_SolanaModel):
    value: tuple[Account | None, ...]


class _Statuses(_SolanaModel):
    context: _Context
    value: tuple[SignatureStatus | None]


class _TokenAccount(_SolanaModel):
    pubkey: str


class _TokenAccounts(_SolanaModel):
    value: tuple[_TokenAccount, ...]


class PresentStatus(NamedTuple):
    """A transaction's status, None if the chain does not know it, and the newest slot at that time."""

    status: SignatureStatus | None
    head: int


_SIGNATURES = TypeAdapter(tuple[Signature, ...])
_SLOT = TypeAdapter(int)
_ACCOUNTS = TypeAdapter(_Accounts)
_STATUSES = TypeAdapter(_Statuses)
_TOKEN_ACCOUNTS = TypeAdapter(_TokenAccounts)
_TRANSACTION = TypeAdapter(SolanaTransaction | None)


class SolanaNode:
    """A provider that speaks Solana's JSON-RPC. Every call raises `ChainError` if there is no usable answer."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def slot(self) -> int:
        """Return the newest slot."""
        return await self._ask(_SLOT, "getSlot", _CONFIRMED)

    async def accounts(self, addresses: Sequence[str]) -> tuple[Account | None, ...]:
        """Return the balances of up to `ACCOUNTS_AT_ONCE` accounts, in order; None for one that does not exist."""
        answer = await self._ask(_ACCOUNTS, "getMultipleAccounts", list(addresses), _CONFIRMED | _AMOUNT_ONLY)
        if len(answer.value) != len(addresses):
            raise self.broken("getMultipleAccounts", "answered for another number of accounts")
        return answer.value

    async def signatures(
        self, account: str, *, until: str | None, before: str | None, limit: int
    ) -> tuple[Signature, ...]:
        """Return transactions that name an account, newest first, after `until` and before `before`, both excluded."""
        bounds = {name: value for name, value in (("until", until), ("before", before)) if value}
        return await self._ask(_SIGNATURES, "getSignaturesForAddress", account, _CONFIRMED | {"limit": limit} | bounds)

    async def transaction(self, signature: str) -> SolanaTransaction:
        """Return a transaction that the provider listed; if it does not know it now, that is an error."""
        options = _CONFIRMED | {"encoding": "jsonParsed", "maxSupportedTransactionVersion": _ANY_VERSION}
        answer = await self._ask(_TRANSACTION, "getTransaction", signature, options)
        if answer is None:
            raise self.broken("getTransaction", "does not know a transaction that it listed")
        return answer

    async def status(self, signature: str) -> PresentStatus:
        """Return the status of a transaction of any age."""
        answer = await self._ask(_STATUSES, "getSignatureStatuses", [signature], {"searchTransactionHistory": True})
        return PresentStatus(answer.value[0], answer.context.slot)

    async def token_accounts(self, owner: str, program: str) -> list[str]:
        """Return an owner's open accounts of one token program."""
        answer = await self._ask(
            _TOKEN_ACCOUNTS, "getTokenAccountsByOwner", owner, {"programId": program}, _CONFIRMED | _AMOUNT_ONLY
        )
        return [account.pubkey for account in answer.value]

    def broken(self, method: str, fault: str) -> ProviderBroken:
        """Return the error for an unusable answer."""
        return ProviderBroken(UNREADABLE, f"{self._provider.name}: {method}: {fault}")

    async def _ask(self, shape: TypeAdapter[T], method: str, *params: Any) -> T:
        answer = await self._provider.rpc(method, *params)
        try:
            return shape.validate_python(answer)
        except ValueError:
            # Raised outside, without a cause: Pydantic's own text would quote the answer.
            error = self.broken(method, "answered in another shape than the method's")
        raise error
