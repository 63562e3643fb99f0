"""Reads deposits on Spark from Sparkscan, the public explorer.

A wallet in Spark's privacy mode answers with an empty list and no error, so that nothing is told of an address means
nothing: it may be private. Then the order's own status at the partner API is all there is. (Tokens stay visible.)

Spark has no blocks and no reorganisations: what is confirmed is final. One call reads one wallet's newest hundred
transactions. Source: the OpenAPI description of Sparkscan; the Spark documentation, privacy.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter

from baton.chains.address_cursor import read_positions, write_positions
from baton.chains.concurrent_reads import CONCURRENCY, read_concurrently
from baton.chains.deposits import NATIVE, Deposit, DepositState, Scan, Watch
from baton.chains.errors import ProviderBroken
from baton.chains.http import Provider
from baton.chains.spark.addresses import identity_key, network_of
from baton.chains.spark.listing import next_mark, read_listing
from baton.chains.spark.transactions import (
    Page,
    SingleTransaction,
    SparkReceived,
    listed_deposit,
    same_token,
    single_deposit,
)
from baton.chains.spec import ChainSpec

PAGE = 100
"""Most transactions that one call tells."""

_INDEX = "0"
_NOT_FOUND = "not_found"
_MARKS = TypeAdapter(dict[str, str])
_PAGE = TypeAdapter(Page)
_SINGLE = TypeAdapter(SingleTransaction)

T = TypeVar("T")


class _Wallet(NamedTuple):
    """One identity key, by the address that was watched first; other spellings of it are told by that one."""

    key: str
    address: str
    since: datetime
    spellings: frozenset[str]


class _Found(NamedTuple):
    deposits: list[Deposit]
    mark: str | None
    whole: bool


class SparkReader:
    """Reads one Spark network; the addresses tell which.

    Args:
        spec: The chain; tokens are known by identifier, in either spelling.
        provider: Sparkscan, with its key as a header. Closed with the reader.
        page: Transactions to ask for at once.
        concurrency: Calls under way at the same time.
    """

    def __init__(
        self, spec: ChainSpec, provider: Provider, *, page: int = PAGE, concurrency: int = CONCURRENCY
    ) -> None:
        self._spec = spec
        self._provider = provider
        self._page = page
        self._at_once = concurrency

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.aclose()

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Look for deposits to these addresses; see `baton.chains.deposits.Reader`.

        Final deposits of the newest pages are told again on every scan. An address that is no Spark address counts as
        unread. Two spellings of one wallet are read once, and told by the one that is watched for longer.

        Raises:
            Throttled: The provider asked for fewer calls before anything was read.
            ChainError: Nothing could be read.
        """
        wallets, marks = _wallets(watches), read_positions(cursor, _MARKS)
        read = await read_concurrently(
            wallets, lambda key: self._read(wallets[key], marks.get(key)), concurrency=self._at_once
        )
        if read.trouble and not read.found:
            raise read.trouble
        kept = {key: read.found[key].mark if key in read.found else marks.get(key) for key in wallets}
        complete = {key for key, found in read.found.items() if found.whole}
        known = {spelling for key in complete for spelling in wallets[key].spellings}
        return Scan(
            deposits=[deposit for found in read.found.values() for deposit in found.deposits],
            cursor=write_positions(kept),
            unread=frozenset(watch.address for watch in watches) - known,
        )

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Look at one deposit again; see `baton.chains.deposits.Reader`. One that failed or expired is none."""
        query = {"network": network_of(deposit.address)}
        try:
            told = await self._ask(_SINGLE, f"/v1/tx/{quote(deposit.tx_id, safe='')}", query)
        except ProviderBroken as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        received = single_deposit(told, identity_key(deposit.address) or "")
        if received is None:
            return None
        if received.amount is None:
            raise ProviderBroken("unreadable", f"{self._provider.name}: a transaction has no amount that can be read")
        found = self._deposit(received, received.amount, told.id, deposit.address)
        return found if found.asset == deposit.asset else None

    async def _read(self, wallet: _Wallet, mark: str | None) -> _Found:
        path = f"/v1/address/{quote(wallet.address, safe='')}/transactions"
        query = {"network": network_of(wallet.address), "limit": self._page}
        listing = await read_listing(
            lambda offset: self._ask(_PAGE, path, query | {"offset": offset}), mark=mark, since=wallet.since
        )
        received = {one.id: listed_deposit(one, wallet.key) for one in listing.entries}
        unclear = {key for key, one in received.items() if one is not None and one.amount is None}
        deposits = [
            self._deposit(one, one.amount, key, wallet.address)
            for key, one in received.items()
            if one is not None and one.amount is not None
        ]
        mark = next_mark(listing.entries, mark, lambda one: one.is_settled and one.id not in unclear)
        return _Found(deposits, mark, listing.whole and not unclear)

    async def _ask(self, shape: TypeAdapter[T], path: str, query: dict[str, Any]) -> T:
        answer = await self._provider.get(path, query)
        try:
            return shape.validate_python(answer)
        except ValueError:
            # Pydantic's own text would quote the answer.
            error = ProviderBroken("unreadable", f"{self._provider.name}: answered something that is no transaction")
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
        for symbol, token in self._spec.tokens.items():
            if same_token(token.contract, asset):
                return token.contract, symbol, token.decimals
        return asset, None, None


def _wallets(watches: Sequence[Watch]) -> dict[str, _Wallet]:
    wallets: dict[str, _Wallet] = {}
    for watch in sorted(watches, key=lambda one: one.since):
        key = identity_key(watch.address)
        if key is None:
            continue
        first = wallets.setdefault(key, _Wallet(key, watch.address, watch.since, frozenset()))
        wallets[key] = first._replace(spellings=first.spellings | {watch.address})
    return wallets
