"""Read deposits on Spark from Sparkscan, the public explorer.

For a wallet in Spark's privacy mode the explorer answers with an empty list and no error, so an empty list proves
nothing: the wallet may be private. Then only the partner API's order status can report the deposit. (Tokens stay
visible.)

Spark has no blocks and no reorgs: what is confirmed is final. One call reads one wallet's newest hundred transactions.
Source: the OpenAPI description of Sparkscan; the Spark documentation, privacy.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter

from baton.chains.address_cursor import read_positions, write_positions
from baton.chains.concurrent_reads import CONCURRENCY, read_concurrently
from baton.chains.deposits import NATIVE, Deposit, DepositState, Scan, Watch
from baton.chains.errors import UNREADABLE, ProviderBroken
from baton.chains.http import Provider
from baton.chains.spark.addresses import identity_key, network_of
from baton.chains.spark.listing import next_position, read_listing
from baton.chains.spark.transactions import (
    SingleTransaction,
    SparkReceived,
    TransactionPage,
    listed_deposit,
    same_token,
    single_deposit,
)
from baton.chains.spec import ChainSpec

PAGE = 100
"""Most transactions in one answer."""

_INDEX = "0"
_NOT_FOUND = "not_found"
_POSITIONS = TypeAdapter(dict[str, str])
_PAGE = TypeAdapter(TransactionPage)
_SINGLE = TypeAdapter(SingleTransaction)

T = TypeVar("T")


class _Wallet(NamedTuple):
    """One identity key, and the address of it that was watched first; deposits are reported under that address."""

    key: str
    address: str
    since: datetime
    spellings: frozenset[str]


class _WalletScan(NamedTuple):
    deposits: list[Deposit]
    position: str | None
    complete: bool
    odd: frozenset[str]


class SparkReader:
    """Reads one Spark network; the addresses say which.

    Args:
        spec: The chain; its tokens are listed by identifier, in either spelling.
        provider: Sparkscan, with its key as a header. Closed with the reader.
        page: Transactions to request at once.
        concurrency: Calls that run at the same time.
    """

    def __init__(
        self, spec: ChainSpec, provider: Provider, *, page: int = PAGE, concurrency: int = CONCURRENCY
    ) -> None:
        self._spec = spec
        self._provider = provider
        self._page = page
        self._concurrency = concurrency

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.aclose()

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Find deposits to these addresses; see `baton.chains.deposits.Reader`.

        Final deposits of the newest pages are reported again on every scan. An invalid address counts as unread, and so
        does one with a transaction that cannot be read; its other transactions are reported. Two spellings of one
        wallet are read once, and reported under the one that has been watched longer.

        Raises:
            Throttled: The rate limit was reached before anything was read.
            ChainError: Nothing could be read.
        """
        wallets, positions = _wallets(watches), read_positions(cursor, _POSITIONS)
        reads = await read_concurrently(
            wallets, lambda key: self._read(wallets[key], positions.get(key)), concurrency=self._concurrency
        )
        if reads.error and not reads.results:
            raise reads.error
        positions |= {key: result.position or "" for key, result in reads.results.items()}
        odd = sorted({tx_id for result in reads.results.values() for tx_id in result.odd})
        complete = {key for key, result in reads.results.items() if result.complete}
        read = {spelling for key in complete for spelling in wallets[key].spellings}
        return Scan(
            deposits=[deposit for result in reads.results.values() for deposit in result.deposits],
            cursor=write_positions({key: positions.get(key) for key in wallets}),
            unread=frozenset(watch.address for watch in watches) - read,
            unreadable=tuple(f"{self._provider.name}: transaction {tx_id} cannot be read" for tx_id in odd),
            stepped_over=bool(odd),
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Read one deposit again; see `baton.chains.deposits.Reader`. None also if it failed or expired."""
        query = {"network": network_of(deposit.address)}
        try:
            transaction = await self._get(_SINGLE, f"/v1/tx/{quote(deposit.tx_id, safe='')}", query)
        except ProviderBroken as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        received = single_deposit(transaction, identity_key(deposit.address) or "")
        if received is None:
            return None
        if received.amount is None:
            raise ProviderBroken(UNREADABLE, f"{self._provider.name}: a transaction has no amount that can be read")
        present = self._deposit(received, received.amount, transaction.id, deposit.address)
        return present if same_token(present.asset, deposit.asset) else None

    async def _read(self, wallet: _Wallet, position: str | None) -> _WalletScan:
        path = f"/v1/address/{quote(wallet.address, safe='')}/transactions"
        query = {"network": network_of(wallet.address), "limit": self._page}
        listing = await read_listing(
            lambda offset: self._get(_PAGE, path, query | {"offset": offset}), position=position, since=wallet.since
        )
        received = {
            entry.id: payment for entry in listing.entries if (payment := listed_deposit(entry, wallet.key)) is not None
        }
        inexact = {tx_id for tx_id, payment in received.items() if payment.amount is None}
        odd = inexact | {entry.id for entry in listing.entries if not entry.is_readable}
        deposits = [
            self._deposit(payment, payment.amount, tx_id, wallet.address)
            for tx_id, payment in received.items()
            if payment.amount is not None
        ]
        # The position stays below an odd transaction, so the next scan reads it again.
        position = next_position(listing.entries, position, lambda entry: entry.is_settled and entry.id not in odd)
        return _WalletScan(deposits, position, listing.complete and not odd, frozenset(odd))

    async def _get(self, shape: TypeAdapter[T], path: str, query: dict[str, Any]) -> T:
        answer = await self._provider.get(path, query)
        try:
            return shape.validate_python(answer)
        except ValueError:
            # Raised outside, without a cause: Pydantic's own text would quote the answer.
            error = ProviderBroken(UNREADABLE, f"{self._provider.name}: answered something that is no transaction")
        raise error

    def _deposit(self, received: SparkReceived, amount: int, tx_id: str, address: str) -> Deposit:
        asset, symbol, decimals = self._asset(received.asset)
        return Deposit(
            chain=self._spec.name,
            address=address,
            asset=asset,
            symbol=symbol,
            decimals=decimals,
            tx_id=tx_id,
            index=_INDEX,
            amount=amount,
            sender=received.sender,
            confirmations=1 if received.state is DepositState.FINAL else 0,
            state=received.state,
        )

    def _asset(self, asset: str) -> tuple[str, str | None, int | None]:
        if asset == NATIVE:
            return NATIVE, self._spec.native, self._spec.native_decimals
        for token in self._spec.known_tokens:
            if same_token(token.contract, asset):
                return token.contract, token.symbol, token.decimals
        return asset, None, None


def _wallets(watches: Sequence[Watch]) -> dict[str, _Wallet]:
    wallets: dict[str, _Wallet] = {}
    for watch in sorted(watches, key=lambda watch: watch.since):
        key = identity_key(watch.address)
        if key is None:
            continue
        wallet = wallets.setdefault(key, _Wallet(key, watch.address, watch.since, frozenset()))
        wallets[key] = wallet._replace(spellings=wallet.spellings | {watch.address})
    return wallets
