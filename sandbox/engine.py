"""The order engine: makes one order per deposit and moves it along its script, never against the published table."""

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orchestra.lifecycle import EVENTS, FIRST, HARD_ENDS, PUBLIC_EDGES, SILENT_EDGES, Status
from sandbox.clock import Clock, iso
from sandbox.effects import ends, learned, stages_behind
from sandbox.errors import ApiError
from sandbox.pricing import Prices
from sandbox.scenarios import SLIPPAGE, MoveStep
from sandbox.script import script
from sandbox.settlement import settle
from sandbox.store import Deposit, Order, Quote, Store

logger = logging.getLogger(__name__)

_EVENT_OF: Mapping[Status, str] = {status: event for event, status in EVENTS.items()}
_REFUND = (MoveStep(status=Status.REFUNDING, fields=SLIPPAGE), MoveStep(status=Status.REFUNDED))
_REVIEW = (MoveStep(status=Status.PAUSED, fields={"reviewStatus": "pending_review"}),)


class ForbiddenMove(ApiError):
    """The table has no such edge: a scenario or an admin call asked for what Orchestra never does."""

    def __init__(self, order: Order, status: Status) -> None:
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
        store: Where orders live.
        clock: The sandbox's time.
        announce: Called with the order and the event's name after each move that partners are told of.
        prices: The present prices; read when a deposit arrives late.
        step_seconds: Pause before a step that names none.
        time_scale: Factor on every pause.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        announce: Callable[[Order, str], None],
        prices: Prices,
        *,
        step_seconds: float,
        time_scale: float,
    ) -> None:
        self._store = store
        self._clock = clock
        self._announce = announce
        self._prices = prices
        self._step_seconds = step_seconds
        self._time_scale = time_scale
        self._walks: set[asyncio.Task[None]] = set()
        self.violations: list[Violation] = []

    def open(self, quote: Quote, deposit: Deposit, *, review: bool = False) -> Order:
        """Return the quote's order, making it if there is none yet: one deposit, one order.

        Args:
            quote: The quote that was paid.
            deposit: The deposit that pays it.
            review: Hold the order for a person, because the evidence contradicts the chain.
        """
        existing = self._store.order_of(quote)
        if existing is not None:
            return existing
        order = self._make(quote, deposit, review=review)
        self._announce(order, _EVENT_OF[FIRST])
        if not order.stepped:
            self._spawn(self._walk(order))
        return order

    def detect(self, quote: Quote, deposit: Deposit, after: float) -> None:
        """See the deposit without a submit, some seconds after it becomes visible."""
        self._spawn(self._detect(quote, deposit, after * self._time_scale))

    def advance(self, order: Order, status: Status | None, fields: Mapping[str, Any]) -> None:
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
        merged = {**step.fields, **fields}
        self._move(order, step.model_copy(update={"fields": merged}))

    async def close(self) -> None:
        """Stop every order where it is."""
        for walk in self._walks:
            walk.cancel()
        await asyncio.gather(*self._walks, return_exceptions=True)

    def _make(self, quote: Quote, deposit: Deposit, *, review: bool) -> Order:
        now = self._clock.now()
        settlement = settle(quote, deposit.amount, now, self._prices)
        scripted = script(quote.scenario.steps, quote.route.path)
        plan = _REVIEW if review else _REFUND if settlement.must_refund else scripted
        order = Order(
            id=f"ord_{uuid.uuid4()}",
            quote=quote,
            deposit=deposit,
            price=settlement.price,
            status=FIRST,
            created_at=now,
            updated_at=now,
            plan=deque(plan),
            stepped=quote.scenario.stepped,
            moves=[(FIRST, now)],
        )
        quote.order_id = deposit.order_id = order.id
        self._store.orders[order.id] = order
        return order

    def _next_step(self, order: Order, status: Status | None) -> MoveStep:
        if status is None:
            if not order.plan:
                raise ApiError("invalid_state", f"the script of {order.id} is at its end", status=409)
            return order.plan.popleft()
        while order.plan:
            step = order.plan.popleft()
            if step.status is status:
                return step
        return MoveStep(status=status)

    async def _detect(self, quote: Quote, deposit: Deposit, after: float) -> None:
        await self._clock.sleep_until(deposit.visible_at)
        await self._clock.sleep(after)
        self.open(quote, deposit)

    async def _walk(self, order: Order) -> None:
        while order.plan:
            step = order.plan[0]
            pause = self._step_seconds if step.after is None else step.after
            await self._clock.sleep(pause * self._time_scale)
            # An admin call may have taken the step meanwhile.
            if order.plan and order.plan[0] is step:
                self._move(order, order.plan.popleft())

    def _move(self, order: Order, step: MoveStep) -> None:
        self._check(order, step.status)
        # Strictly later than the move before, so that updatedAt tells the order of two moves in one millisecond.
        now = max(self._clock.now(), order.updated_at + timedelta(milliseconds=1))
        shown = order.public_status
        order.facts |= {**learned(order, step.status, now), **step.fields}
        done = [name for name, _ in order.stages]
        order.stages += [(name, now) for name in stages_behind(order, step.status) if name not in done]
        order.status, order.updated_at = step.status, now
        order.completed_at = now if ends(step.status) else None
        order.moves.append((step.status, now))
        resumes = shown == order.public_status
        if step.status in _EVENT_OF and not resumes:
            self._announce(order, _EVENT_OF[step.status])
        if step.status in HARD_ENDS:
            order.plan.clear()

    def _check(self, order: Order, status: Status) -> None:
        edges = PUBLIC_EDGES.get(order.status, frozenset()) | SILENT_EDGES.get(order.status, frozenset())
        if status in edges:
            return
        self.violations.append(Violation(order.id, order.status, status, self._clock.now()))
        order.plan.clear()
        logger.error("forbidden move of %s: %s to %s", order.id, order.status, status)
        raise ForbiddenMove(order, status)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._walks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._walks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, ForbiddenMove):
            logger.error("an order stopped", exc_info=error)
