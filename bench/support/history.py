"""What one order cost in Temporal, and how soon it knew what it was told: both stand in its history.

Pure, but for the one function that fetches it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle

_LOCAL_ACTIVITY = "core_local_activity"
"""What the SDK calls the marker that it leaves for a local activity."""

_E = EventType


class Cost(NamedTuple):
    """What one order cost in Temporal: counts, and the bytes of its history. Medians of such may have a half."""

    events: float
    workflow_tasks: float
    history_bytes: float
    signals: float
    activities: float
    local_activities: float
    timers: float


class Story(NamedTuple):
    """What the history of one order tells.

    Attributes:
        cost: What it cost.
        lags: For each status that a webhook told: seconds from the change at Orchestra until a snapshot showed it.
    """

    cost: Cost
    lags: list[float]


async def read_story(handle: WorkflowHandle[Any, Any], *, since: datetime | None = None) -> Story:
    """Fetch the history of an order and read it; lags only of what changed at or after `since`."""
    description = await handle.describe()
    size = description.raw_description.workflow_execution_info.history_size_bytes
    events = (await handle.fetch_history()).events
    return Story(cost_of(events, size), lags_of(events, since=since))


def cost_of(events: Sequence[HistoryEvent], history_bytes: int) -> Cost:
    """Count the events of a history."""
    kinds = Counter(event.event_type for event in events)
    markers = (event.marker_recorded_event_attributes.marker_name for event in events)
    return Cost(
        events=len(events),
        workflow_tasks=kinds[_E.EVENT_TYPE_WORKFLOW_TASK_COMPLETED],
        history_bytes=history_bytes,
        signals=kinds[_E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED],
        activities=kinds[_E.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED],
        local_activities=sum(name == _LOCAL_ACTIVITY for name in markers),
        timers=kinds[_E.EVENT_TYPE_TIMER_STARTED],
    )


def lags_of(events: Iterable[HistoryEvent], *, since: datetime | None = None) -> list[float]:
    """Return the seconds from each change at Orchestra to the end of the workflow task that took its webhook in.

    From then on a snapshot shows the change. Both ends are wall-clock times: on one machine they can be compared.

    Args:
        events: The history, in order.
        since: Leave out what changed earlier.
    """
    lags: list[float] = []
    untaken: list[datetime] = []
    for event in events:
        if event.event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            untaken += [at for at in _changes(event) if since is None or at >= since]
        elif event.event_type == _E.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            taken = event.event_time.ToDatetime(UTC)
            lags += [(taken - at).total_seconds() for at in untaken]
            untaken = []
    return lags


def _changes(signal: HistoryEvent) -> Iterator[datetime]:
    """Yield when each change that a signal tells of happened, by Orchestra's clock."""
    for payload in signal.workflow_execution_signaled_event_attributes.input.payloads:
        told = json.loads(payload.data)
        for envelope in told if isinstance(told, list) else [told]:
            yield datetime.fromisoformat(envelope["record"]["updatedAt"])
