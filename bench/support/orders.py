"""One order led from its placing to its end, as the business app, the payer and Orchestra would."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx

from baton.errors import BatonError
from baton.local.sandbox.control import SandboxRefused
from baton.local.stack.showcase import Showpiece
from baton.orchestra.lifecycle import Status
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from bench.support.workbench import Workbench

DEADLINE = 120.0
"""Seconds after which an order that has not ended counts as failed."""

_LOOK = 0.1
"""Seconds between two looks whether Orchestra has the order."""


class OrderNotPlaced(Exception):
    """An order got no quote; the text is the reason given."""


@dataclass(frozen=True)
class Lead:
    """How an order is led.

    Attributes:
        scenario: What the sandbox plays; its happy one when None.
        gap: Seconds between two statuses, for the scenario that moves only on demand; None leaves the sandbox its pace.
    """

    scenario: str | None = None
    gap: float | None = None


@dataclass(frozen=True)
class Lived:
    """What became of one order.

    Attributes:
        reference: The order's reference.
        kind: Kind of its source.
        ended: When it ended, by the monotonic clock.
        seconds: From placing it to holding its result.
        quote_seconds: From placing it to holding its quote, if it got one.
        error: Why it does not count as completed, if it does not.
    """

    reference: str
    kind: str
    ended: float
    seconds: float
    quote_seconds: float | None = None
    error: str | None = None


async def live(bench: Workbench, piece: Showpiece, reference: str, lead: Lead | None = None) -> Lived:
    """Lead one order to its end and wait for the result; whatever goes wrong stands in the answer."""
    began = time.monotonic()
    quote_seconds, error = None, None
    try:
        async with asyncio.timeout(DEADLINE):
            placed = await place(bench, piece, reference)
            quote_seconds = time.monotonic() - began
            error = await _finish(bench, piece, placed, lead or Lead())
    except TimeoutError:
        error = f"not ended within {DEADLINE:.0f} s"
    except (OrderNotPlaced, BatonError, SandboxRefused, httpx.HTTPError) as trouble:
        error = str(trouble) or type(trouble).__name__
    ended = time.monotonic()
    return Lived(reference, piece.name, ended, ended - began, quote_seconds, error)


async def place(bench: Workbench, piece: Showpiece, reference: str) -> Placement:
    """Place an order and return where to deposit.

    Raises:
        OrderNotPlaced: It got no quote.
        BatonError: It was refused, or nobody answered.
    """
    placed = await bench.baton.place({"reference": reference, **piece.document})
    if placed.quote_id is None:
        raise OrderNotPlaced(placed.reason.message if placed.reason else "no quote")
    return placed


async def pay(bench: Workbench, piece: Showpiece, placed: Placement, scenario: str | None = None) -> None:
    """Deposit, and report it as the business app does for this kind of source; before that, choose the scenario."""
    assert placed.quote_id is not None
    if scenario is not None:
        await bench.sandbox.set_scenario(scenario, placed.quote_id)
    proof = await bench.sandbox.deposit(placed.quote_id, detect=not piece.reported)
    if piece.reported:
        await bench.baton.report_deposit(placed.reference, DepositProof.model_validate(proof))


async def until_tracked(bench: Workbench, reference: str) -> str:
    """Wait until the order is known at Orchestra; return its id there."""
    while True:
        snapshot = await bench.baton.snapshot(reference)
        if snapshot.order_id is not None:
            return snapshot.order_id
        await asyncio.sleep(_LOOK)


async def _finish(bench: Workbench, piece: Showpiece, placed: Placement, lead: Lead) -> str | None:
    """Lead a placed order to its end; return why it did not complete, if it did not."""
    await pay(bench, piece, placed, lead.scenario)
    if lead.gap is not None:
        order_id = await until_tracked(bench, placed.reference)
        await _move_along(bench, order_id, lead.gap)
    result = await bench.baton.wait(placed.reference)
    if result.outcome is Outcome.COMPLETED:
        return None
    return f"ended as {result.outcome.value}{f': {result.reason.message}' if result.reason else ''}"


async def _move_along(bench: Workbench, order_id: str, gap: float) -> None:
    moved: dict[str, Any] = {}
    while moved.get("status") != Status.COMPLETED:
        await asyncio.sleep(gap)
        moved = await bench.sandbox.advance(order_id)
