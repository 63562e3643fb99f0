"""Reads deposits on Solana through one provider of its JSON-RPC.

Each address is watched by the accounts that receive for it: itself for SOL, its associated token account for each
known token, and, at a lower pace, any other token account that it owns. A transfer into an existing token account does
not name the owner, so asking for the owner's transactions would miss it.
"""

from collections.abc import Iterable, Mapping, Sequence

from baton.chains.address_cursor import read_positions, write_positions
from baton.chains.concurrent_reads import CONCURRENCY, read_concurrently
from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import Throttled
from baton.chains.http import Provider
from baton.chains.solana.accounts import TOKEN_PROGRAM, TOKEN_PROGRAMS, associated_token_account
from baton.chains.solana.node import ACCOUNTS_AT_ONCE, PAGE, Account, SolanaNode
from baton.chains.solana.owners import MARKS, Marks, Owner, OwnerReader, OwnerScan
from baton.chains.solana.read_schedule import Holdings, ReadSchedule
from baton.chains.spec import ChainSpec

LOOK_AT_ALL_AFTER = 60
"""Scans within which every account is looked at, whatever it holds, and every owner asked for further accounts."""


class SolanaReader:
    """Reads one Solana network.

    It remembers what accounts held, so one reader should live as long as its process; a new one looks at every account
    once, which is a call for each.

    Args:
        spec: The chain. Tokens are known by mint; which token program a mint belongs to is asked of the chain.
        provider: Where to read it. Closed with the reader.
        look_at_all_after: Scans within which each account is looked at even if it holds the same.
        page: Signatures to ask for at once, at least 2.
        concurrency: Calls under way at the same time.
    """

    def __init__(
        self,
        spec: ChainSpec,
        provider: Provider,
        *,
        look_at_all_after: int = LOOK_AT_ALL_AFTER,
        page: int = PAGE,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._spec = spec
        self._provider = provider
        self._calls = SolanaNode(provider)
        self._reading = OwnerReader(spec, self._calls, page=max(page, 2))
        self._looks = ReadSchedule(look_at_all_after)
        self._at_once = concurrency
        self._programs: dict[str, str] = {}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.aclose()

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Look for deposits to these addresses; see `baton.chains.deposits.Reader`.

        An address that is no Solana address counts as unread.

        Raises:
            Throttled: The provider asked for fewer calls before anything was read.
            ChainError: Nothing could be read.
        """
        head = await self._calls.slot()
        await self._learn_programs()
        owners = self._owners(watches, read_positions(cursor, MARKS))
        accounts = [account for owner in owners.values() for account in owner.accounts]
        self._looks.begin(accounts)
        held = await self._held(accounts)
        due = [owner.address for owner in owners.values() if self._is_due(owner, held)]
        read = await read_concurrently(due, lambda one: self._read(owners[one], held, head), concurrency=self._at_once)
        if read.trouble and not read.found and len(due) == len(owners):
            raise read.trouble
        self._remember(read.found.values(), held)
        partly = {one for one, found in read.found.items() if not found.whole}
        strangers = {watch.address for watch in watches} - owners.keys()
        return Scan(
            deposits=[deposit for found in read.found.values() for deposit in found.deposits],
            cursor=write_positions({one: owner.marks for one, owner in owners.items()} | _marks(read.found)),
            head=head,
            unread=read.unread | partly | strangers,
            caught_up=not partly,
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Look at one deposit again; see `baton.chains.deposits.Reader`. A failed transaction holds none."""
        present = await self._calls.status(deposit.tx_id)
        if present.status is None or present.status.err is not None:
            return None
        found = await self._reading.deposits(deposit.address, deposit.tx_id, present.status.status, present.head)
        return next((one for one in found if (one.asset, one.index) == (deposit.asset, deposit.index)), None)

    async def _learn_programs(self) -> None:
        unknown = [one.contract for one in self._spec.tokens.values() if one.contract not in self._programs]
        unknown = unknown[:ACCOUNTS_AT_ONCE]
        told = await self._calls.accounts(unknown) if unknown else ()
        for mint, account in zip(unknown, told, strict=True):
            if account is not None and account.owner in TOKEN_PROGRAMS:
                self._programs[mint] = account.owner

    def _owners(self, watches: Sequence[Watch], marks: dict[str, Marks]) -> dict[str, Owner]:
        owners: dict[str, Owner] = {}
        for watch in sorted(watches, key=lambda one: one.since):
            if watch.address in owners:
                continue
            kept = marks.get(watch.address, {})
            try:
                accounts = self._receiving(watch.address)
            except ValueError:
                continue
            owners[watch.address] = Owner(watch.address, watch.since, tuple(dict.fromkeys([*accounts, *kept])), kept)
        return owners

    def _receiving(self, owner: str) -> list[str]:
        mints = [one.contract for one in self._spec.tokens.values()]
        tokens = [associated_token_account(owner, mint, self._programs.get(mint, TOKEN_PROGRAM)) for mint in mints]
        return [owner, *tokens] if self._spec.watch_native else tokens

    async def _held(self, accounts: list[str]) -> Holdings:
        """Return what accounts hold, without those that the provider does not tell: they will be looked at."""
        starts = range(0, len(accounts), ACCOUNTS_AT_ONCE)
        chunks = {str(start): accounts[start : start + ACCOUNTS_AT_ONCE] for start in starts}
        told = await read_concurrently(chunks, lambda one: self._calls.accounts(chunks[one]), concurrency=self._at_once)
        if isinstance(told.trouble, Throttled):
            raise told.trouble
        held: dict[str, Account | None] = {}
        for key, values in told.found.items():
            held.update(zip(chunks[key], values, strict=True))
        return held

    def _is_due(self, owner: Owner, held: Holdings) -> bool:
        return self._looks.is_turn(owner.address) or bool(self._due(owner, held))

    async def _read(self, owner: Owner, held: Holdings, head: int) -> OwnerScan:
        more = self._looks.is_turn(owner.address)
        return await self._reading.read(owner, self._due(owner, held), head, ask_for_more=more)

    def _due(self, owner: Owner, held: Holdings) -> list[str]:
        return [one for one in owner.accounts if self._looks.is_due(one, held, owner.marks.get(one))]

    def _remember(self, reads: Iterable[OwnerScan], held: Holdings) -> None:
        for found in reads:
            for account, settled in found.settled.items():
                self._looks.looked(account, held, found.marks.get(account), settled=settled)


def _marks(found: Mapping[str, OwnerScan]) -> dict[str, Marks]:
    return {address: one.marks for address, one in found.items()}
