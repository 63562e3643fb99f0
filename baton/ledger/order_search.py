"""Orders by any filter, page by page, and orders by any id."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, not_, or_, select, tuple_, union

from baton.encoding.addresses import addresses_in
from baton.encoding.transaction_ids import spellings_in
from baton.ledger.database import Database
from baton.ledger.rows import OrderRow
from baton.ledger.schema import order_index, order_keys, orders, quote_index

MOST_FOUND = 100
"""Orders that one id leads to at most, the newest; only an address of a reusable address leads to several."""


class PageEnd(NamedTuple):
    """The last order of a page: the next one begins after it, whatever was inserted meanwhile."""

    created_at: datetime
    workflow_id: str


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders a list shows; what is None or empty does not matter.

    Attributes:
        accounts: Only those of these partner accounts.
        columns: Only those whose row has these values, such as `phase`, `status`, `outcome`, `source_chain`.
        references: Only those with one of these references; none means any.
        attention: Only those that need a person (True), or only the others (False).
        reason: Only those that need a person for this reason.
        attended: Ended orders that need a person now; the row of an ended order says how it was at its end.
        sources: Only those that came of one of these, such as `address/REF`.
        keys: Only those that have all of these keys: kinds and values of `OrderKeyRow`.
        created_from: Only those created at this time or later.
        created_before: Only those created before this time.
    """

    accounts: Sequence[str] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    references: Collection[str] = ()
    attention: bool | None = None
    reason: str | None = None
    attended: Collection[str] = ()
    sources: Sequence[str] = ()
    keys: Sequence[tuple[str, str]] = ()
    created_from: datetime | None = None
    created_before: datetime | None = None


class OrderSearch:
    """Searches the read model; available as `Ledger.search`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, wanted: OrderFilter, limit: int, after: PageEnd | None = None) -> list[OrderRow]:
        """Return the next orders, newest first.

        Args:
            wanted: Which orders.
            limit: How many at most.
            after: The last order of the page before.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = select(orders).where(*_conditions(wanted))
        if after is not None:
            page = page.where(tuple_(orders.c.created_at, orders.c.workflow_id) < tuple_(*after))
        return await self._read(page.order_by(orders.c.created_at.desc(), orders.c.workflow_id.desc()).limit(limit))

    async def lookup(self, accounts: Sequence[str] | None, text: str) -> list[str]:
        """Return the workflows of the orders that a text names, newest first.

        Args:
            accounts: Only orders of these partner accounts; None for any.
            text: A reference, an order id, a quote id, a deposit address, a transaction id, or a link to a transaction.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        found = union(*_lookups(accounts, text.strip())).subquery()
        age = orders.c.created_at.desc().nulls_first()  # an order without a row yet is the newest
        query = select(found.c.workflow_id).outerjoin(orders, orders.c.workflow_id == found.c.workflow_id)
        rows = await self._database.read(query.order_by(age, found.c.workflow_id).limit(MOST_FOUND))
        return [row["workflow_id"] for row in rows]

    async def rows(self, workflow_ids: Sequence[str]) -> dict[str, OrderRow]:
        """Return the rows of these orders by workflow id.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        found = await self._read(select(orders).where(orders.c.workflow_id.in_(workflow_ids)))
        return {row.workflow_id: row for row in found}

    async def _read(self, query: Select[Any]) -> list[OrderRow]:
        return [OrderRow.model_validate(dict(row)) for row in await self._database.read(query)]


def _conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    found = [orders.c[name] == value for name, value in wanted.columns.items()]
    if wanted.accounts is not None:
        found.append(orders.c.account.in_(wanted.accounts))
    if wanted.references:
        found.append(orders.c.reference.in_(wanted.references))
    if wanted.attention is not None:
        found.append(_needs_a_person(wanted) if wanted.attention else not_(_needs_a_person(wanted)))
    if wanted.reason is not None:
        found.append(and_(_needs_a_person(wanted), _has_reason(wanted.reason)))
    if wanted.sources:
        found.append(orders.c.source.in_(wanted.sources))
    if wanted.created_from is not None:
        found.append(orders.c.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        found.append(orders.c.created_at < wanted.created_before)
    return [*found, *(_has_key(kind, value) for kind, value in wanted.keys)]


def _has_reason(reason: str) -> ColumnElement[bool]:
    """Whether an order has a reason for attention; the column has the foremost one, the snapshot has all."""
    text = cast(orders.c.snapshot["attentions"], String)
    named = or_(*(text.contains(f'"reason":{space}"{reason}"', autoescape=True) for space in ("", " ")))
    return and_(orders.c.attention.is_not(None), or_(orders.c.attention == reason, named))


def _needs_a_person(wanted: OrderFilter) -> ColumnElement[bool]:
    is_open = and_(orders.c.closed_at.is_(None), orders.c.attention.is_not(None))
    return or_(is_open, orders.c.workflow_id.in_(wanted.attended))


def _has_key(kind: str, value: str) -> ColumnElement[bool]:
    key = order_keys.c
    own = (key.workflow_id == orders.c.workflow_id, key.opened_at == orders.c.created_at)
    return exists().where(key.account == orders.c.account, key.kind == kind, key.value == value, *own)


def _lookups(accounts: Sequence[str] | None, text: str) -> list[Select[Any]]:
    """Select the workflows by each kind of id that a text may be."""
    spelled, addresses = spellings_in(text), addresses_in(text)
    key, quote = order_keys.c, quote_index.c
    selects = [
        (orders.c, or_(orders.c.reference == text, orders.c.workflow_id == text)),
        (order_index.c, order_index.c.order_id == text),
        (quote, or_(quote.quote_id == text, and_(quote.address_key.in_(addresses), quote.deposit_memo.is_(None)))),
        (
            key,
            or_(and_(key.kind == "tx", key.value.in_(spelled)), and_(key.kind == "address", key.value.in_(addresses))),
        ),
    ]
    return [
        select(columns.workflow_id).where(condition, *([columns.account.in_(accounts)] if accounts is not None else []))
        for columns, condition in selects
    ]
