"""The migrations of the ledger's schema, which Alembic runs in order; `baton.ledger.migrator` starts it.

A migration is a module of `versions/`, named and numbered by the schema version that it makes. It changes SQLite and
PostgreSQL alike: tables, indexes and nullable columns are added with `alembic.op` itself; whatever changes or drops a
column stands in `with op.batch_alter_table(...)`, because SQLite then needs a copy of the table. It imports no table of
the code, which changes later, and does not go back: `downgrade` is `refuse_downgrade`.
"""

from typing import NoReturn


def refuse_downgrade() -> NoReturn:
    """Refuse to go back to an older version.

    Raises:
        NotImplementedError: Always.
    """
    raise NotImplementedError(
        "the schema of a ledger does not go back to an older version: restore a backup of that version, or let that "
        "version of Baton make a new ledger from Temporal with `baton ledger rebuild`"
    )
