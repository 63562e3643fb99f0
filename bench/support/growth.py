"""How the history and the reads of one order grow while it lives, on a server whose clock can be moved ahead."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from baton.orders.answers import Placement
from baton.orders.messages import READ_ORDER
from baton.settings import Tracking
from bench.support.actions import actions_of
from tests.end_to_end.world import World
from tests.replay.cost import cost_of
from tests.replay.runs import runs_of

_CLOCK = "update_workflow_options"
"""The kind of action by which a test moves an order's clock; production has none."""

_READS = ("order", "status")
"""Calls of the partner API that ask how an order stands."""

_STRIDE = timedelta(hours=1)
"""The server skips only so many timers at a time, so that a long wait is skipped in strides."""

_LONGEST_PAUSE = timedelta(minutes=5)
"""More than the longest pause between two polls of an order that is being worked on."""

_MOVES = 3
"""Statuses after bridging until the order is completed."""


class Life(StrEnum):
    """How long an order lives."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"

    @property
    def length(self) -> timedelta:
        """The time from placing the order to its last status."""
        return {
            Life.MINUTE: timedelta(minutes=1),
            Life.HOUR: timedelta(hours=1),
            Life.DAY: timedelta(days=1),
            Life.WEEK: timedelta(weeks=1),
        }[self]


class LifeCost(NamedTuple):
    """What one life cost.

    Attributes:
        events: Events in the histories of all its runs, without those of the moved clock.
        workflow_tasks: Workflow tasks of all its runs.
        size: Bytes of those histories.
        runs: How often it continued as new, plus one.
        reads: Calls that asked Orchestra how the order stands.
        actions: Billable actions of all its runs. Each read is one, also where its event was never written because news
            came another way.
    """

    events: int
    workflow_tasks: int
    size: int
    runs: int
    reads: int
    actions: int


@dataclass(frozen=True)
class LifeRun:
    """One life: the order waits for its deposit for the first half, and for the bridge for the second.

    Attributes:
        world: All of Baton, on a server whose clock can be moved ahead.
        tracking: As the account of that world tracks its orders.
    """

    world: World
    tracking: Tracking

    async def live(self, length: timedelta) -> LifeCost:
        """Run an order that lives that long, and return what it cost."""
        window = 2 * length + timedelta(days=1)
        placed = await self.world.place(scenario="stepped", policy={"depositWindow": int(window.total_seconds())})
        await self._pass(placed, length / 2)
        await self.world.deposit_and_report(placed)
        order_id = (await self.world.until(placed, status="processing")).order_id
        assert order_id
        await self._move(placed, order_id, "bridging")
        await self._pass(placed, length / 2)
        for _ in range(_MOVES):
            await self.world.sandbox.advance(order_id)
        await self._let_polls_find_it(placed)
        await self.world.baton.wait(placed.reference)
        return await self._cost(placed, order_id)

    async def _pass(self, placed: Placement, left: timedelta) -> None:
        while left > timedelta(0):
            stride = min(left, _STRIDE)
            await self.world.advance(placed, seconds=stride.total_seconds())
            left -= stride

    async def _move(self, placed: Placement, order_id: str, status: str) -> None:
        await self.world.sandbox.advance(order_id)
        await self._let_polls_find_it(placed)
        await self.world.until(placed, status=status)

    async def _let_polls_find_it(self, placed: Placement) -> None:
        if self.tracking != "webhooks":
            await self._pass(placed, _LONGEST_PAUSE)

    async def _cost(self, placed: Placement, order_id: str) -> LifeCost:
        histories = await runs_of(self.world, placed)
        costs = [cost_of(history) for history in histories]
        events, tasks, size = (sum(column) for column in zip(*costs, strict=True))
        calls = [call for kind in _READS for call in await self.world.sandbox.requests(kind)]
        names = (str(placed.quote_id), order_id)
        reads = sum(any(name in str(call) for name in names) for call in calls)
        actions = sum(map(_actions_but_reads, histories)) + reads
        return LifeCost(events, tasks, size, len(costs), reads, actions)


def _actions_but_reads(history: WorkflowHistory) -> int:
    """Return the billable actions of a run without its reads, whose retries have no event if news ended the waiting."""
    actions = actions_of(history.events)
    reads = {
        event.event_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and event.activity_task_scheduled_event_attributes.activity_type.name == READ_ORDER
    }
    retried = sum(
        event.activity_task_started_event_attributes.attempt - 1
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
        and event.activity_task_started_event_attributes.scheduled_event_id in reads
    )
    return actions.total() - actions[_CLOCK] - len(reads) - retried
