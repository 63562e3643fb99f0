"""What travels through Temporal about a bulk: the workflow's input and how far it is. Pure, and light."""

from pydantic import BaseModel

BULK_WORKFLOW = "BulkWorkflow"
RUN_BULK = "run_bulk"
"""The activity that does the act to the next orders of a bulk."""


class BulkRun(BaseModel):
    """Run the bulk with this id, which is in the ledger."""

    id: str
    summary: str = ""


class BulkProgress(BaseModel):
    """How many orders of a bulk are in which state; `waiting` are those whose turn has not ended."""

    waiting: int = 0
    done: int = 0
    refused: int = 0
    failed: int = 0
    stopped: bool = False
    """Somebody stopped it."""

    @property
    def orders(self) -> int:
        """How many orders the bulk has."""
        return self.waiting + self.done + self.refused + self.failed

    @property
    def words(self) -> str:
        """The progress in a few words."""
        parts = {"done": self.done, "refused": self.refused, "failed": self.failed, "waiting": self.waiting}
        return ", ".join(f"{count} {state}" for state, count in parts.items() if count) or "nothing to do"


def bulk_workflow_id(bulk_id: str) -> str:
    """Return the id of the workflow that runs a bulk."""
    return f"bulk/{bulk_id}"
