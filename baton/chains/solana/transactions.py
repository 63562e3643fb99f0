"""What a transaction brought to an owner, from the balances before and after it. Pure.

Differences of balances also cover transfers that a program made and several transfers at once; instructions would not.
A transfer fee of the token is taken off by itself. Source: Solana RPC, `getTransaction`.
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

    place: int = Field(alias="accountIndex")
    mint: str
    owner: str | None = None
    held: _UiAmount = Field(alias="uiTokenAmount")


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
    """A transaction as `getTransaction` tells it with the encoding `jsonParsed`."""

    slot: int
    meta: _TransactionMeta
    transaction: _Body

    @property
    def accounts(self) -> tuple[str, ...]:
        """Return every account that takes part; balances name them by their place here."""
        return self.transaction.message.accounts

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        count = len(self.accounts)
        places = [one.place for one in (*(self.meta.tokens_before or ()), *(self.meta.tokens_after or ()))]
        if not len(self.meta.lamports_before) == len(self.meta.lamports_after) == count:
            raise ValueError("there must be two balances for each account")
        if any(not 0 <= place < count for place in places):
            raise ValueError("a token balance must belong to one of the accounts")
        return self


class SolanaReceived(NamedTuple):
    """What an owner got by a transaction.

    Attributes:
        asset: The mint, or `NATIVE`.
        account: The token account that got most of it, or `NATIVE`.
        amount: Smallest units, always more than none.
        sender: Whose balance fell most.
    """

    asset: str
    account: str
    amount: int
    sender: str | None


class _Change(NamedTuple):
    """By how much one token account changed; one that got another owner changed for both."""

    place: int
    mint: str
    owner: str | None
    amount: int


def received_by(owner: str, transaction: SolanaTransaction) -> list[SolanaReceived]:
    """Return what came to an owner, one entry for each asset; a failed transaction moved nothing."""
    if transaction.meta.err is not None:
        return []
    changes = _token_changes(transaction)
    return [*_tokens_received(owner, changes, transaction.accounts), *_lamports_received(owner, changes, transaction)]


def _token_changes(transaction: SolanaTransaction) -> list[_Change]:
    amounts: dict[tuple[int, str, str | None], int] = defaultdict(int)
    for sign, balances in ((-1, transaction.meta.tokens_before), (1, transaction.meta.tokens_after)):
        for one in balances or ():
            amounts[one.place, one.mint, one.owner] += sign * one.held.amount
    return [_Change(*account, amount) for account, amount in amounts.items()]


def _tokens_received(owner: str, changes: list[_Change], accounts: tuple[str, ...]) -> Iterator[SolanaReceived]:
    for mint in sorted({one.mint for one in changes if one.owner == owner}):
        mine = [one for one in changes if (one.mint, one.owner) == (mint, owner)]
        # Moved between the owner's own accounts, it is no deposit: only the sum over them counts.
        if (amount := sum(one.amount for one in mine)) > 0:
            account = accounts[max(mine, key=lambda one: (one.amount, -one.place)).place]
            totals: dict[str, int] = defaultdict(int)
            for one in changes:
                if one.mint == mint and one.owner is not None:
                    totals[one.owner] += one.amount
            yield SolanaReceived(mint, account, amount, _most_fallen(totals))


def _lamports_received(owner: str, changes: list[_Change], transaction: SolanaTransaction) -> Iterator[SolanaReceived]:
    accounts, meta = transaction.accounts, transaction.meta
    moved = [after - before for before, after in zip(meta.lamports_before, meta.lamports_after, strict=True)]
    if owner not in accounts:
        return
    # Lamports that came out of the owner's own token accounts, as closing one frees its rent, are no deposit.
    freed = sum(min(moved[place], 0) for place in {one.place for one in changes if one.owner == owner})
    if (amount := moved[accounts.index(owner)] + freed) > 0:
        moved[0] += meta.fee  # the first account pays the fee, whoever sends
        yield SolanaReceived(NATIVE, NATIVE, amount, _most_fallen(dict(zip(accounts, moved, strict=True))))


def _most_fallen(changes: dict[str, int]) -> str | None:
    account = min(changes, key=lambda one: (changes[one], one), default=None)
    return account if account is not None and changes[account] < 0 else None
