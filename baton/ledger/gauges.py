"""Reads what a scrape shows: each question from an index of open rows, so that ended orders cost nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from baton.ledger.database import Database
from baton.ledger.feed_schema import endpoint_states, events, notifications
from baton.ledger.gauge_rows import (
    AttentionGroup,
    EndpointBacklog,
    EventGroup,
    HeldGroup,
    LateGroup,
    LedgerGauges,
    OpenGroup,
)
from baton.ledger.schema import orders

MOST_ATTENDED = 5_000
"""Orders with attention whose reasons are read; more are counted by their foremost reason, without its age."""

_IDS_AT_ONCE = 500
"""Ended orders that one query names."""

MOST_EVENTS = 50_000
"""Events that one reading counts; the next one goes on after them."""

_CLOSED = "order.closed"
_NOTE = notifications.c
# As an expression, so that SQLite takes the index of open orders and not that of accounts.
_ACCOUNT = (orders.c.account + "").label("account")
_IS_OPEN = orders.c.closed_at.is_(None)


class GaugeTables:
    """What a scrape reads; available as `Ledger.gauges`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, now: datetime, after: int, ended: Mapping[str, Sequence[str]]) -> LedgerGauges:
        """Return all gauges.

        Args:
            now: Deadlines before this time have passed.
            after: Only events with a higher number are counted.
            ended: The ended orders that need a person now, by their workflow ids, with the reasons: the row of an ended
                order says how it was at its end.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        groups, newest = await self._events(after)
        return LedgerGauges(
            open=await self._open(),
            late=await self._late(now),
            attention=_added([*await self._attention(), *await self._after_end(ended)]),
            held=await self._held(),
            backlogs=await self._backlogs(),
            disabled=await self._disabled(),
            events=groups,
            newest=newest,
        )

    async def _open(self) -> list[OpenGroup]:
        group, count = (_ACCOUNT, orders.c.phase, orders.c.status), func.count().label("number")
        oldest = func.min(orders.c.updated_at).label("unchanged_since")
        query = select(*group, count, oldest).where(_IS_OPEN).group_by(*group)
        return [OpenGroup(**row) for row in await self._database.read(query)]

    async def _late(self, now: datetime) -> list[LateGroup]:
        group = (_ACCOUNT, orders.c.phase)
        query = select(*group, func.count().label("number")).where(_IS_OPEN, orders.c.next_deadline < now)
        return [LateGroup(**row) for row in await self._database.read(query.group_by(*group))]

    async def _attention(self) -> list[AttentionGroup]:
        needs = (_IS_OPEN, orders.c.attention.is_not(None))
        group = (_ACCOUNT, orders.c.attention.label("reason"))
        counted = await self._database.read(
            select(*group, func.count().label("number")).where(*needs).group_by(_ACCOUNT, orders.c.attention)
        )
        if sum(row["number"] for row in counted) > MOST_ATTENDED:
            return [AttentionGroup(**row, since=None) for row in counted]
        every = select(*group, orders.c.snapshot["attentions"].label("every")).where(*needs).limit(MOST_ATTENDED)
        return _by_reason(await self._database.read(every))

    async def _after_end(self, ended: Mapping[str, Sequence[str]]) -> list[AttentionGroup]:
        """Return ended orders by their reasons; one that the row does not have arose after the end."""
        ids, found = sorted(ended), list[AttentionGroup]()
        column, every = orders.c, orders.c.snapshot["attentions"].label("every")
        for start in range(0, len(ids), _IDS_AT_ONCE):
            page = select(column.workflow_id, column.account, column.closed_at, every)
            named = page.where(column.workflow_id.in_(ids[start : start + _IDS_AT_ONCE]), ~_IS_OPEN)
            for row in await self._database.read(named):
                known = _since(row["every"])
                found += [
                    AttentionGroup(row["account"], reason, 1, known.get(reason) or row["closed_at"])
                    for reason in ended[row["workflow_id"]]
                ]
        return found

    async def _held(self) -> list[HeldGroup]:
        query = select(_ACCOUNT, func.count().label("number")).where(orders.c.hold.is_not(None))
        return [HeldGroup(**row) for row in await self._database.read(query.group_by(_ACCOUNT))]

    async def _backlogs(self) -> list[EndpointBacklog]:
        first = (
            select(func.min(events.c.written_at))
            .where(events.c.workflow_id == _NOTE.workflow_id, events.c.seq > _NOTE.done, events.c.seq <= _NOTE.wanted)
            .scalar_subquery()
        )
        waits = (_NOTE.due_at.is_not(None), _NOTE.wanted > _NOTE.done)
        query = select(_NOTE.endpoint, func.count().label("number"), func.min(first).label("oldest")).where(*waits)
        return [EndpointBacklog(**row) for row in await self._database.read(query.group_by(_NOTE.endpoint))]

    async def _disabled(self) -> list[str]:
        query = select(endpoint_states.c.endpoint).where(endpoint_states.c.disabled_at.is_not(None))
        return [row["endpoint"] for row in await self._database.read(query)]

    async def _events(self, after: int) -> tuple[list[EventGroup], int]:
        """Return the events after a number, counted, and the number of the last of them."""
        newest = (await self._database.read(select(func.max(events.c.seq).label("seq"))))[0]["seq"] or after
        until = min(newest, after + MOST_EVENTS)
        if until <= after:
            return [], after
        outcome = case((events.c.type == _CLOSED, events.c.data["outcome"].as_string())).label("outcome")
        query = select(events.c.account, events.c.type, outcome, func.count().label("number"))
        query = query.where(and_(events.c.seq > after, events.c.seq <= until))
        rows = await self._database.read(query.group_by(events.c.account, events.c.type, "outcome"))
        return [EventGroup(**row) for row in rows], until


def _by_reason(rows: Iterable[Any]) -> list[AttentionGroup]:
    """Count orders by each of their reasons; the row of another version may name the foremost one only."""
    return [
        AttentionGroup(row["account"], reason, 1, since)
        for row in rows
        for reason, since in (_since(row["every"]) or {row["reason"]: None}).items()
    ]


def _since(every: Any) -> dict[str, datetime | None]:
    """Return since when each reason of a snapshot has stood."""
    listed = every if isinstance(every, list) else []
    return {str(one["reason"]): _time(one.get("since")) for one in listed if isinstance(one, dict)}


def _added(groups: Iterable[AttentionGroup]) -> list[AttentionGroup]:
    """Return one group for each account and reason."""
    found: dict[tuple[str, str], AttentionGroup] = {}
    for group in groups:
        known = found.get((group.account, group.reason), group._replace(number=0))
        times = [time for time in (known.since, group.since) if time is not None]
        number = known.number + group.number
        found[group.account, group.reason] = known._replace(number=number, since=min(times, default=None))
    return list(found.values())


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None
