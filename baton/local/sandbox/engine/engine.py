"""The order engine: moves orders along their scripts, and only as the published table allows."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from baton.local.sandbox.engine.clock import SandboxClock, iso
from baton.local.sandbox.engine.effects import changed_facts, completed_stages, is_end, new_facts
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.errors import ApiError
from baton.local.sandbox.scenarios.scenario import MoveStep
from baton.orchestra.lifecycle import EVENTS, FIRST, HARD_ENDS, LEGACY_EVENTS, PUBLIC_EDGES, SILENT_EDGES, Status

logger = logging.getLogger(__name__)

_EVENT_OF: Mapping[Status, str] = {status: event for event, status in EVENTS.items()}
_LEGACY_EVENT_OF: Mapping[Status, str] = {status: event for event, status in (EVENTS | LEGACY_EVENTS).items()}


class ForbiddenMove(ApiError):
    """A scenario or an admin call asked for a move that the published table does not have."""

    def __init__(self, order: SandboxOrder, status: Status) -> None:
        super().__init__("forbidden_move", f"{order.id} cannot go from {order.status} to {status}", status=409)


@dataclass(frozen=True)
class Violation:
    """A forbidden move that was attempted."""

    order_id: str
    before: Status
    after: Status
    at: datetime

    @property
    def document(self) -> dict[str, str]:
        """Return the violation as the admin API shows it."""
        return {"orderId": self.order_id, "from": self.before, "to": self.after, "at": iso(self.at)}


class Engine:
    """Moves orders.

    Args:
        clock: The sandbox's clock.
        announce: Sends an event to the order's partner; called with the order and the event's name.
        changed: Called with every order that has changed, perhaps with its quote or its deposit.
        moved: Called with every order of which nothing but the order itself has changed.
        step_seconds: Pause in seconds before a step that does not set its own.
        time_scale: Factor on every pause.
    """

    def __init__(
        self,
        clock: SandboxClock,
        announce: Callable[[SandboxOrder, str], None],
        changed: Callable[[SandboxOrder], None],
        moved: Callable[[SandboxOrder], None],
        *,
        step_seconds: float,
        time_scale: float,
    ) -> None:
        self._clock = clock
        self._announce = announce
        self._changed = changed
        self._moved = moved
        self._step_seconds = step_seconds
        self._time_scale = time_scale
        self._tasks: set[asyncio.Task[None]] = set()
        self._runs: dict[str, asyncio.Task[None]] = {}
        self.violations: list[Violation] = []

    def begin(self, order: SandboxOrder, *, announce: bool = True) -> None:
        """Start a new order's script, and announce the order unless partners know it already."""
        if announce:
            self._announce(order, _EVENT_OF[FIRST])
        self._start(order)

    def resume(self, order: SandboxOrder) -> None:
        """Continue an order's script after a restart; the time since its last change counts for its next step."""
        self._start(order, since=order.updated_at)

    def redirect(self, order: SandboxOrder, steps: Sequence[MoveStep]) -> None:
        """Replace an order's script, and take the first of the new steps now.

        Raises:
            ForbiddenMove: The table does not allow the move.
        """
        order.plan = deque(steps[1:])
        self._move(order, steps[0])
        self._start(order)

    def advance(self, order: SandboxOrder, status: Status | None, fields: Mapping[str, Any]) -> None:
        """Move an order now, for the admin API.

        Args:
            order: The order.
            status: The new status. None takes the next step of the script; a status later in the script skips the steps
                before it; any other status drops the rest of the script.
            fields: Fields to set in the record.

        Raises:
            ForbiddenMove: The table does not allow the move.
            ApiError: `invalid_state`: the script has no further step.
        """
        step = self._next_step(order, status)
        self._move(order, step.model_copy(update={"fields": {**step.fields, **fields}}))
        self._start(order)

    def update(self, order: SandboxOrder, event: str | None, fields: Mapping[str, Any]) -> None:
        """Set fields of an order's record without a move, and send an event if one is named."""
        order.facts |= fields
        order.updated_at = self._later_than(order.updated_at)
        if event is not None:
            self._announce(order, event)
        self._changed(order)
        order.notify_watchers()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine in the background, at most until the engine is closed."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def pause(self, seconds: float | None = None) -> None:
        """Wait for that many seconds, or for the step time, times the time scale."""
        await self._clock.sleep(self._scaled(seconds))

    async def close(self) -> None:
        """Stop every order in its present status."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, order: SandboxOrder, since: datetime | None = None) -> None:
        self._changed(order)
        run = self._runs.pop(order.id, None)
        if run is not None:
            run.cancel()
        if order.plan and not order.stepped:
            self._runs[order.id] = self.spawn(self._run(order, since or self._clock.now()))

    def _next_step(self, order: SandboxOrder, status: Status | None) -> MoveStep:
        if status is None:
            if not order.plan:
                raise ApiError("invalid_state", f"the script of {order.id} has no further step", status=409)
            return order.plan.popleft()
        while order.plan:
            step = order.plan.popleft()
            if step.status is status:
                return step
        return MoveStep(status=status)

    async def _run(self, order: SandboxOrder, since: datetime) -> None:
        passed = (self._clock.now() - since).total_seconds()
        while order.plan and not order.plan[0].by_hand:
            step = order.plan[0]
            await self._clock.sleep(self._delay(step) - passed)
            passed = 0.0
            # During the pause, a call may have taken this step or dropped the script.
            if order.plan and order.plan[0] is step:
                self._move(order, order.plan.popleft())

    def _delay(self, step: MoveStep) -> float:
        """Return the seconds to wait before a step."""
        return self._scaled(step.after) if step.scaled else step.after or 0.0

    def _scaled(self, seconds: float | None) -> float:
        return (self._step_seconds if seconds is None else seconds) * self._time_scale

    def _move(self, order: SandboxOrder, step: MoveStep) -> None:
        self._check(order, step.status)
        now = self._later_than(order.updated_at)
        shown = order.public_status
        order.facts |= new_facts(order, step.status, now)
        order.facts |= {**changed_facts(order, step.status, now), **step.fields}
        recorded = [name for name, _ in order.stages]
        order.stages += [(name, now) for name in completed_stages(order, step.status) if name not in recorded]
        order.status, order.shown_as, order.updated_at = step.status, step.shown_as, now
        order.completed_at = now if is_end(step.status) else None
        order.moves.append((step.status, now))
        if step.status in HARD_ENDS:
            order.plan.clear()
        if order.public_status != shown:
            order.shown.append(order.public_status)
        for event in _events(order, step, shown):
            self._announce(order, event)
        self._moved(order)
        order.notify_watchers()

    def _later_than(self, moment: datetime) -> datetime:
        """Return the time, but at least 1 ms after `moment`, so that `updatedAt` orders moves of one millisecond."""
        return max(self._clock.now(), moment + timedelta(milliseconds=1))

    def _check(self, order: SandboxOrder, status: Status) -> None:
        edges = PUBLIC_EDGES.get(order.status, frozenset()) | SILENT_EDGES.get(order.status, frozenset())
        if status in edges:
            return
        self.violations.append(Violation(order.id, order.status, status, self._clock.now()))
        order.plan.clear()
        self._changed(order)
        logger.error("forbidden move of %s from %s to %s", order.id, order.status, status)
        raise ForbiddenMove(order, status)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, ForbiddenMove):
            logger.error("an order stopped on an error", exc_info=error)


def _events(order: SandboxOrder, step: MoveStep, shown_before: str) -> list[str]:
    """Return the events of a move: its own, unless partners see no change or the move is silent, and the step's."""
    event_of = _LEGACY_EVENT_OF if order.quote.scenario.legacy else _EVENT_OF
    own = f"order.{step.shown_as}" if step.shown_as else event_of.get(step.status)
    changed = order.public_status != shown_before
    return [*([own] if own and changed else []), *step.also]
