"""The order engine: moves orders along their scripts, never against the published table."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from baton.local.sandbox.engine.clock import Clock, iso
from baton.local.sandbox.engine.effects import ends, learned, revised, stages_behind
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.errors import ApiError
from baton.local.sandbox.scenarios.scenario import MoveStep
from baton.orchestra.lifecycle import EVENTS, FIRST, HARD_ENDS, LEGACY_EVENTS, PUBLIC_EDGES, SILENT_EDGES, Status

logger = logging.getLogger(__name__)

_EVENT_OF: Mapping[Status, str] = {status: event for event, status in EVENTS.items()}
_EVENT_OF_OLDER: Mapping[Status, str] = {status: event for event, status in (EVENTS | LEGACY_EVENTS).items()}


class ForbiddenMove(ApiError):
    """The table has no such edge: a scenario or an admin call asked for what Orchestra never does."""

    def __init__(self, order: SandboxOrder, status: Status) -> None:
        super().__init__("forbidden_move", f"{order.id} cannot go from {order.status} to {status}", status=409)


@dataclass(frozen=True)
class Violation:
    """A move that was refused."""

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
        clock: The sandbox's time.
        announce: Called with the order and the event's name for everything that partners are told.
        step_seconds: Pause before a step that names none.
        time_scale: Factor on every pause.
    """

    def __init__(
        self, clock: Clock, announce: Callable[[SandboxOrder, str], None], *, step_seconds: float, time_scale: float
    ) -> None:
        self._clock = clock
        self._announce = announce
        self._step_seconds = step_seconds
        self._time_scale = time_scale
        self._tasks: set[asyncio.Task[None]] = set()
        self._walks: dict[str, asyncio.Task[None]] = {}
        self.violations: list[Violation] = []

    def begin(self, order: SandboxOrder, *, tell: bool = True) -> None:
        """Tell of a new order, unless partners know it, and send it on its way."""
        if tell:
            self._announce(order, _EVENT_OF[FIRST])
        self._start(order)

    def redirect(self, order: SandboxOrder, steps: Sequence[MoveStep]) -> None:
        """Replace an order's script; the first of the new steps is taken now.

        Raises:
            ForbiddenMove: The table has no such edge.
        """
        order.plan = deque(steps[1:])
        self._move(order, steps[0])
        self._start(order)

    def advance(self, order: SandboxOrder, status: Status | None, fields: Mapping[str, Any]) -> None:
        """Move an order now, at the admin's word.

        Args:
            order: The order.
            status: Where to. None takes the next step of its script; one that the script will come to takes the script
                there; any other drops the rest of the script.
            fields: What the record says from then on.

        Raises:
            ForbiddenMove: The table has no such edge.
            ApiError: `invalid_state`: the script is at its end.
        """
        step = self._next_step(order, status)
        self._move(order, step.model_copy(update={"fields": {**step.fields, **fields}}))
        self._start(order)

    def tell(self, order: SandboxOrder, event: str | None, fields: Mapping[str, Any]) -> None:
        """Change what an order's record says without a move, and send an event about it, if one is named."""
        order.facts |= fields
        order.updated_at = self._later_than(order.updated_at)
        if event is not None:
            self._announce(order, event)
        order.tell_watchers()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something in the background, until the engine is closed."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def pause(self, seconds: float | None = None) -> None:
        """Wait that many seconds, or a step's time, as the time scale has it."""
        await self._clock.sleep((self._step_seconds if seconds is None else seconds) * self._time_scale)

    async def close(self) -> None:
        """Stop every order where it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, order: SandboxOrder) -> None:
        walk = self._walks.pop(order.id, None)
        if walk is not None:
            walk.cancel()
        if order.plan and not order.stepped:
            self._walks[order.id] = self.spawn(self._walk(order))

    def _next_step(self, order: SandboxOrder, status: Status | None) -> MoveStep:
        if status is None:
            if not order.plan:
                raise ApiError("invalid_state", f"the script of {order.id} is at its end", status=409)
            return order.plan.popleft()
        while order.plan:
            step = order.plan.popleft()
            if step.status is status:
                return step
        return MoveStep(status=status)

    async def _walk(self, order: SandboxOrder) -> None:
        while order.plan and not order.plan[0].by_hand:
            step = order.plan[0]
            if step.scaled:
                await self.pause(step.after)
            else:
                await self._clock.sleep(step.after or 0.0)
            # A call may have taken the step meanwhile, or dropped the script.
            if order.plan and order.plan[0] is step:
                self._move(order, order.plan.popleft())

    def _move(self, order: SandboxOrder, step: MoveStep) -> None:
        self._check(order, step.status)
        now = self._later_than(order.updated_at)
        shown = order.public_status
        order.facts |= learned(order, step.status, now)
        order.facts |= {**revised(order, step.status, now), **step.fields}
        done = [name for name, _ in order.stages]
        order.stages += [(name, now) for name in stages_behind(order, step.status) if name not in done]
        order.status, order.shown_as, order.updated_at = step.status, step.shown_as, now
        order.completed_at = now if ends(step.status) else None
        order.moves.append((step.status, now))
        if step.status in HARD_ENDS:
            order.plan.clear()
        if order.public_status != shown:
            order.shown.append(order.public_status)
        for event in _events(order, step, shown):
            self._announce(order, event)
        order.tell_watchers()

    def _later_than(self, moment: datetime) -> datetime:
        """Return the time, strictly later than that, so that updatedAt orders two moves in one millisecond."""
        return max(self._clock.now(), moment + timedelta(milliseconds=1))

    def _check(self, order: SandboxOrder, status: Status) -> None:
        edges = PUBLIC_EDGES.get(order.status, frozenset()) | SILENT_EDGES.get(order.status, frozenset())
        if status in edges:
            return
        self.violations.append(Violation(order.id, order.status, status, self._clock.now()))
        order.plan.clear()
        logger.error("forbidden move of %s: %s to %s", order.id, order.status, status)
        raise ForbiddenMove(order, status)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, ForbiddenMove):
            logger.error("an order stopped", exc_info=error)


def _events(order: SandboxOrder, step: MoveStep, shown_before: str) -> list[str]:
    """Return what partners are told of a move: nothing by itself when they see no change or the move is silent."""
    told = _EVENT_OF_OLDER if order.quote.scenario.legacy else _EVENT_OF
    own = f"order.{step.shown_as}" if step.shown_as else told.get(step.status)
    changed = order.public_status != shown_before
    return [*([own] if own and changed else []), *step.also]
