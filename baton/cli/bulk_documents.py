"""What the commands that act in bulk print with `--json`: a line for each order."""

from pydantic import BaseModel

from baton.ledger.bulk_rows import BulkOrderRow


class BulkCandidate(BaseModel):
    """An order that a bulk would touch, after `--dry-run`."""

    workflow_id: str
    account: str
    reference: str
    phase: str
    status: str | None


BulkLine = BulkOrderRow | BulkCandidate
"""A line of an act in bulk."""
