"""The ledger's SQL statements, built here and run elsewhere; the same for both engines where possible.

Those that write are built once and get their values as parameters, because building one takes longer than running it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Delete,
    Select,
    Table,
    UpdateBase,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from baton.encoding.addresses import address_key
from baton.ledger.feed_schema import notifications
from baton.ledger.schema import deliveries, orders, quote_index, transitions

Insert = postgresql.Insert | sqlite.Insert
PAGE_CEILING = 500
"""Rows on one page at most."""


def _insert(dialect: str, table: Table) -> Insert:
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return insert.execution_options(preserve_rowcount=True)  # otherwise an insert's number of rows is lost


@cache
def upsert_entry(dialect: str, table: Table, *, overwrite: bool = False) -> Insert:
    """Insert an index entry, or update it if it names the same workflow; otherwise no row is changed.

    An entry keeps its first `created_at`. With `overwrite` it is updated even if it names another workflow.
    """
    insert = _insert(dialect, table)
    same_workflow = None if overwrite else table.c.workflow_id == insert.excluded.workflow_id
    updates = _updates(insert, table, "created_at")
    return insert.on_conflict_do_update(index_elements=_keys(table), set_=updates, where=same_workflow)


@cache
def insert_once(dialect: str, table: Table) -> Insert:
    """Insert a row, unless there is one with its key."""
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def insert_or_assign(dialect: str, table: Table) -> Insert:
    """Insert a row, or assign the one with its key to the workflow in the values and leave the rest."""
    insert = _insert(dialect, table)
    updates = {"workflow_id": insert.excluded["workflow_id"]}
    return insert.on_conflict_do_update(index_elements=_keys(table), set_=updates)


@cache
def upsert(dialect: str, table: Table, *, keep: str | None = None) -> Insert:
    """Insert a row, or replace the one with its key except for its column `keep`. The values name every column."""
    insert = _insert(dialect, table)
    return insert.on_conflict_do_update(index_elements=_keys(table), set_=_updates(insert, table, keep))


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _updates(insert: Insert, table: Table, keep: str | None) -> dict[str, Any]:
    unchanged = (*_keys(table), keep)
    return {column.name: insert.excluded[column.name] for column in table.c if column.name not in unchanged}


def serialize(connection: Connection, name: str) -> None:
    """Let only one transaction at a time pass for this name; on SQLite the write lock does so already."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


@cache
def upsert_order(dialect: str) -> Insert:
    """Insert an order, or replace its row unless that is newer; then nothing changes."""
    insert = _insert(dialect, orders)
    row, new = orders.c, insert.excluded
    # A snapshot from before a reset has the higher revision.
    is_older = func.coalesce(row.published_at > new["published_at"], false())
    same_run = and_(row.created_at == new["created_at"], row.revision <= new["revision"], not_(is_older))
    reused = row.created_at < new["created_at"]
    reset = row.published_at < new["published_at"]
    updates = _updates(insert, orders, None)
    return insert.on_conflict_do_update(index_elements=_keys(orders), set_=updates, where=or_(same_run, reused, reset))


@cache
def insert_or_replace_newer(dialect: str, table: Table) -> Insert:
    """Insert the row in the parameters, or replace the one with its key unless that is newer; then nothing changes."""
    insert = _insert(dialect, table)
    row, new = table.c, insert.excluded
    same_run = and_(row.created_at == new["created_at"], row.revision <= new["revision"])
    newer = or_(same_run, row.created_at < new["created_at"])
    return insert.on_conflict_do_update(index_elements=_keys(table), set_=_updates(insert, table, None), where=newer)


@cache
def want_events(dialect: str) -> Insert:
    """Insert what is to be sent of an order, or extend it; the time at which a job is overdue stays."""
    insert = _insert(dialect, notifications)
    overdue = func.coalesce(notifications.c.due_at, insert.excluded["due_at"])
    updates = {"wanted": insert.excluded["wanted"], "due_at": overdue}
    return insert.on_conflict_do_update(index_elements=_keys(notifications), set_=updates)


@cache
def add_counts(dialect: str, table: Table) -> Insert:
    """Insert a count, or add it to the `number` of the row with its key; the later `last_at` stays."""
    insert = _insert(dialect, table)
    row, new = table.c, insert.excluded
    last = case((new["last_at"] > row.last_at, new["last_at"]), else_=row.last_at)
    updates = {"number": row.number + new["number"], "last_at": last}
    return insert.on_conflict_do_update(index_elements=_keys(table), set_=updates)


@cache
def holder(table: Table) -> Select[tuple[str]]:
    """Select the workflow that an entry of the quote index or the order index names; parameters `account`, `key`."""
    _, id_column = table.primary_key.columns
    entry = (table.c.account == bindparam("account"), id_column == bindparam("key"))
    return select(table.c.workflow_id).where(*entry)


def address_holder(account: str, address: str, chain: str | None) -> Select[tuple[str]]:
    """Select the workflow of the newest quote with a deposit address, on one chain or on any.

    An address with a memo is shared by the payers of many quotes, so it names no workflow.
    """
    quotes = select(quote_index.c.workflow_id).where(
        quote_index.c.account == account,
        quote_index.c.address_key == address_key(address),
        quote_index.c.deposit_memo.is_(None),
    )
    if chain is not None:
        quotes = quotes.where(quote_index.c.source_chain == chain)
    return quotes.order_by(quote_index.c.created_at.desc(), quote_index.c.quote_id.desc()).limit(1)


def quotes_of(workflow_id: str) -> Select[Any]:
    """Select the quotes that a workflow requested, oldest first."""
    columns = [column for column in quote_index.c if column.name != "address_key"]
    quotes = select(*columns).where(quote_index.c.workflow_id == workflow_id)
    return quotes.order_by(quote_index.c.created_at, quote_index.c.quote_id)


@cache
def insert_transition() -> UpdateBase:
    """Insert a transition."""
    return transitions.insert()


@cache
def delete_recorded_transitions() -> Delete:
    """Delete the transitions that a workflow recorded; late ones stay, unless they are older than its order.

    Parameters: `of_workflow`, `opened_at` of the order, and `late`, the source of late transitions.
    """
    older = transitions.c.at < bindparam("opened_at", type_=transitions.c.at.type)
    replaced = or_(transitions.c.source != bindparam("late"), older)
    return delete(transitions).where(transitions.c.workflow_id == bindparam("of_workflow"), replaced)


def transitions_of(workflow_id: str) -> Select[Any]:
    """Select the transitions of a workflow, in the order in which they were written."""
    columns = [column for column in transitions.c if column.name != "id"]
    return select(*columns).where(transitions.c.workflow_id == workflow_id).order_by(transitions.c.id)


def order_of(workflow_id: str) -> Select[Any]:
    """Select one order."""
    return select(orders).where(orders.c.workflow_id == workflow_id)


def order_lock(workflow_id: str) -> Select[Any]:
    """Select an order's row and lock it until the transaction ends; on SQLite the write lock does so already."""
    return select(orders.c.workflow_id).where(orders.c.workflow_id == workflow_id).with_for_update()


def order_page(
    *,
    account: str | None,
    phase: str | None,
    outcome: str | None,
    attention: bool | None,
    limit: int,
    before: str | None,
    sources: Sequence[str] = (),
) -> Select[Any]:
    """Select a page of orders, newest first.

    Args:
        account: Only those of this account.
        phase: Only those in this phase.
        outcome: Only those with this outcome.
        attention: Only those that need a person (True), or only the others (False).
        limit: How many.
        before: The workflow id of the last order of the previous page.
        sources: Only those that came of one of these; none means any.
    """
    age = tuple_(orders.c.created_at, orders.c.workflow_id)
    filters = {orders.c.account: account, orders.c.phase: phase, orders.c.outcome: outcome}
    page = select(orders).where(*(column == value for column, value in filters.items() if value is not None))
    if attention is not None:
        page = page.where(orders.c.attention.is_not(None) if attention else orders.c.attention.is_(None))
    if sources:
        page = page.where(orders.c.source.in_(sources))
    if before is not None:
        last = select(orders.c.created_at, orders.c.workflow_id).where(orders.c.workflow_id == before)
        page = page.where(age < last.scalar_subquery())
    return page.order_by(orders.c.created_at.desc(), orders.c.workflow_id.desc()).limit(page_size(limit))


def delivery_page(*, workflow_id: str | None, limit: int) -> Select[Any]:
    """Select webhook deliveries without their bodies, newest first."""
    columns = [column for column in deliveries.c if column.name != "body"]
    page = select(*columns).order_by(deliveries.c.id.desc()).limit(page_size(limit))
    return page if workflow_id is None else page.where(deliveries.c.workflow_id == workflow_id)


def body_of(delivery_id: int) -> Select[Any]:
    """Select the body of one webhook delivery."""
    return select(deliveries.c.body).where(deliveries.c.id == delivery_id)


def page_size(limit: int) -> int:
    """Return the requested page size, limited to 1 at least and `PAGE_CEILING` at most."""
    return min(max(limit, 1), PAGE_CEILING)
