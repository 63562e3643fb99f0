"""Read the deposits to one address: the transactions of its accounts since their positions, and the new positions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter

from baton.chains.deposits import NATIVE, Deposit, DepositKey
from baton.chains.errors import ProviderBroken, RpcRefused
from baton.chains.solana.accounts import TOKEN_PROGRAMS
from baton.chains.solana.depth import FINALIZED, confirmations_of, state_of
from baton.chains.solana.node import SolanaNode
from baton.chains.solana.signatures import can_hold_deposit, read_signatures
from baton.chains.solana.skipped import MAX_SKIPPED, SkippedTransactions
from baton.chains.solana.transactions import SolanaReceived, received_by
from baton.chains.spec import ChainSpec

Positions = dict[str, str]
"""By account, the newest signature up to which nothing can change; empty for an account that its owner's list named."""
POSITIONS = TypeAdapter(dict[str, Positions])

TRANSACTIONS_A_SCAN = 500
"""Most transactions of one account that one scan reads; the address stays unread until the rest is read."""


class Owner(NamedTuple):
    """One watched address for the length of a scan.

    Attributes:
        address: The address.
        since: Earlier transactions do not matter.
        accounts: The known accounts that receive for it.
        positions: How far each account was read.
        skipped: Final transactions below the positions that could not be read yet.
    """

    address: str
    since: datetime
    accounts: tuple[str, ...]
    positions: Positions
    skipped: tuple[str, ...] = ()


class OwnerScan(NamedTuple):
    """The result of reading one owner.

    Attributes:
        deposits: The deposits since the positions.
        positions: How far each account is read now.
        settled: For each account that was read, whether all its transactions are final.
        complete: False if there was too much for one scan.
        skipped: Final transactions below the positions that could not be read.
        failed: Transactions that this scan tried to read in vain.
    """

    deposits: list[Deposit]
    positions: Positions
    settled: dict[str, bool]
    complete: bool
    skipped: tuple[str, ...] = ()
    failed: frozenset[str] = frozenset()


class _AccountRead(NamedTuple):
    position: str | None
    settled: bool
    complete: bool


@dataclass
class _OwnerReads:
    """What is gathered while the accounts of an owner are read: they share transactions."""

    owner: Owner
    head: int
    skipped: dict[str, None]
    deposits: dict[DepositKey, Deposit] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)


class OwnerReader:
    """Reads the accounts of one owner at a time.

    Every method raises `ChainError` if the provider gives no usable answer.
    """

    def __init__(self, spec: ChainSpec, node: SolanaNode, skipped: SkippedTransactions, *, page: int) -> None:
        self._spec = spec
        self._node = node
        self._skipped = skipped
        self._page = page

    async def read(self, owner: Owner, due: Iterable[str], head: int, *, list_accounts: bool) -> OwnerScan:
        """Read an owner's accounts, and the skipped transactions whose turn it is.

        Args:
            owner: The owner.
            due: Which of its accounts to read.
            head: The newest slot, to count confirmations.
            list_accounts: Whether to list the owner's token accounts first, and to read the ones not known yet too.
        """
        further = await self._further_accounts(owner) if list_accounts else []
        positions: Positions = {**owner.positions, **dict.fromkeys(further, "")}
        gathered = _OwnerReads(owner, head, dict.fromkeys(owner.skipped))
        for signature in filter(self._skipped.is_due, owner.skipped):
            if await self._add(gathered, signature, FINALIZED):
                del gathered.skipped[signature]
        reads: dict[str, _AccountRead] = {}
        for account in dict.fromkeys([*due, *further]):
            reads[account] = read = await self._read(gathered, account, positions.get(account))
            if read.position:
                positions[account] = read.position
        settled = {account: read.settled for account, read in reads.items()}
        return OwnerScan(
            list(gathered.deposits.values()),
            positions,
            settled,
            all(read.complete for read in reads.values()),
            tuple(gathered.skipped),
            frozenset(gathered.failed),
        )

    async def deposits(self, owner: str, signature: str, status: str | None, head: int) -> list[Deposit]:
        """Return the deposits to an owner in one transaction."""
        transaction = await self._node.transaction(signature)
        return [
            self._deposit(received, owner, signature, transaction.slot, status, head)
            for received in received_by(owner, transaction)
            if received.asset != NATIVE or self._spec.watch_native
        ]

    async def _further_accounts(self, owner: Owner) -> list[str]:
        lists = [await self._node.token_accounts(owner.address, program) for program in TOKEN_PROGRAMS]
        return [account for accounts in lists for account in accounts if account not in owner.accounts]

    async def _read(self, gathered: _OwnerReads, account: str, position: str | None) -> _AccountRead:
        since = gathered.owner.since
        entries = await read_signatures(self._node, account, until=position, since=since, page=self._page)
        settled, count = True, 0
        for entry in entries:
            is_read = True
            if can_hold_deposit(entry, since):
                count += 1
                if count > TRANSACTIONS_A_SCAN:
                    return _AccountRead(position, settled=False, complete=False)
                is_read = await self._add(gathered, entry.signature, entry.status)
            # The position moves over an unbroken run of final entries only: a later entry may become final first.
            settled = settled and entry.status == FINALIZED and (is_read or _skip(gathered, entry.signature))
            position = entry.signature if settled else position
        return _AccountRead(position, settled, complete=True)

    async def _add(self, gathered: _OwnerReads, signature: str, status: str | None) -> bool:
        """Add a transaction's deposits; return False if it cannot be read."""
        if signature in gathered.failed:
            return False
        try:
            found = await self.deposits(gathered.owner.address, signature, status, gathered.head)
        except (ProviderBroken, RpcRefused) as error:
            gathered.failed.add(signature)
            self._skipped.failed(signature, error.message)
            return False
        gathered.deposits.update((deposit.key, deposit) for deposit in found)
        return True

    def _deposit(
        self, received: SolanaReceived, owner: str, signature: str, slot: int, status: str | None, head: int
    ) -> Deposit:
        symbol, decimals = self._asset(received.asset)
        confirmations = confirmations_of(slot, head)
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
            state=state_of(status, confirmations, self._spec.confirmations),
        )

    def _asset(self, asset: str) -> tuple[str | None, int | None]:
        if asset == NATIVE:
            return self._spec.native, self._spec.native_decimals
        known = self._spec.token_of(asset)
        return (known.symbol, known.decimals) if known else (None, None)


def _skip(gathered: _OwnerReads, signature: str) -> bool:
    """Keep a final transaction to be tried again; return False if there is no room for it."""
    if signature not in gathered.skipped and len(gathered.skipped) >= MAX_SKIPPED:
        return False
    gathered.skipped[signature] = None
    return True
