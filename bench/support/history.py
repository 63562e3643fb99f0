"""The cost of one order in Temporal, and how fast it learned of changes at Orchestra, both read from its history.

Pure, except for the one function that fetches the history.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle

from baton.encryption.keys import ENCODING

_LOCAL_ACTIVITY = "core_local_activity"
"""The SDK's name of the marker for a local activity."""

_E = EventType


class HistoryCost(NamedTuple):
    """The cost of one order in Temporal: counts, and the bytes of its history; as medians they may have a half."""

    events: float
    workflow_tasks: float
    history_bytes: float
    signals: float
    activities: float
    local_activities: float
    timers: float


class HistoryFigures(NamedTuple):
    """The figures from the history of one order.

    Attributes:
        cost: Its cost.
        lags: For each webhook, the seconds from the change at Orchestra until a snapshot showed it.
    """

    cost: HistoryCost
    lags: list[float]


async def read_history(handle: WorkflowHandle[Any, Any], *, since: datetime | None = None) -> HistoryFigures:
    """Fetch and read the history of an order; the lags only of changes at or after `since`."""
    description = await handle.describe()
    size = description.raw_description.workflow_execution_info.history_size_bytes
    events = (await handle.fetch_history()).events
    return HistoryFigures(cost_of(events, size), lags_of(events, since=since))


def cost_of(events: Sequence[HistoryEvent], history_bytes: int) -> HistoryCost:
    """Count the events of a history."""
    kinds = Counter(event.event_type for event in events)
    markers = (event.marker_recorded_event_attributes.marker_name for event in events)
    return HistoryCost(
        events=len(events),
        workflow_tasks=kinds[_E.EVENT_TYPE_WORKFLOW_TASK_COMPLETED],
        history_bytes=history_bytes,
        signals=kinds[_E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED],
        activities=kinds[_E.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED],
        local_activities=sum(name == _LOCAL_ACTIVITY for name in markers),
        timers=kinds[_E.EVENT_TYPE_TIMER_STARTED],
    )


def lags_of(events: Iterable[HistoryEvent], *, since: datetime | None = None) -> list[float]:
    """Return the seconds from each change at Orchestra to the end of the workflow task that handled its webhook.

    From then on a snapshot shows the change. Both are wall-clock times, which can be compared on one machine.

    Args:
        events: The history, in order.
        since: Leave out earlier changes.
    """
    lags: list[float] = []
    pending: list[datetime] = []
    for event in events:
        if event.event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            pending += [at for at in _changes(event) if since is None or at >= since]
        elif event.event_type == _E.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            handled = event.event_time.ToDatetime(UTC)
            lags += [(handled - at).total_seconds() for at in pending]
            pending = []
    return lags


def _changes(signal: HistoryEvent) -> Iterator[datetime]:
    """Yield the time of each change in a signal, by Orchestra's clock; nothing of a signal that is encrypted."""
    for payload in signal.workflow_execution_signaled_event_attributes.input.payloads:
        if payload.metadata.get("encoding") == ENCODING:
            continue
        content = json.loads(payload.data)
        for envelope in content if isinstance(content, list) else [content]:
            yield datetime.fromisoformat(envelope["record"]["updatedAt"])
