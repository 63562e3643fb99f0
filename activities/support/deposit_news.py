"""The news of a scan for the orders, by comparison with the deposits that the ledger knows."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from baton.chains.changes import News, compare, gone
from baton.chains.deposits import NATIVE, Deposit, DepositKey, DepositState, Reader, Scan
from baton.chains.errors import ChainError, Throttled
from baton.chains.spec import ChainSpec, KnownToken
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DepositRow

MAX_UNKNOWN_TOKENS = 20
"""How many deposits of unknown tokens are reported for one address.

Anybody can make a token and send it, and each report costs the order a signal.
"""

_SETTLED_STATES = (DepositState.FINAL.value, DepositState.GONE.value)


class DepositNews(NamedTuple):
    """The news of a scan.

    Attributes:
        news: Deposits that are gone come first, so that an order never counts a deposit twice.
        left_out: Deposits of unknown tokens beyond `MAX_UNKNOWN_TOKENS`, which no order hears of.
        error: Why a missing deposit could not be looked up; it keeps its state, and the next scan misses it again.
    """

    news: list[News]
    left_out: list[Deposit]
    error: ChainError | None


class KnownDeposits:
    """The deposits of one chain in the ledger."""

    def __init__(self, ledger: Ledger, spec: ChainSpec) -> None:
        self._tables = ledger.watching
        self._spec = spec

    async def news(self, scan: Scan, reader: Reader, *, renames: bool = False) -> DepositNews:
        """Return the news of a scan; missing deposits are read again by their transactions.

        Args:
            scan: The scan.
            reader: The chain's reader.
            renames: Whether the chain has learnt tokens, so that older deposits of them have a name now.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        tx_ids = {deposit.tx_id for deposit in scan.deposits}
        rows = await self._tables.known(self._spec.name, tx_ids, _SETTLED_STATES)
        changes = compare([deposit_of(row) for row in rows], scan)
        settled, error = await _recheck_all(reader, changes.missing)
        reported = {deposit.key for deposit in scan.deposits} | {change.now.key for change in settled}
        renamed = await self._renamed(reported) if renames else []
        bounded, left_out = await self._within_bound(changes.news)
        return DepositNews([*settled, *renamed, *bounded], left_out, error)

    async def _renamed(self, reported: Container[DepositKey]) -> list[News]:
        """Return the deposits of tokens that have a name now, without those that are reported anyway."""
        tokens = {token.contract: token for token in reversed(self._spec.known_tokens)}
        deposits = [deposit_of(row) for row in await self._tables.of_assets(self._spec.name, tokens)]
        return [
            News(deposit, _named(deposit, tokens[deposit.asset]))
            for deposit in deposits
            if deposit.symbol != tokens[deposit.asset].symbol
            and deposit.state is not DepositState.GONE
            and deposit.key not in reported
        ]

    async def _within_bound(self, news: Sequence[News]) -> tuple[list[News], list[Deposit]]:
        """Return the news to report, and the deposits beyond the bound for their address."""
        unknown = [change for change in news if change.before is None and change.now.symbol is None]
        if not unknown:
            return list(news), []
        known_assets = [NATIVE, *(token.contract for token in self._spec.known_tokens)]
        addresses = {change.now.address for change in unknown}
        counts = Counter(await self._tables.foreign_counts(self._spec.name, addresses, known_assets))
        reported, left_out = list[News](), list[Deposit]()
        for change in news:
            if change in unknown:
                counts[change.now.address] += 1
                if counts[change.now.address] > MAX_UNKNOWN_TOKENS:
                    left_out.append(change.now)
                    continue
            reported.append(change)
        return reported, left_out


def _named(deposit: Deposit, token: KnownToken) -> Deposit:
    return deposit.model_copy(update={"symbol": token.symbol, "decimals": token.decimals})


async def _recheck_all(reader: Reader, missing: Iterable[Deposit]) -> tuple[list[News], ChainError | None]:
    """Return the news of missing deposits, and the last error; one that fails does not cost the others."""
    settled, failure = list[News](), None
    for deposit in missing:
        try:
            change = await _recheck(reader, deposit)
        except ChainError as error:
            failure = error
            if isinstance(error, Throttled):
                break
        else:
            settled += [change] if change else []
    return settled, failure


async def _recheck(reader: Reader, deposit: Deposit) -> News | None:
    """Return the news of a missing deposit: gone, or changed; None if the scan only failed to see it."""
    current = await reader.recheck(deposit)
    if current is None:
        return News(deposit, gone(deposit))
    same = (current.key, current.state, current.block_hash) == (deposit.key, deposit.state, deposit.block_hash)
    return None if same else News(deposit, current)


def row_of(deposit: Deposit, now: datetime) -> DepositRow:
    """Return the ledger's row of a deposit."""
    shared = deposit.model_dump(include={"chain", "tx_id", "address", "asset", "amount"})
    return DepositRow(
        **shared,
        position=deposit.index,
        state=deposit.state.value,
        document=deposit.model_dump(mode="json"),
        first_seen_at=now,
        updated_at=now,
    )


def deposit_of(row: DepositRow) -> Deposit:
    """Return the deposit in a row of the ledger."""
    return Deposit.model_validate(row.document)
