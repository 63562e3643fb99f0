"""Add the indexes by which the rows of ended orders are found when they are deleted."""

from alembic import op

from baton.ledger.migrations import refuse_downgrade

revision = "0012"
down_revision = "0011"

_BY_WORKFLOW = ("baton_order_index", "baton_watches", "baton_credits", "baton_asked_payments")


def upgrade() -> None:
    """Create them; a ledger of this version without Alembic's record has them already."""
    for table in _BY_WORKFLOW:
        op.create_index(f"{table}_by_workflow", table, ["workflow_id"], if_not_exists=True)


def downgrade() -> None:
    """Refuse to go back."""
    refuse_downgrade()
