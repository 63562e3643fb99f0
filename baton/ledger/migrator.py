"""Alembic, set up in code: it runs the migrations of the ledger, or writes their SQL."""

import threading
from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from baton.ledger.setup import REVISIONS, SchemaVersion, revision_of

FOLDERS = [Path(__file__).parent / "migrations" / "versions"]
"""The folders of the migrations."""

_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps the migration under way in its modules, so a process can run only one."""


def migrate(connection: Connection, to: int) -> None:
    """Bring a ledger to a schema version, in the transaction of the connection; errors of the driver pass through."""
    with _ONE_AT_A_TIME:
        command.upgrade(_configuration(connection), revision_of(to))


def migration_sql(connection: Connection, found: SchemaVersion, to: int) -> str:
    """Return the SQL that would bring a ledger from the version that it has to another; nothing is changed."""
    output = StringIO()
    start = f"{revision_of(found.number)}:" if found.recorded and found.number else ""
    with _ONE_AT_A_TIME:
        command.upgrade(_configuration(connection, output), f"{start}{revision_of(to)}", sql=True)
    return output.getvalue().strip()


def known_versions() -> list[int]:
    """Return the schema versions that a migration makes, oldest first."""
    revisions = ScriptDirectory.from_config(_configuration(None)).walk_revisions()
    return sorted(int(each.revision) for each in revisions)


def _configuration(connection: Connection | None, output: StringIO | None = None) -> Config:
    config = Config(output_buffer=output, attributes={"connection": connection, "version_table": REVISIONS.name})
    config.set_main_option("script_location", "baton.ledger:migrations")
    config.set_main_option("version_locations", "\n".join(map(str, FOLDERS)))
    config.set_main_option("path_separator", "newline")
    return config
