"""Counts of many orders in a bounded period, each from one index: cheap with a million rows.

Times are grouped by the hour in SQL, and by longer steps by whoever asks.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, case, func, literal, select

from baton.ledger.database import Database
from baton.ledger.feed_schema import events, is_raised
from baton.ledger.figure_rows import AccountActivity, DeliveryTimes, HourCount, OpenOrders, OrderRoute, percentile
from baton.ledger.schema import orders

LONGEST = timedelta(days=31)
"""The longest period; events are not kept longer either."""

MOST_ATTENDED = 5_000
"""Open orders with attention whose reasons are read, the newest ones; more are counted by their foremost reason."""

AFTER_THE_END = "after_the_end"
"""The reason of an ended order whose row has none: another workflow holds it."""

_ROUTE = (orders.c.source_chain, orders.c.source_asset, orders.c.destination_chain, orders.c.destination_asset)
# As an expression, so that SQLite does not take the index of accounts instead, and reads every row for the rest.
_ACCOUNT = orders.c.account + ""
_STEPS = ((20_000, 100), (200_000, 1_000), (2_000_000, 10_000), (20_000_000, 100_000))
"""Below so many milliseconds, times are counted in steps of so many: about one percent of them."""
_LARGEST_STEP = 1_000_000

_ANNOUNCED = ("completed", "failed", "refunded", "unfulfilled")
"""The outcomes that a webhook announces."""


class OrderFigures:
    """Counts orders; available as `Ledger.figures`.

    Every question takes the partner accounts that count; None means all.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def started(self, since: datetime, until: datetime, accounts: Sequence[str] | None) -> list[HourCount]:
        """Return how many orders were placed, by the hour.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        hour = self._hour(orders.c.created_at)
        query: Any = select(hour.label("hour"), func.count().label("count"))
        query = query.where(*_within(orders.c.created_at, since, until), *_of(orders.c.account, accounts))
        return _counts(await self._database.read(query.group_by(hour)))

    async def ended(self, since: datetime, until: datetime, accounts: Sequence[str] | None) -> list[HourCount]:
        """Return how many orders ended, by the hour and the outcome.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        hour, outcome = self._hour(orders.c.closed_at), orders.c.outcome
        query = select(hour.label("hour"), outcome.label("name"), func.count().label("count"))
        query = query.where(*_within(orders.c.closed_at, since, until), *_of(_ACCOUNT, accounts))
        return _counts(await self._database.read(query.group_by(hour, outcome)))

    async def raised(self, since: datetime, until: datetime, accounts: Sequence[str] | None) -> list[HourCount]:
        """Return how often attention was raised, by the hour and the reason.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        hour, reason = self._hour(events.c.occurred_at), events.c.data["attention"]["reason"].as_string()
        query = select(hour.label("hour"), reason.label("name"), func.count().label("count"))
        query = query.where(is_raised, *_within(events.c.occurred_at, since, until), *_of(events.c.account, accounts))
        return _counts(await self._database.read(query.group_by("hour", "name")))

    async def delivery_times(
        self, since: datetime, until: datetime, accounts: Sequence[str] | None
    ) -> list[DeliveryTimes]:
        """Return how long the orders that ended in a period took to be delivered, the route with most orders first.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        step = _rounded(orders.c.delivery_ms).label("step")
        query = select(*_ROUTE, step, func.count().label("count")).where(orders.c.delivery_ms.is_not(None))
        query = query.where(*_within(orders.c.closed_at, since, until), *_of(_ACCOUNT, accounts))
        counted: defaultdict[OrderRoute, list[tuple[int, int]]] = defaultdict(list)
        for row in await self._database.read(query.group_by("step", *_ROUTE)):
            counted[OrderRoute(*(row[column.name] for column in _ROUTE))].append((row["step"], row["count"]))
        return sorted(map(_times, counted.items()), key=lambda times: (-times.orders, str(times.route)))

    async def open_now(self, accounts: Sequence[str] | None) -> list[OpenOrders]:
        """Return the open orders by phase and status, with the one of each that changed longest ago.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        group = (orders.c.phase, orders.c.status)
        place = func.row_number().over(partition_by=group, order_by=(orders.c.updated_at, orders.c.workflow_id))
        number = func.count().over(partition_by=group)
        columns = (*group, orders.c.workflow_id, orders.c.updated_at)
        is_open = (orders.c.closed_at.is_(None), *_of(_ACCOUNT, accounts))
        counted = select(*columns, place.label("place"), number.label("number")).where(*is_open).subquery()
        rows = await self._database.read(select(counted).where(counted.c.place == 1))
        names = ("phase", "status", "number", "workflow_id", "updated_at")
        found = (OpenOrders(*(row[name] for name in names)) for row in rows)
        return sorted(found, key=lambda one: (one.phase, one.status or ""))

    async def attention(self, accounts: Sequence[str] | None, ended: Collection[str] = ()) -> dict[str, int]:
        """Return how many orders need a person, by reason; an order with several reasons counts for each.

        Args:
            accounts: Only those of these accounts; None means all.
            ended: The ended orders that need a person now; without a reason in their row they count as `AFTER_THE_END`.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        of = _of(_ACCOUNT, accounts)
        needs = (orders.c.closed_at.is_(None), orders.c.attention.is_not(None), *of)
        by_reason = select(orders.c.attention.label("reason"), func.count().label("count")).where(*needs)
        counted = Counter(
            {row["reason"]: row["count"] for row in await self._database.read(by_reason.group_by("reason"))}
        )
        if counted.total() <= MOST_ATTENDED:
            counted = await self._reasons(*needs)
        if ended:
            counted += await self._reasons(orders.c.workflow_id.in_(sorted(ended)[:MOST_ATTENDED]), *of)
        return dict(counted)

    async def _reasons(self, *conditions: ColumnElement[bool]) -> Counter[str]:
        every = select(orders.c.attention, orders.c.snapshot["attentions"].label("every")).where(*conditions)
        rows = await self._database.read(every.limit(MOST_ATTENDED))
        return Counter(reason for row in rows for reason in _reasons(row["every"], row["attention"] or AFTER_THE_END))

    async def activity(self, since: datetime, silent: Collection[str]) -> dict[str, AccountActivity]:
        """Return what happens on each account that has an open order, or had one that ended since a time.

        Args:
            since: The time.
            silent: Statuses that no webhook announces.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        changed = case((orders.c.status.not_in(silent), orders.c.updated_at))
        account = _ACCOUNT.label("account")
        is_open = select(account, func.count().label("open"), func.max(changed).label("changed_at"))
        is_open = is_open.where(orders.c.closed_at.is_(None)).group_by(account)
        ended = select(account, literal(0).label("open"), func.max(orders.c.closed_at).label("changed_at"))
        ended = ended.where(orders.c.closed_at >= since, orders.c.outcome.in_(_ANNOUNCED)).group_by(account)
        found: dict[str, AccountActivity] = {}
        for row in [*await self._database.read(is_open), *await self._database.read(ended)]:
            found[row["account"]] = _joined(found.get(row["account"]), AccountActivity(**row))
        return found

    def _hour(self, column: Column[datetime]) -> ColumnElement[str]:
        """Return the hour of a time as text, such as `2026-11-29 18`."""
        if self._database.dialect == "sqlite":
            return func.substr(column, 1, 13)
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24")


def _joined(one: AccountActivity | None, other: AccountActivity) -> AccountActivity:
    if one is None:
        return other
    changed = max((at for at in (one.changed_at, other.changed_at) if at), default=None)
    return AccountActivity(one.account, one.open + other.open, changed)


def _within(column: Column[datetime], since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return column >= max(since, until - LONGEST), column < until


def _of(column: ColumnElement[str], accounts: Sequence[str] | None) -> tuple[ColumnElement[bool], ...]:
    return () if accounts is None else (column.in_(accounts),)


def _rounded(column: Column[int]) -> ColumnElement[int]:
    """Return a time rounded to its step, so that a route has some hundred different ones."""
    rounded = [(column < below, column // step * step) for below, step in _STEPS]
    return case(*rounded, else_=column // _LARGEST_STEP * _LARGEST_STEP)


def _times(counted: tuple[OrderRoute, list[tuple[int, int]]]) -> DeliveryTimes:
    route, times = counted
    return DeliveryTimes(route, sum(count for _, count in times), percentile(times, 0.5), percentile(times, 0.95))


def _counts(rows: Iterable[Any]) -> list[HourCount]:
    found = (HourCount(_time(row["hour"]), row.get("name"), row["count"]) for row in rows)
    return sorted(found, key=lambda one: (one.hour, one.name or ""))


def _time(hour: str) -> datetime:
    return datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC)


def _reasons(every: Any, foremost: str) -> set[str]:
    """Return the reasons of an order; the foremost one of a row that another version wrote."""
    listed = every if isinstance(every, list) else []
    return {str(one["reason"]) for one in listed if isinstance(one, dict) and one.get("reason")} or {foremost}
