"""Places the orders of a batch, a few at a time. Repeating it is safe: a reference stands for one order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from enum import StrEnum

from pydantic import BaseModel

from baton.batch.check import BatchOrder, RowFault
from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.errors import BatonError, OrderRefused, Unreachable
from baton.orders.answers import Placement
from baton.orders.document import OrderDocument
from baton.orders.rules.updates import ORDER_CLOSED

CONCURRENT = 16
"""Orders that are placed at the same time."""

ATTEMPTS = 4
"""How often an order is placed while nobody answers."""

_PAUSE = 1.0
"""Seconds before the second attempt; each further pause is twice as long."""

PlaceDocument = Callable[[OrderDocument], Awaitable[Placement]]


class BatchState(StrEnum):
    """What became of a row."""

    PLACED = "placed"
    PLACED_BEFORE = "placed_before"
    """The order was there already, from an earlier run."""
    ENDED = "ended"
    """The order was placed by an earlier run, and has ended since."""
    INVALID = "invalid"
    REFUSED = "refused"
    FAILED = "failed"
    """Nobody answered: the order may be under way, and running the batch again is safe."""


GOOD = frozenset({BatchState.PLACED, BatchState.PLACED_BEFORE, BatchState.ENDED})
"""States of rows whose order there is."""


class RowResult(BaseModel):
    """What became of a row: where to deposit, or why there is no order. Amounts in smallest units."""

    line: int
    state: BatchState
    reference: str | None = None
    account: str | None = None
    workflow_id: str | None = None
    quote_id: str | None = None
    deposit_address: str | None = None
    deposit_memo: str | None = None
    amount_in: TolerantAmount = None
    expires_at: TolerantTime = None
    field: str | None = None
    code: str | None = None
    message: str | None = None
    remedy: str | None = None


_SHARED = set(RowResult.model_fields) & set(Placement.model_fields)


class BatchRunner:
    """Places batches.

    Args:
        place: Places an order.
        concurrent: How many are placed at the same time.
        pause: Seconds before an order of which nobody answered is placed again.
    """

    def __init__(self, place: PlaceDocument, concurrent: int = CONCURRENT, pause: float = _PAUSE) -> None:
        self._place = place
        self._concurrent = concurrent
        self._pause = pause

    async def run(self, orders: Sequence[BatchOrder]) -> AsyncIterator[RowResult]:
        """Yield what became of each row, as soon as it is known."""
        waiting, placing = iter(orders), set[asyncio.Task[RowResult]]()
        try:
            while True:
                for order in waiting:
                    placing.add(asyncio.create_task(self._result(order)))
                    if len(placing) >= self._concurrent:
                        break
                if not placing:
                    return
                done, placing = await asyncio.wait(placing, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
        finally:
            for task in placing:
                task.cancel()
            await asyncio.gather(*placing, return_exceptions=True)

    async def _result(self, order: BatchOrder) -> RowResult:
        named = {"line": order.line, "reference": order.document.reference, "account": order.document.account}
        try:
            placed = await self._placed(order.document)
        except BatonError as error:
            state = state_of(error)
            why = {"code": error.code, "message": error.message, "remedy": error.remedy or None}
            return RowResult.model_validate({**named, "state": state, **({} if state in GOOD else why)})
        state = BatchState.PLACED_BEFORE if placed.replayed else BatchState.PLACED
        return RowResult.model_validate({**placed.model_dump(include=_SHARED), **named, "state": state})

    async def _placed(self, document: OrderDocument) -> Placement:
        for attempt in range(1, ATTEMPTS):
            try:
                return await self._place(document)
            except Unreachable:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
        return await self._place(document)


def state_of(error: BatonError) -> BatchState:
    """Return what an error means for its row. Pure."""
    if isinstance(error, Unreachable):
        return BatchState.FAILED
    ended = isinstance(error, OrderRefused) and error.code == ORDER_CLOSED
    return BatchState.ENDED if ended else BatchState.REFUSED


def of_fault(fault: RowFault) -> RowResult:
    """Return the result of a row that cannot be placed."""
    return RowResult(
        line=fault.line,
        state=BatchState.INVALID,
        field=fault.field,
        code="invalid_order",
        message=fault.message,
        remedy=fault.remedy,
    )
