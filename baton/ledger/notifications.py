"""What is to be sent to which endpoint, how far that is, and every attempt.

A row for each endpoint and order says up to which event it is wanted and done. So nothing is lost between the commit
of an event and the job that sends it: whatever is wanted and not done is found again by its `due_at`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, exists, func, insert, or_, select, update

from baton.ledger.database import Database
from baton.ledger.endpoints import note_success
from baton.ledger.feed_schema import endpoint_states, events, notification_attempts, notifications
from baton.ledger.notification_rows import AttemptRow, NotificationRow
from baton.ledger.statements import page_size, want_events

_NOTE, _ATTEMPT = notifications.c, notification_attempts.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """Events of one order that an endpoint is to get: the numbers of the first and the last of them."""

    endpoint: str
    workflow_id: str
    first: int
    last: int


class NotificationTables:
    """The notifications of a ledger; available as `Ledger.notifications`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(
        self, wanted: Sequence[Wanted], endpoints: Collection[str], since: int, to: int, due_at: datetime
    ) -> list[Wanted]:
        """Note which events endpoints are to get, and move the endpoints' cursors past them, all or nothing.

        Args:
            wanted: What is to be sent.
            endpoints: The endpoints whose cursor moves, also those that want none of the events.
            since: Where their cursors are.
            to: Where their cursors move.
            due_at: When a job that did not start is started again.

        Returns:
            What needs a job: a job that has not ended sends what is added meanwhile, too. Nothing if another process
            moved a cursor first.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> list[Wanted]:
            at_cursor = (endpoint_states.c.endpoint.in_(endpoints), endpoint_states.c.cursor == since)
            locked = connection.execute(select(endpoint_states.c.endpoint).where(*at_cursor).with_for_update()).all()
            if len(locked) != len(endpoints):
                return []
            busy = _busy(connection, wanted)
            for each in wanted:
                connection.execute(want_events(connection.dialect.name), _new_row(each, due_at))
            connection.execute(update(endpoint_states).where(*at_cursor).values(cursor=to))
            return [each for each in wanted if (each.endpoint, each.workflow_id) not in busy]

        return await self._database.write(put)

    async def progress(self, endpoint: str, workflow_id: str) -> NotificationRow | None:
        """Return how far an order's events are notified to an endpoint; None if none is wanted.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(notifications).where(*_key(endpoint, workflow_id)))
        return NotificationRow.model_validate(dict(rows[0])) if rows else None

    async def take_due(
        self, endpoints: Collection[str], now: datetime, pause: timedelta, limit: int
    ) -> list[NotificationRow]:
        """Return what is overdue at some endpoints, and leave it to this process for a while.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def take(connection: Connection) -> list[NotificationRow]:
            due = select(notifications).where(_NOTE.due_at <= now, _NOTE.endpoint.in_(endpoints))
            page = due.order_by(_NOTE.due_at).limit(limit).with_for_update(skip_locked=True)
            rows = [NotificationRow.model_validate(dict(row)) for row in connection.execute(page).mappings()]
            for row in rows:
                taken = update(notifications).where(*_key(row.endpoint, row.workflow_id))
                connection.execute(taken.values(due_at=now + pause, waking=False))
            return rows

        if not await self._database.read(select(_NOTE.endpoint).where(_NOTE.due_at <= now).limit(1)):
            return []
        return await self._database.write(take)

    async def delivered(self, attempt: AttemptRow, seq: int, outage: datetime) -> None:
        """Note that an endpoint has accepted an event.

        Args:
            attempt: The attempt.
            seq: The event's number.
            outage: See `baton.ledger.endpoints.note_success`.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> None:
            progress = update(notifications).where(*_key(attempt.endpoint, attempt.workflow_id), _NOTE.done < seq)
            connection.execute(progress.values(done=seq, failures=0, failing_since=None))
            connection.execute(insert(notification_attempts), attempt.model_dump(exclude={"id"}))
            note_success(connection, attempt.endpoint, attempt.attempted_at, outage)

        await self._database.write(put)

    async def failed(self, attempt: AttemptRow, due_at: datetime) -> None:
        """Note that an endpoint has not accepted an event, and when the next attempt is overdue.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> None:
            changes = {
                "failures": _NOTE.failures + 1,
                "failing_since": func.coalesce(_NOTE.failing_since, attempt.attempted_at),
                "due_at": due_at,
            }
            connection.execute(
                update(notifications).where(*_key(attempt.endpoint, attempt.workflow_id)).values(changes)
            )
            connection.execute(insert(notification_attempts), attempt.model_dump(exclude={"id"}))

        await self._database.write(put)

    async def give_up(self, attempts: Sequence[AttemptRow], seq: int) -> None:
        """Note that the events of an order up to a number are no longer tried; all attempts are of that order.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> None:
            key = _key(attempts[0].endpoint, attempts[0].workflow_id)
            connection.execute(update(notifications).where(*key).values(done=seq, failures=0, failing_since=None))
            connection.execute(insert(notification_attempts), [each.model_dump(exclude={"id"}) for each in attempts])

        await self._database.write(put)

    async def record(self, attempt: AttemptRow) -> None:
        """Record an attempt that changes nothing else, such as one that a person asked for.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(insert(notification_attempts), attempt.model_dump(exclude={"id"}))

    async def finish(self, endpoint: str, workflow_id: str, seq: int, done: int) -> bool:
        """Note that an order's events are sent up to a number; return whether nothing is left to send.

        Args:
            endpoint: The endpoint.
            workflow_id: The order's workflow.
            seq: The number.
            done: The last number that was accepted. If the row says less, a person has asked for a repeat meanwhile.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        row = (*_key(endpoint, workflow_id), _NOTE.done >= done)

        def put(connection: Connection) -> bool:
            connection.execute(update(notifications).where(*row, _NOTE.done < seq).values(done=seq))
            ended = update(notifications).where(*row, _NOTE.wanted <= seq).values(due_at=None, waking=False)
            return connection.execute(ended).rowcount > 0

        return await self._database.write(put)

    async def attempts(
        self,
        *,
        endpoint: str | None = None,
        event_id: str | None = None,
        workflow_id: str | None = None,
        outcome: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[AttemptRow]:
        """Return attempts, the last one first; at most 500.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        wanted: Mapping[Any, Any] = {
            _ATTEMPT.endpoint: endpoint,
            _ATTEMPT.event_id: event_id,
            _ATTEMPT.workflow_id: workflow_id,
            _ATTEMPT.outcome: outcome,
        }
        page = select(notification_attempts).order_by(_ATTEMPT.id.desc()).limit(page_size(limit))
        page = page.where(*(column == value for column, value in wanted.items() if value is not None))
        page = page if before is None else page.where(_ATTEMPT.id < before)
        return [AttemptRow.model_validate(dict(row)) for row in await self._database.read(page)]

    async def pending(self, endpoint: str) -> int:
        """Return of how many orders an endpoint has not got all events.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        open_rows = (_NOTE.endpoint == endpoint, _NOTE.wanted > _NOTE.done)
        rows = await self._database.read(
            select(func.count().label("count")).select_from(notifications).where(*open_rows)
        )
        return int(rows[0]["count"])

    async def repeatable(self, endpoint: str, since: datetime) -> int:
        """Return of how many orders an endpoint would be notified again of what was written since a time.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        has_news = exists().where(events.c.workflow_id == _NOTE.workflow_id, events.c.written_at >= since)
        query = select(func.count().label("count")).select_from(notifications)
        rows = await self._database.read(query.where(_NOTE.endpoint == endpoint, has_news))
        return int(rows[0]["count"])

    async def repeat(self, endpoint: str, since: datetime, now: datetime) -> int:
        """Have an endpoint notified again of all events that were written since a time; return of how many orders.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> int:
            first = (
                select(func.min(events.c.seq) - 1)
                .where(events.c.workflow_id == _NOTE.workflow_id, events.c.written_at >= since)
                .scalar_subquery()
            )
            again = update(notifications).where(_NOTE.endpoint == endpoint, first.is_not(None))
            earlier = case((first < _NOTE.done, first), else_=_NOTE.done)
            changes = {"done": earlier, "failures": 0, "failing_since": None, "due_at": now, "waking": True}
            return connection.execute(again.values(changes)).rowcount

        return await self._database.write(put)

    async def repeat_order(self, endpoint: str, workflow_id: str, now: datetime) -> bool:
        """Have an endpoint notified again of all that happened to one order; return whether it was notified before.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        first = select(func.min(events.c.seq) - 1).where(events.c.workflow_id == workflow_id).scalar_subquery()
        again = update(notifications).where(*_key(endpoint, workflow_id), first.is_not(None))
        earlier = case((first < _NOTE.done, first), else_=_NOTE.done)
        changes = {"done": earlier, "failures": 0, "failing_since": None, "due_at": now, "waking": True}
        return bool(await self._database.execute(again.values(changes)))

    async def prune(self, before: datetime) -> None:
        """Delete attempts from before a time, and the progress of orders whose events were deleted.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def drop(connection: Connection) -> None:
            connection.execute(delete(notification_attempts).where(_ATTEMPT.attempted_at < before))
            kept = select(events.c.seq).where(events.c.workflow_id == _NOTE.workflow_id).exists()
            connection.execute(delete(notifications).where(or_(_NOTE.due_at.is_(None), _NOTE.due_at < before), ~kept))

        await self._database.write(drop)


def _busy(connection: Connection, wanted: Sequence[Wanted]) -> set[tuple[str, str]]:
    """Return the endpoints and orders whose job has not ended."""
    orders = {each.workflow_id for each in wanted}
    rows = select(_NOTE.endpoint, _NOTE.workflow_id).where(_NOTE.workflow_id.in_(orders), _NOTE.due_at.is_not(None))
    return {(row.endpoint, row.workflow_id) for row in connection.execute(rows)}


def _key(endpoint: str, workflow_id: str) -> tuple[Any, ...]:
    return _NOTE.endpoint == endpoint, _NOTE.workflow_id == workflow_id


def _new_row(wanted: Wanted, due_at: datetime) -> dict[str, Any]:
    return {
        "endpoint": wanted.endpoint,
        "workflow_id": wanted.workflow_id,
        "wanted": wanted.last,
        "done": wanted.first - 1,
        "failures": 0,
        "failing_since": None,
        "due_at": due_at,
        "waking": False,
    }
