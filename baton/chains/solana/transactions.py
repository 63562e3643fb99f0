"""What an owner received in a transaction, from the balances before and after it. Pure.

Unlike instructions, differences of balances also cover transfers made by programs, and several transfers at once. They
already exclude a token's transfer fee. Source: Solana RPC, `getTransaction`.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from baton.chains.deposits import NATIVE
from baton.encoding.amounts import Amount


def _address(key: Any) -> Any:
    return key.get("pubkey") if isinstance(key, dict) else key


class _TransactionModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class _UiAmount(_TransactionModel):
    amount: Amount


class _TokenBalance(_TransactionModel):
    """Tokens on one account; the owner is missing in transactions from before 2021."""

    index: int = Field(alias="accountIndex")
    mint: str
    owner: str | None = None
    balance: _UiAmount = Field(alias="uiTokenAmount")


class _TransactionMeta(_TransactionModel):
    err: Any = None
    fee: int
    lamports_before: tuple[int, ...] = Field(alias="preBalances")
    lamports_after: tuple[int, ...] = Field(alias="postBalances")
    tokens_before: tuple[_TokenBalance, ...] | None = Field(default=(), alias="preTokenBalances")
    tokens_after: tuple[_TokenBalance, ...] | None = Field(default=(), alias="postTokenBalances")


class _Message(_TransactionModel):
    accounts: tuple[Annotated[str, BeforeValidator(_address)], ...] = Field(alias="accountKeys")


class _Body(_TransactionModel):
    message: _Message


class SolanaTransaction(_TransactionModel):
    """A transaction as `getTransaction` returns it with the encoding `jsonParsed`."""

    slot: int
    meta: _TransactionMeta
    transaction: _Body

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account that takes part; balances name them by their index here."""
        return self.transaction.message.accounts

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        count = len(self.accounts)
        balances = (*(self.meta.tokens_before or ()), *(self.meta.tokens_after or ()))
        if not len(self.meta.lamports_before) == len(self.meta.lamports_after) == count:
            raise ValueError("there must be two balances for each account")
        if any(not 0 <= balance.index < count for balance in balances):
            raise ValueError("a token balance must belong to one of the accounts")
        return self


class SolanaReceived(NamedTuple):
    """What an owner received of one asset in a transaction.

    Attributes:
        asset: The mint, or `NATIVE`.
        account: The token account that received most of it, or `NATIVE`.
        amount: Smallest units, always above zero.
        sender: The owner or account whose balance fell most.
    """

    asset: str
    account: str
    amount: int
    sender: str | None


class _TokenChange(NamedTuple):
    """The change of one token account's balance; an account that changed its owner has a change for each of them."""

    account_index: int
    mint: str
    owner: str | None
    amount: int


def received_by(owner: str, transaction: SolanaTransaction) -> list[SolanaReceived]:
    """Return what an owner received, one entry for each asset; a failed transaction moved nothing."""
    if transaction.meta.err is not None:
        return []
    changes = _token_changes(transaction)
    return [*_tokens_received(owner, changes, transaction.accounts), *_lamports_received(owner, changes, transaction)]


def _token_changes(transaction: SolanaTransaction) -> list[_TokenChange]:
    amounts: dict[tuple[int, str, str | None], int] = defaultdict(int)
    for sign, balances in ((-1, transaction.meta.tokens_before), (1, transaction.meta.tokens_after)):
        for entry in balances or ():
            amounts[entry.index, entry.mint, entry.owner] += sign * entry.balance.amount
    return [_TokenChange(*account, amount) for account, amount in amounts.items()]


def _tokens_received(owner: str, changes: list[_TokenChange], accounts: tuple[str, ...]) -> Iterator[SolanaReceived]:
    for mint in sorted({change.mint for change in changes if change.owner == owner}):
        own = [change for change in changes if (change.mint, change.owner) == (mint, owner)]
        # A move between the owner's own accounts is no deposit, so only the sum over them counts.
        if (amount := sum(change.amount for change in own)) > 0:
            account = accounts[max(own, key=lambda change: (change.amount, -change.account_index)).account_index]
            totals: dict[str, int] = defaultdict(int)
            for change in changes:
                if change.mint == mint and change.owner is not None:
                    totals[change.owner] += change.amount
            yield SolanaReceived(mint, account, amount, _largest_decrease(totals))


def _lamports_received(
    owner: str, changes: list[_TokenChange], transaction: SolanaTransaction
) -> Iterator[SolanaReceived]:
    accounts, meta = transaction.accounts, transaction.meta
    moved = [after - before for before, after in zip(meta.lamports_before, meta.lamports_after, strict=True)]
    if owner not in accounts:
        return
    # Lamports from the owner's own token accounts are no deposit: closing such an account returns its rent.
    own = {change.account_index for change in changes if change.owner == owner}
    returned = sum(min(moved[index], 0) for index in own)
    if (amount := moved[accounts.index(owner)] + returned) > 0:
        moved[0] += meta.fee  # the first account pays the fee, even if another one sends
        yield SolanaReceived(NATIVE, NATIVE, amount, _largest_decrease(dict(zip(accounts, moved, strict=True))))


def _largest_decrease(changes: dict[str, int]) -> str | None:
    account = min(changes, key=lambda name: (changes[name], name), default=None)
    return account if account is not None and changes[account] < 0 else None
