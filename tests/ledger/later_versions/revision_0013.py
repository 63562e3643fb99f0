"""A migration that no Baton has: it changes a column, which SQLite does by a copy of the table, and adds another."""

import sqlalchemy as sa
from alembic import op

from baton.ledger.migrations import refuse_downgrade

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("baton_cursors", sa.Column("scanned_by", sa.Text()))
    with op.batch_alter_table("baton_watches") as watches:
        watches.alter_column("quote_id", new_column_name="quote")
    op.create_index("baton_watches_by_quote", "baton_watches", ["quote"])


def downgrade() -> None:
    refuse_downgrade()
