"""Reusable addresses and pay links: a read model of each, and an index of their deposit addresses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from baton.encoding.addresses import address_key
from baton.ledger.database import Database
from baton.ledger.rows import SourceAddressRow, SourceRow
from baton.ledger.source_lists import SourceLists
from baton.ledger.source_schema import source_addresses, sources
from baton.ledger.source_totals import SourceTotals, TotalsCounter, page_of_source
from baton.ledger.statements import insert_or_replace_newer, page_size, serialize, upsert

_WATCHED_PAGE = 5_000
"""How many watched addresses one read returns."""

_ADDRESS_COLUMNS = tuple(source_addresses.c[name] for name in SourceAddressRow.model_fields)
_OF_SOURCE = and_(
    source_addresses.c.account == sources.c.account,
    source_addresses.c.kind == sources.c.kind,
    source_addresses.c.reference == sources.c.reference,
)


class SourceTables:
    """The tables of addresses and links in a ledger; available as `Ledger.sources`.

    Attributes:
        lists: What a planned read asks Orchestra about, and which orders are known already.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.lists = SourceLists(database)

    async def write(self, row: SourceRow, addresses: Sequence[SourceAddressRow] = ()) -> bool:
        """Write a source and its deposit addresses; an older revision changes nothing.

        An address that another source has which is not disabled stays that one's, so that no deposit has two orders.

        Returns:
            Whether it was written; False if the ledger has a newer revision.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        dialect = self._database.dialect

        def put(connection: Connection) -> bool:
            for address in addresses:
                values = {**address.model_dump(), "address_key": address_key(address.address)}
                serialize(connection, f"{address.account}/{address.chain}/{values['address_key']}")
                if connection.execute(_holder(address)).first() is None:
                    connection.execute(upsert(dialect, source_addresses, keep="since"), values)
            return connection.execute(insert_or_replace_newer(dialect, sources), row.model_dump()).rowcount > 0

        return await self._database.write(put)

    async def source(self, account: str, kind: str, reference: str) -> SourceRow | None:
        """Return a source as last written, or None.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        named = (sources.c.account == account, sources.c.kind == kind, sources.c.reference == reference)
        return await self._first(select(sources).where(*named))

    async def of_orchestra_id(self, account: str, orchestra_id: str) -> SourceRow | None:
        """Return the source that has this id at Orchestra, or None.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        return await self._first(
            select(sources).where(sources.c.account == account, sources.c.orchestra_id == orchestra_id)
        )

    async def at_address(self, account: str, address: str, chain: str | None = None) -> SourceRow | None:
        """Return the source with a deposit address, in any spelling, or None.

        Args:
            account: The partner account.
            address: The deposit address.
            chain: The chain of that address; None means any, and EVM chains share their addresses.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        given = [source_addresses.c.account == account, source_addresses.c.address_key == address_key(address)]
        if chain is not None:
            given.append(source_addresses.c.chain == chain)
        found = select(sources).join(source_addresses, _OF_SOURCE).where(*given)
        return await self._first(found.order_by(sources.c.created_at.desc()))

    async def addresses(self, account: str, kind: str, reference: str) -> list[SourceAddressRow]:
        """Return the deposit addresses of a source.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        of_source = and_(
            source_addresses.c.account == account,
            source_addresses.c.kind == kind,
            source_addresses.c.reference == reference,
        )
        rows = await self._database.read(
            select(*_ADDRESS_COLUMNS).where(of_source).order_by(source_addresses.c.chain, source_addresses.c.address)
        )
        return [SourceAddressRow.model_validate(dict(row)) for row in rows]

    async def holders(self, addresses: Sequence[SourceAddressRow]) -> dict[str, str]:
        """Return the references of other sources, not disabled, that have these addresses, by chain.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        found = {address.chain: await self._database.read(_holder(address)) for address in addresses}
        return {chain: str(rows[0]["reference"]) for chain, rows in found.items() if rows}

    async def watched(self, chain: str, disabled_since: datetime) -> list[SourceAddressRow]:
        """Return the deposit addresses on a chain of sources that are enabled, or were until lately.

        There may be very many, so they are read by pages, each with the ledger's own timeout.

        Args:
            chain: The chain.
            disabled_since: Sources that were disabled before this time are left out.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        lately = or_(sources.c.disabled_at.is_(None), sources.c.disabled_at >= disabled_since)
        found = select(*_ADDRESS_COLUMNS).join(sources, _OF_SOURCE).where(source_addresses.c.chain == chain, lately)
        key, account = source_addresses.c.address_key, source_addresses.c.account
        pages = found.add_columns(key).order_by(key, account).limit(_WATCHED_PAGE)
        watched: list[SourceAddressRow] = []
        rows = await self._database.read(pages)
        while rows:
            watched += [SourceAddressRow.model_validate(_without_key(row)) for row in rows]
            last = rows[-1]
            after = or_(key > last["address_key"], and_(key == last["address_key"], account > last["account"]))
            rows = await self._database.read(pages.where(after)) if len(rows) == _WATCHED_PAGE else []
        return watched

    async def address_count(self, chain: str) -> int:
        """Return how many deposit addresses of sources there are on a chain; cheap, to see whether one was added.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(func.count().label("count")).where(source_addresses.c.chain == chain))
        return int(rows[0]["count"])

    async def sources(
        self,
        account: str | None = None,
        kind: str | None = None,
        *,
        enabled: bool | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[SourceRow]:
        """Return sources, newest first.

        Args:
            account: Only those of this partner account.
            kind: Only those of this kind.
            enabled: Only those that take deposits (True), or only the others (False).
            limit: How many; at most 500.
            before: Workflow id of the last source of the previous page; an unknown id gives an empty page.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        filters = {sources.c.account: account, sources.c.kind: kind, sources.c.enabled: enabled}
        page = select(sources).where(*(column == value for column, value in filters.items() if value is not None))
        if before is not None:
            page = page.where(_older_than(before))
        page = page.order_by(sources.c.created_at.desc(), sources.c.workflow_id.desc()).limit(page_size(limit))
        return [SourceRow.model_validate(dict(row)) for row in await self._database.read(page)]

    async def totals(self, account: str, source: str) -> SourceTotals:
        """Return how the orders that came of a source stand, and their sums by asset.

        Args:
            account: The partner account.
            source: The name of the source, such as `paylink/REF`.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        counter, last = TotalsCounter(), ""
        while page := await self._database.read(page_of_source(account, source, last)):
            counter.add(page)
            last = page[-1]["workflow_id"]
        return counter.totals

    async def _first(self, query: Select[Any]) -> SourceRow | None:
        rows = await self._database.read(query.limit(1))
        return SourceRow.model_validate(dict(rows[0])) if rows else None


def _holder(address: SourceAddressRow) -> Select[Any]:
    """Return the query for another source, not disabled, that has an address."""
    row = source_addresses.c
    at_address = (
        row.account == address.account,
        row.chain == address.chain,
        row.address_key == address_key(address.address),
    )
    other = or_(row.kind != address.kind, row.reference != address.reference)
    found = select(row.reference).join(sources, _OF_SOURCE)
    return found.where(*at_address, other, sources.c.disabled_at.is_(None))


def _older_than(workflow_id: str) -> Any:
    created_at = select(sources.c.created_at).where(sources.c.workflow_id == workflow_id).scalar_subquery()
    same_age = and_(sources.c.created_at == created_at, sources.c.workflow_id < workflow_id)
    return or_(sources.c.created_at < created_at, same_age)


def _without_key(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in SourceAddressRow.model_fields}
