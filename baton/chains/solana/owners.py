"""Reads what came to one address: its accounts' transactions from their marks on, and how far that settles them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter

from baton.chains.deposits import NATIVE, Deposit, DepositState
from baton.chains.solana.accounts import TOKEN_PROGRAMS
from baton.chains.solana.node import SolanaNode
from baton.chains.solana.signatures import FINALIZED, can_hold_deposit, read_tail
from baton.chains.solana.transactions import SolanaReceived, received_by
from baton.chains.spec import ChainSpec

Marks = dict[str, str]
"""Account to the newest signature below which nothing can change; empty for an account that was found by asking."""
MARKS = TypeAdapter(dict[str, Marks])

TRANSACTIONS_A_SCAN = 500
"""Most transactions of one account that one scan reads; more are left to the next."""

_CONFIRMED = "confirmed"


class Owner(NamedTuple):
    """One watched address for the length of a scan.

    Attributes:
        address: The address.
        since: What was before is of no interest.
        accounts: What receives for it, as far as known.
        marks: How far each account was read.
    """

    address: str
    since: datetime
    accounts: tuple[str, ...]
    marks: Marks


class OwnerScan(NamedTuple):
    """What was found for one owner.

    Attributes:
        deposits: From the marks on.
        marks: How far each account is read now.
        settled: Each account that was looked at, and whether all that was found there is final.
        whole: False when there was too much for one scan.
    """

    deposits: list[Deposit]
    marks: Marks
    settled: dict[str, bool]
    whole: bool


class _Read(NamedTuple):
    mark: str | None
    settled: bool
    whole: bool


class OwnerReader:
    """Reads one owner after another; every method raises `ChainError` when the provider gives nothing to build on."""

    def __init__(self, spec: ChainSpec, calls: SolanaNode, *, page: int) -> None:
        self._spec = spec
        self._calls = calls
        self._page = page

    async def read(self, owner: Owner, due: Iterable[str], head: int, *, ask_for_more: bool) -> OwnerScan:
        """Read an owner's accounts.

        Args:
            owner: The owner.
            due: Which of its accounts to read.
            head: The newest slot, to count confirmations by.
            ask_for_more: Whether to ask for further accounts, and to read those too.
        """
        further = await self._further(owner) if ask_for_more else []
        deposits: dict[tuple[str, str, str], Deposit] = {}
        marks: Marks = {**owner.marks, **dict.fromkeys(further, "")}
        reads: dict[str, _Read] = {}
        for account in dict.fromkeys([*due, *further]):
            reads[account] = read = await self._read(owner, account, marks.get(account), head, deposits)
            if read.mark:
                marks[account] = read.mark
        settled = {account: read.settled for account, read in reads.items()}
        return OwnerScan(list(deposits.values()), marks, settled, all(read.whole for read in reads.values()))

    async def deposits(self, owner: str, signature: str, status: str | None, head: int) -> list[Deposit]:
        """Return the deposits to an owner that a transaction holds."""
        transaction = await self._calls.transaction(signature)
        return [
            self._deposit(one, owner, signature, transaction.slot, status, head)
            for one in received_by(owner, transaction)
            if one.asset != NATIVE or self._spec.watch_native
        ]

    async def _further(self, owner: Owner) -> list[str]:
        told = [await self._calls.token_accounts(owner.address, program) for program in TOKEN_PROGRAMS]
        return [account for accounts in told for account in accounts if account not in owner.accounts]

    async def _read(
        self, owner: Owner, account: str, mark: str | None, head: int, deposits: dict[tuple[str, str, str], Deposit]
    ) -> _Read:
        tail = await read_tail(self._calls, account, until=mark, since=owner.since, page=self._page)
        settled, count = True, 0
        for entry in tail:
            if can_hold_deposit(entry, owner.since):
                count += 1
                if count > TRANSACTIONS_A_SCAN:
                    return _Read(mark, settled=False, whole=False)
                found = await self.deposits(owner.address, entry.signature, entry.status, head)
                deposits.update((one.key, one) for one in found)
            # The mark is the end of what is final without a gap, whatever order the rest came in.
            settled = settled and entry.status == FINALIZED
            mark = entry.signature if settled else mark
        return _Read(mark, settled, whole=True)

    def _deposit(
        self, received: SolanaReceived, owner: str, signature: str, slot: int, status: str | None, head: int
    ) -> Deposit:
        symbol, decimals = self._asset(received.asset)
        confirmations = max(head - slot + 1, 0)
        return Deposit(
            chain=self._spec.name,
            address=owner,
            asset=received.asset,
            symbol=symbol,
            decimals=decimals,
            tx_id=signature,
            index=received.account,
            amount=received.amount,
            sender=received.sender,
            block_height=slot,
            confirmations=confirmations,
            state=self._state(status, confirmations),
        )

    def _asset(self, asset: str) -> tuple[str | None, int | None]:
        if asset == NATIVE:
            return self._spec.native, self._spec.native_decimals
        known = self._spec.token_of(asset)
        return (known[0], known[1].decimals) if known else (None, None)

    def _state(self, status: str | None, confirmations: int) -> DepositState:
        if status == FINALIZED:
            return DepositState.FINAL
        is_deep = status == _CONFIRMED and confirmations >= self._spec.confirmations
        return DepositState.CONFIRMED if is_deep else DepositState.SEEN
