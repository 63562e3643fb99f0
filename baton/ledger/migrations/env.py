"""What Alembic executes around the migrations: they run on the connection, and in the transaction, of the caller."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from alembic import context, op
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, text

_APPLIED = text(
    "INSERT INTO baton_schema_version (version, applied_at) VALUES (:version, :applied_at) ON CONFLICT DO NOTHING"
)


def run() -> None:
    """Run the migrations, or write their SQL to the output of the configuration."""
    attributes = context.config.attributes
    connection: Connection = attributes["connection"]
    context.configure(
        connection=connection,
        version_table=attributes["version_table"],
        transactional_ddl=True,
        literal_binds=context.is_offline_mode(),
        on_version_apply=_note_version,
    )
    with context.begin_transaction():
        context.run_migrations()


def _note_version(ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Any) -> None:
    # Older versions of Baton read this table, and refuse a version that they do not know.
    version = int(str(step.up_revision_id))
    op.execute(_APPLIED.bindparams(version=version, applied_at=datetime.now(UTC)))


run()
