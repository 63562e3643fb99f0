"""Read deposits on Solana through one provider of its JSON-RPC.

An address is watched by the accounts that receive for it: itself for SOL, its associated token account for each known
token and, less often, any other token account that it owns. A transfer into an existing token account does not name
the owner, so the owner's own transaction list would miss it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from itertools import chain

from baton.chains.address_cursor import read_positions, read_skipped, write_positions
from baton.chains.concurrent_reads import CONCURRENCY, read_concurrently
from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import Throttled
from baton.chains.http import Provider
from baton.chains.solana.accounts import TOKEN_PROGRAM, TOKEN_PROGRAMS, associated_token_account
from baton.chains.solana.node import ACCOUNTS_AT_ONCE, PAGE, Account, SolanaNode
from baton.chains.solana.owners import POSITIONS, Owner, OwnerReader, OwnerScan, Positions
from baton.chains.solana.read_schedule import Balances, ReadSchedule
from baton.chains.solana.skipped import SkippedTransactions
from baton.chains.spec import ChainSpec

FULL_READ_EVERY = 60
"""Scans within which every account is read once even if its balance is the same, and every owner's accounts listed."""


class SolanaReader:
    """Reads one Solana network.

    It remembers balances, so keep one reader for as long as its process lives: a new one reads every account once,
    which is a call for each.

    Args:
        spec: The chain. Tokens are listed by mint; the chain itself says which token program a mint belongs to.
        provider: The chain's JSON-RPC. Closed with the reader.
        full_read_every: Scans within which each account is read once even if its balance is the same.
        page: Signatures to request at once, at least 2.
        concurrency: Calls that run at the same time.
    """

    def __init__(
        self,
        spec: ChainSpec,
        provider: Provider,
        *,
        full_read_every: int = FULL_READ_EVERY,
        page: int = PAGE,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._spec = spec
        self._provider = provider
        self._node = SolanaNode(provider)
        self._skipped = SkippedTransactions()
        self._owner_reader = OwnerReader(spec, self._node, self._skipped, page=max(page, 2))
        self._schedule = ReadSchedule(full_read_every)
        self._concurrency = concurrency
        self._programs: dict[str, str] = {}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.aclose()

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Find deposits to these addresses; see `baton.chains.deposits.Reader`.

        An invalid address counts as unread. A transaction that cannot be read is stepped over.

        Raises:
            Throttled: The rate limit was reached before anything was read.
            ChainError: Nothing could be read.
        """
        head = await self._node.slot()
        await self._learn_programs({watch.asset for watch in watches})
        owners = self._owners(watches, read_positions(cursor, POSITIONS), read_skipped(cursor))
        accounts = [account for owner in owners.values() for account in owner.accounts]
        self._schedule.begin_scan(accounts)
        self._skipped.begin_scan(signature for owner in owners.values() for signature in owner.skipped)
        balances = await self._balances(accounts)
        due = [owner.address for owner in owners.values() if self._is_due(owner, balances)]
        reads = await read_concurrently(
            due, lambda address: self._read(owners[address], balances, head), concurrency=self._concurrency
        )
        if reads.error and not reads.results and len(due) == len(owners):
            raise reads.error
        self._record_reads(reads.results.values(), balances)
        positions = {address: owner.positions for address, owner in owners.items()}
        positions |= {address: result.positions for address, result in reads.results.items()}
        skipped = {address: owner.skipped for address, owner in owners.items()}
        skipped |= {address: result.skipped for address, result in reads.results.items()}
        failed = {signature for result in reads.results.values() for signature in result.failed}
        incomplete = {address for address, result in reads.results.items() if not result.complete}
        invalid = {watch.address for watch in watches} - owners.keys()
        return Scan(
            deposits=[deposit for result in reads.results.values() for deposit in result.deposits],
            cursor=write_positions(positions, skipped),
            head=head,
            unread=reads.unread | incomplete | invalid,
            caught_up=not incomplete,
            unreadable=self._sentences({*failed, *chain.from_iterable(skipped.values())}),
            stepped_over=bool(failed),
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Read one deposit again; see `baton.chains.deposits.Reader`. None also if its transaction failed."""
        present = await self._node.status(deposit.tx_id)
        if present.status is None or present.status.err is not None:
            return None
        found = await self._owner_reader.deposits(deposit.address, deposit.tx_id, present.status.status, present.head)
        wanted = (deposit.asset, deposit.index)
        return next((candidate for candidate in found if (candidate.asset, candidate.index) == wanted), None)

    async def _learn_programs(self, symbols: Set[str | None]) -> None:
        unknown = [mint for mint in self._mints(symbols) if mint not in self._programs]
        unknown = unknown[:ACCOUNTS_AT_ONCE]
        mints = await self._node.accounts(unknown) if unknown else ()
        for address, mint in zip(unknown, mints, strict=True):
            if mint is not None and mint.owner in TOKEN_PROGRAMS:
                self._programs[address] = mint.owner

    def _sentences(self, signatures: Iterable[str]) -> tuple[str, ...]:
        return tuple(f"{self._provider.name}: {self._skipped.sentence(signature)}" for signature in sorted(signatures))

    def _owners(
        self, watches: Sequence[Watch], positions: dict[str, Positions], skipped: dict[str, tuple[str, ...]]
    ) -> dict[str, Owner]:
        owners: dict[str, Owner] = {}
        symbols: dict[str, set[str | None]] = defaultdict(set)
        for watch in watches:
            symbols[watch.address].add(watch.asset)
        for watch in sorted(watches, key=lambda watch: watch.since):
            if watch.address in owners:
                continue
            read = positions.get(watch.address, {})
            try:
                accounts = self._receiving_accounts(watch.address, symbols[watch.address])
            except ValueError:
                continue
            known = tuple(dict.fromkeys([*accounts, *read]))
            owners[watch.address] = Owner(watch.address, watch.since, known, read, skipped.get(watch.address, ()))
        return owners

    def _mints(self, symbols: Set[str | None]) -> list[str]:
        """Return the configured mints, and those of these symbols by the routes."""
        by_routes = [token.contract for token in self._spec.route_tokens if token.symbol in symbols]
        return list(dict.fromkeys([*(token.contract for token in self._spec.tokens.values()), *by_routes]))

    def _receiving_accounts(self, owner: str, symbols: Set[str | None]) -> list[str]:
        mints = self._mints(symbols)
        tokens = [associated_token_account(owner, mint, self._programs.get(mint, TOKEN_PROGRAM)) for mint in mints]
        return [owner, *tokens] if self._spec.watch_native else tokens

    async def _balances(self, accounts: list[str]) -> Balances:
        """Return balances, without those that the provider does not answer: their accounts will be read."""
        starts = range(0, len(accounts), ACCOUNTS_AT_ONCE)
        chunks = {str(start): accounts[start : start + ACCOUNTS_AT_ONCE] for start in starts}
        reads = await read_concurrently(
            chunks, lambda start: self._node.accounts(chunks[start]), concurrency=self._concurrency
        )
        if isinstance(reads.error, Throttled):
            raise reads.error
        balances: dict[str, Account | None] = {}
        for start, values in reads.results.items():
            balances.update(zip(chunks[start], values, strict=True))
        return balances

    def _is_due(self, owner: Owner, balances: Balances) -> bool:
        is_turn = self._schedule.is_turn(owner.address) or any(map(self._skipped.is_due, owner.skipped))
        return is_turn or bool(self._due_accounts(owner, balances))

    async def _read(self, owner: Owner, balances: Balances, head: int) -> OwnerScan:
        list_accounts = self._schedule.is_turn(owner.address)
        return await self._owner_reader.read(
            owner, self._due_accounts(owner, balances), head, list_accounts=list_accounts
        )

    def _due_accounts(self, owner: Owner, balances: Balances) -> list[str]:
        return [
            account
            for account in owner.accounts
            if self._schedule.is_due(account, balances, owner.positions.get(account))
        ]

    def _record_reads(self, results: Iterable[OwnerScan], balances: Balances) -> None:
        for result in results:
            for account, settled in result.settled.items():
                self._schedule.record_read(account, balances, result.positions.get(account), settled=settled)
