"""The endpoints that were made over the API or by command, and the state of every endpoint."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from baton.ledger.database import Database
from baton.ledger.feed_schema import endpoint_states, endpoints, events, notifications
from baton.ledger.notification_rows import EndpointRow, EndpointState
from baton.ledger.statements import insert_once, upsert

_STATE = endpoint_states.c


class EndpointTables:
    """The endpoints of a ledger; available as `Ledger.endpoints`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[EndpointRow]:
        """Return the endpoints that the ledger has, by name.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(endpoints).order_by(endpoints.c.name))
        return [EndpointRow.model_validate(dict(row)) for row in rows]

    async def create(self, row: EndpointRow) -> bool:
        """Add an endpoint, which gets the events from now on; return False if there is one of this name.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> bool:
            created = connection.execute(insert_once(connection.dialect.name, endpoints), _values(row)).rowcount > 0
            if created:
                connection.execute(delete(endpoint_states).where(_STATE.endpoint == row.name))
                _add_states(connection, [row.name], from_start=False)
            return created

        return await self._database.write(put)

    async def replace(self, row: EndpointRow) -> None:
        """Write an endpoint's URL, filters and secrets.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(upsert(self._database.dialect, endpoints), _values(row))

    async def remove(self, name: str) -> None:
        """Delete an endpoint, with its state and what was still to be sent.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def drop(connection: Connection) -> None:
            connection.execute(delete(endpoints).where(endpoints.c.name == name))
            connection.execute(delete(endpoint_states).where(_STATE.endpoint == name))
            connection.execute(delete(notifications).where(notifications.c.endpoint == name))

        await self._database.write(drop)

    async def states(self) -> dict[str, EndpointState]:
        """Return the state of every endpoint, by name.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(endpoint_states))
        return {row["endpoint"]: EndpointState.model_validate(dict(row)) for row in rows}

    async def state(self, name: str) -> EndpointState | None:
        """Return the state of one endpoint; None before its first event, or after it was removed.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(endpoint_states).where(_STATE.endpoint == name))
        return EndpointState.model_validate(dict(rows[0])) if rows else None

    async def add_states(self, names: Sequence[str], *, from_start: bool) -> None:
        """Add the states of new endpoints; those that exist stay.

        Args:
            names: The endpoints.
            from_start: Whether they get every event of the feed, or those from now on.

        Raises:
            LedgerUnavailable: They could not be written.
        """
        await self._database.write(lambda connection: _add_states(connection, names, from_start=from_start))

    async def note_failure(self, name: str, error: str, now: datetime) -> EndpointState | None:
        """Note that an endpoint did not accept a notification; return its state, None if it was removed.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> EndpointState | None:
            changes = {"failing_since": func.coalesce(_STATE.failing_since, now), "last_error": error}
            connection.execute(update(endpoint_states).where(_STATE.endpoint == name).values(changes))
            row = connection.execute(select(endpoint_states).where(_STATE.endpoint == name)).mappings().one_or_none()
            return EndpointState.model_validate(dict(row)) if row else None

        return await self._database.write(put)

    async def disable(self, name: str, because: str, now: datetime) -> bool:
        """Stop notifying an endpoint; return False if it was disabled already.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        stopped = update(endpoint_states).where(_STATE.endpoint == name, _STATE.disabled_at.is_(None))
        return await self._database.execute(stopped.values(disabled_at=now, disabled_because=because)) > 0

    async def enable(self, name: str, now: datetime) -> None:
        """Notify an endpoint again, first of all that it missed.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> None:
            changes = {"disabled_at": None, "disabled_because": None, "failing_since": None, "last_error": None}
            connection.execute(update(endpoint_states).where(_STATE.endpoint == name).values(changes))
            wake(connection, name, now)

        await self._database.write(put)


def _values(row: EndpointRow) -> dict[str, Any]:
    return {**row.model_dump(), "secrets": [secret.model_dump(mode="json") for secret in row.secrets]}


def wake(connection: Connection, endpoint: str, now: datetime) -> None:
    """Have all that an endpoint has not accepted sent now, whatever pauses its jobs make."""
    pending = (notifications.c.endpoint == endpoint, notifications.c.wanted > notifications.c.done)
    changes = {"due_at": now, "waking": True, "failures": 0, "failing_since": None}
    connection.execute(update(notifications).where(*pending).values(changes))


def note_success(connection: Connection, endpoint: str, now: datetime, outage: datetime) -> None:
    """Note that an endpoint accepts notifications; after an outage, have all that it missed sent now.

    Args:
        connection: The transaction.
        endpoint: The endpoint.
        now: The present.
        outage: Failures without any success since before this time count as an outage.
    """
    failing = (_STATE.endpoint == endpoint, _STATE.failing_since.is_not(None))
    since = connection.execute(select(_STATE.failing_since).where(*failing)).scalar_one_or_none()
    if since is None:
        return
    connection.execute(update(endpoint_states).where(*failing).values(failing_since=None, last_error=None))
    if since < outage:
        waiting = or_(notifications.c.failures > 0, notifications.c.waking)
        pending = (notifications.c.endpoint == endpoint, notifications.c.wanted > notifications.c.done, waiting)
        connection.execute(update(notifications).where(*pending).values(due_at=now, waking=True))


def _add_states(connection: Connection, names: Sequence[str], *, from_start: bool) -> None:
    newest = 0 if from_start else connection.scalar(select(func.max(events.c.seq))) or 0
    for name in names:
        values = {"endpoint": name, "cursor": newest}
        connection.execute(insert_once(connection.dialect.name, endpoint_states), values)
