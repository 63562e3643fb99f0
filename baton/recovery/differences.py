"""The differences between an order's row and Temporal. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from temporalio.client import WorkflowExecution, WorkflowExecutionStatus

from baton.ledger.rows import RowState
from baton.orders.models import Phase
from baton.orders.visibility import STATUS
from baton.recovery.order_reader import OrderReading


class DifferenceKind(StrEnum):
    """How a row differs."""

    MISSING = "missing"
    """There is no row."""
    BEHIND = "behind"
    """The row is older than the order."""
    STOPPED = "stopped"
    """The workflow was terminated or broke, and the row shows an open order."""
    RESET = "reset"
    """The row comes from a run that a reset took back."""
    UNKNOWN = "unknown"
    """The row shows an open order, and Temporal has no such workflow."""
    UNWATCHED = "unwatched"
    """The deposit address of an open order is not watched."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs from Temporal.

    Attributes:
        workflow_id: The order's workflow.
        kind: How it differs.
        message: One sentence for people.
        mended: Whether it was mended.
    """

    workflow_id: str
    kind: DifferenceKind
    message: str
    mended: bool = False

    def with_repair(self, *, mended: bool) -> Self:
        """Return the difference with the result of its repair."""
        return replace(self, mended=mended)


def may_differ(execution: WorkflowExecution, row: RowState | None) -> bool:
    """Whether an order's row may differ from what visibility lists."""
    if row is None:
        return True
    is_open = execution.status is WorkflowExecutionStatus.RUNNING
    status = execution.typed_search_attributes.get(STATUS)
    return is_open != (row.phase != Phase.CLOSED) or (status is not None and status != row.status)


def compare(
    workflow_id: str, reading: OrderReading | None, row: RowState | None, published_before: datetime
) -> Difference | None:
    """Return how an order's row differs from its workflow's answer; None if it does not.

    Args:
        workflow_id: The order's workflow.
        reading: The answer; None if Temporal does not know the workflow.
        row: The row; None if there is none.
        published_before: What an open order published since may still be on its way into the ledger.
    """
    if reading is None:
        return Difference(workflow_id, DifferenceKind.UNKNOWN, _UNKNOWN) if row else None
    if row is None:
        return Difference(workflow_id, DifferenceKind.MISSING, "the ledger has no row of it")
    shown = row.outcome or row.status or row.phase
    kind = _kind(reading, row, published_before)
    return Difference(workflow_id, kind, f"it is {_present(reading)}, and the row says {shown}") if kind else None


_UNKNOWN = "Temporal has no such workflow: its retention is over, or Temporal's data was lost"


def _kind(reading: OrderReading, row: RowState, published_before: datetime) -> DifferenceKind | None:
    order = reading.snapshot
    if reading.stopped:
        return DifferenceKind.STOPPED if row.outcome != reading.stopped else None
    if (row.phase, row.status, row.outcome) == (order.phase, order.status, order.outcome):
        return None
    if is_reset(reading, row):
        return DifferenceKind.RESET
    written = order.published_at is None or order.published_at < published_before
    return DifferenceKind.BEHIND if order.revision > row.revision and written else None


def is_reset(reading: OrderReading, row: RowState) -> bool:
    """Whether the row comes from a run that a reset took back, so that its revision counts for nothing."""
    order = reading.snapshot
    opened_again = order.outcome is None and row.phase == Phase.CLOSED
    return opened_again or order.revision < row.revision


def _present(reading: OrderReading) -> str:
    order = reading.snapshot
    return reading.stopped or order.outcome or order.status or order.phase
