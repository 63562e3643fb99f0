"""The version of a ledger's schema, and the mode of a SQLite file."""

import time
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Engine, Select, column, func, inspect, select, table
from sqlalchemy.exc import OperationalError

from baton.ledger.engine import NO_TRANSACTION
from baton.ledger.errors import LedgerOutdated, LedgerTooNew
from baton.ledger.schema import SCHEMA_VERSION, schema_version

REVISIONS = table("baton_alembic_version", column("version_num"))
"""The table in which Alembic keeps the version of the schema. A business may use Alembic in the same database."""

Upgrades = Literal["start", "command"]
"""When an older ledger is upgraded: by whatever opens it, or by `baton ledger upgrade` alone."""

RETRY_DELAY = 0.02
"""Seconds between two looks at whether another process is done."""

_CURRENT: Select[tuple[str]] = select(func.max(REVISIONS.c.version_num))
_BEFORE_ALEMBIC = select(func.max(schema_version.c.version))


def revision_of(version: int) -> str:
    """Return the name of the migration that makes a schema version."""
    return f"{version:04}"


class SchemaVersion(NamedTuple):
    """The version of a ledger's schema.

    Attributes:
        number: Its number; 0 if there is no schema.
        recorded: Whether Alembic keeps it. Ledgers that were last upgraded by a Baton without Alembic have a record
            of their own, and get Alembic's by the next upgrade.
    """

    number: int
    recorded: bool

    def __str__(self) -> str:
        """Return the number, as errors name it."""
        return str(self.number) if self.recorded or not self.number else f"{self.number} (made without Alembic)"

    def lacks(self, version: int) -> bool:
        """Whether the ledger must be upgraded to have a version."""
        return self.number < version or not (self.recorded or self.number > version)


def check_version(name: str, found: int) -> None:
    """Refuse the schema of a newer Baton.

    Raises:
        LedgerTooNew: `found` is above the newest known version.
    """
    if found > SCHEMA_VERSION:
        raise LedgerTooNew(name, found, SCHEMA_VERSION)


def require_upgrades(name: str, found: SchemaVersion, upgrades: Upgrades) -> None:
    """Check that a ledger that lacks the schema of this Baton may be upgraded by opening it.

    Raises:
        LedgerOutdated: Only the command does it.
    """
    if upgrades == "command":
        raise LedgerOutdated(name, str(found) if found.number else None, SCHEMA_VERSION)


def read_version(connection: Connection) -> int:
    """Return the version of a schema that exists; without a schema, the driver's error is raised."""
    return int(connection.scalar(_CURRENT) or 0)


def stored_version(connection: Connection) -> SchemaVersion:
    """Return the version of the schema, from Alembic's table or from the older one."""
    inspector = inspect(connection)
    if inspector.has_table(REVISIONS.name):
        return SchemaVersion(read_version(connection), recorded=True)
    own = connection.scalar(_BEFORE_ALEMBIC) or 0 if inspector.has_table(schema_version.name) else 0
    return SchemaVersion(own, recorded=False)


def write_ahead(engine: Engine, seconds: float) -> None:
    """Switch a SQLite file to write-ahead mode, which it then keeps; try for some seconds. Blocks."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with engine.execution_options(**NO_TRANSACTION).connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            # The switch fails at once while another process makes it, whatever the timeout for locks.
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_DELAY)
        else:
            return
