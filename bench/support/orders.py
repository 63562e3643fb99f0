"""One complete run of an order, with the parts of the business app, the payer and Orchestra."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from baton.client import BatonClient
from baton.errors import BatonError
from baton.local.sandbox.control import SandboxControl, SandboxRefused
from baton.local.stack.showcase import Showpiece
from baton.orchestra.lifecycle import Status
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement
from baton.orders.models import Outcome

DEADLINE = 120.0
"""Seconds after which an order that has not ended counts as failed."""

_POLL_SECONDS = 0.1
"""Seconds between two polls for the order's id at Orchestra."""


class Subject(Protocol):
    """What orders run on: a workbench or a fleet."""

    @property
    def baton(self) -> BatonClient:
        """The client of a business app."""

    @property
    def sandbox(self) -> SandboxControl:
        """Control of the sandbox."""


class OrderNotPlaced(Exception):
    """An order got no quote; the text is the reason."""


@dataclass(frozen=True)
class OrderScript:
    """How the sandbox moves an order.

    Attributes:
        scenario: The sandbox's scenario; None for the happy path.
        gap: Seconds between two statuses, for a scenario that moves only on demand; None for the sandbox's own pace.
    """

    scenario: str | None = None
    gap: float | None = None


@dataclass(frozen=True)
class OrderRun:
    """The result of one order.

    Attributes:
        reference: The order's reference.
        kind: The kind of its source.
        ended: When it ended, by the monotonic clock.
        seconds: Time from placing it to its result.
        quote_seconds: Time from placing it to its quote, if it got one.
        error: Why it did not complete; None if it did.
    """

    reference: str
    kind: str
    ended: float
    seconds: float
    quote_seconds: float | None = None
    error: str | None = None


async def run_order(bench: Subject, piece: Showpiece, reference: str, script: OrderScript | None = None) -> OrderRun:
    """Run one order to its end; any failure is in the result."""
    began = time.monotonic()
    quote_seconds, error = None, None
    try:
        async with asyncio.timeout(DEADLINE):
            placed = await place(bench, piece, reference)
            quote_seconds = time.monotonic() - began
            error = await _finish(bench, piece, placed, script or OrderScript())
    except TimeoutError:
        error = f"not ended within {DEADLINE:.0f} s"
    except (OrderNotPlaced, BatonError, SandboxRefused, httpx.HTTPError) as trouble:
        error = str(trouble) or type(trouble).__name__
    ended = time.monotonic()
    return OrderRun(reference, piece.name, ended, ended - began, quote_seconds, error)


async def place(bench: Subject, piece: Showpiece, reference: str) -> Placement:
    """Place an order and return its placement, with the deposit instruction.

    Raises:
        OrderNotPlaced: It got no quote.
        BatonError: It was refused, or Baton did not answer.
    """
    placed = await bench.baton.place({"reference": reference, **piece.document})
    if placed.quote_id is None:
        raise OrderNotPlaced(placed.reason.message if placed.reason else "no quote")
    return placed


async def pay(bench: Subject, piece: Showpiece, placed: Placement, scenario: str | None = None) -> None:
    """Choose the scenario, deposit, and report the deposit if the business app does so for this kind of source."""
    assert placed.quote_id is not None
    if scenario is not None:
        await bench.sandbox.set_scenario(scenario, placed.quote_id)
    proof = await bench.sandbox.deposit(placed.quote_id, detect=not piece.reported)
    if piece.reported:
        await bench.baton.report_deposit(placed.reference, DepositProof.model_validate(proof))


async def until_tracked(bench: Subject, reference: str) -> str:
    """Wait until Orchestra has the order; return its id there."""
    while True:
        snapshot = await bench.baton.snapshot(reference)
        if snapshot.order_id is not None:
            return snapshot.order_id
        await asyncio.sleep(_POLL_SECONDS)


async def _finish(bench: Subject, piece: Showpiece, placed: Placement, script: OrderScript) -> str | None:
    """Run a placed order to its end; return why it did not complete, or None if it did."""
    await pay(bench, piece, placed, script.scenario)
    if script.gap is not None:
        order_id = await until_tracked(bench, placed.reference)
        await _advance(bench, order_id, script.gap)
    result = await bench.baton.wait(placed.reference)
    if result.outcome is Outcome.COMPLETED:
        return None
    return f"ended as {result.outcome.value}{f': {result.reason.message}' if result.reason else ''}"


async def _advance(bench: Subject, order_id: str, gap: float) -> None:
    order: dict[str, Any] = {}
    while order.get("status") != Status.COMPLETED:
        await asyncio.sleep(gap)
        order = await bench.sandbox.advance(order_id)
