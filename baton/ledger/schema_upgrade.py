"""The upgrade of a ledger's schema: once, even if many processes begin it at the same moment, and whole or not at all.

Both databases roll back table definitions, so an upgrade is one transaction. PostgreSQL uses an advisory lock that the
transaction holds, SQLite its write lock; a process that waited for it finds the work done.
"""

import logging
import threading
import time

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import OperationalError

from baton.ledger.errors import LedgerUnavailable
from baton.ledger.schema import SCHEMA_VERSION
from baton.ledger.setup import SchemaVersion, check_version, stored_version

PATIENCE = 600.0
"""Seconds to wait for another process that upgrades the same ledger."""

_ADVISORY_LOCK = 0x6261746F6E  # "baton" in ASCII; any number works that other programs are unlikely to lock
_RETRY_DELAY = 0.1  # seconds
_LOCK_TIMEOUT = "5s"
"""How long a table may be waited for: calls that come later wait behind the upgrade."""

_BUSY = ("40P01", "55P03")
"""PostgreSQL's codes for a deadlock, and for a lock that it did not get in time."""

_log = logging.getLogger(__name__)


class SchemaUpgrade:
    """Brings the schema of one ledger to a version. Blocks, so it runs in a thread of its own.

    Args:
        engine: The database; its transactions write.
        name: The ledger's name in errors and in the log.
        to: The schema version.
        patience: Seconds to wait for another process.
    """

    def __init__(self, engine: Engine, name: str, to: int = SCHEMA_VERSION, patience: float = PATIENCE) -> None:
        self._engine = engine
        self._name = name
        self._to = to
        self._patience = patience
        self._stopped = threading.Event()

    def run(self) -> SchemaVersion:
        """Upgrade, unless another process was faster; return the version that the ledger had.

        Raises:
            LedgerTooNew: The ledger belongs to a newer Baton.
            LedgerUnavailable: Another process held it too long, or `stop` was called.
        """
        deadline = time.monotonic() + self._patience
        while (found := self._attempt()) is None:
            if time.monotonic() > deadline:
                raise LedgerUnavailable(self._name, "it is locked: another process writes to it or upgrades it")
            if self._stopped.wait(_RETRY_DELAY):
                raise LedgerUnavailable(self._name, "the wait for its upgrade by another process was broken off")
        check_version(self._name, found.number)
        return found

    def stop(self) -> None:
        """End a wait for another process; an upgrade that has begun is not interrupted."""
        self._stopped.set()

    def _attempt(self) -> SchemaVersion | None:
        """Return the version that the ledger had, or None if another process holds it."""
        try:
            with self._engine.begin() as connection:
                return self._upgrade(connection) if _take_lock(connection) else None
        except OperationalError as error:
            if _is_busy(error):
                return None
            raise

    def _upgrade(self, connection: Connection) -> SchemaVersion:
        found = stored_version(connection)
        if found.lacks(self._to):
            # Loading Alembic takes longer than opening a ledger that needs no upgrade.
            from baton.ledger.migrator import migrate

            began = time.monotonic()
            if found.number:
                _log.info("upgrading the ledger at %s from schema version %s to %d", self._name, found, self._to)
            migrate(connection, self._to)
            if found.number:
                _log.info("the ledger at %s was upgraded in %.1f s", self._name, time.monotonic() - began)
        return found


def _take_lock(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":
        return True
    connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_ADVISORY_LOCK))))


def _is_busy(error: OperationalError) -> bool:
    return "locked" in str(error.orig) or getattr(error.orig, "sqlstate", None) in _BUSY
