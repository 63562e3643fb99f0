"""The cost of a history: events, workflow tasks, bytes. `python -m tests.replay.cost` prints it for every path."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory

from tests.replay import store

_NOT_IN_PRODUCTION = ("TIME_SKIPPING", "WORKFLOW_EXECUTION_OPTIONS_UPDATED")
"""Parts of the names of the events that exist only because of a test's clock."""


class HistoryCost(NamedTuple):
    """The cost of one run.

    Attributes:
        events: Events of its history, without those of a test's clock.
        workflow_tasks: Workflow tasks completed.
        size: Bytes of the history as Temporal stores it.
    """

    events: int
    workflow_tasks: int
    size: int

    def __str__(self) -> str:
        return f"{self.events} events, {self.workflow_tasks} workflow tasks, {self.size} bytes"


def cost_of(history: WorkflowHistory) -> HistoryCost:
    """Return the cost of a history."""
    counted = [event for event in history.events if not _of_the_clock(EventType.Name(event.event_type))]
    tasks = sum(event.HasField("workflow_task_completed_event_attributes") for event in counted)
    return HistoryCost(len(counted), tasks, len(History(events=counted).SerializeToString()))


def _of_the_clock(name: str) -> bool:
    return any(part in name for part in _NOT_IN_PRODUCTION)


def table(names: Sequence[str]) -> str:
    """Return the costs of these stored histories as a Markdown table."""
    rows = [(name, *map(str, cost_of(store.load(name)))) for name in names]
    head = ("path", "events", "workflow tasks", "bytes")
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---", "---:", "---:", "---:"), *rows))


if __name__ == "__main__":
    sys.stdout.write(f"{table(sorted(store.stored()))}\n")
