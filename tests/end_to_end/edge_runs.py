"""Runs a real order along every row of the published table, and one for each event that no row sends."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from baton.local.sandbox.scenarios import list_scenarios
from baton.local.sandbox.scenarios.edges import Edge, all_edges
from baton.orchestra.lifecycle import Status, public
from baton.orders.answers import Placement, Snapshot
from baton.orders.observation import READS
from tests.end_to_end.test_zeroconf import BITCOIN
from tests.end_to_end.world import World
from tests.eventually import eventually

MAX_RUNNING = 12
"""How many orders run at the same time."""

TIMEOUT = 60.0
"""Seconds that one order may take while the others run too."""

SCENARIOS = frozenset(scenario.name for scenario in list_scenarios())

Document = dict[str, Any]


@dataclass(frozen=True)
class EdgeRun:
    """The run of an order along a row.

    Attributes:
        edge: The row.
        scenario: The sandbox's scenario.
        moves: Every status of the sandbox's order, including internal ones.
        recorded: Every status that Baton recorded.
        event: The webhook that reported the row's move and was answered with 2xx; None if no webhook reported it.
        read: Whether a read reported the status that the row leads to.
        outcome: How the order ended.
    """

    edge: Edge
    scenario: str
    moves: list[str]
    recorded: list[str]
    event: str | None
    read: bool
    outcome: str


@dataclass(frozen=True)
class EventCase:
    """How an order receives an event that no row of the table sends.

    Attributes:
        scenario: The sandbox's scenario.
        run: Runs the order to its end and returns the effect of the event.
        document: Additional fields of the order's document.
    """

    scenario: str
    run: Callable[[World, Placement], Awaitable[str]]
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EventRun:
    """The run of an order that received an event: the sandbox's scenario, and the effect on the order."""

    scenario: str
    effect: str


@dataclass(frozen=True)
class LifecycleRuns:
    """The runs by row and by event, or the error of a run that failed."""

    rows: Mapping[Edge, EdgeRun | BaseException]
    events: Mapping[str, EventRun | BaseException]


def shown(edge: Edge) -> list[str]:
    """Return the public statuses of the edge's scenario, without repetitions."""
    statuses = [public(status) for status in edge.statuses]
    return [statuses[0], *(after for before, after in pairwise(statuses) if after != before)]


def is_shown_only_by_a_read(edge: Edge) -> bool:
    """Whether the row is a pause that changes the public status, which only a read during the pause can show."""
    return edge.after is Status.PAUSED and edge.before is not Status.PROCESSING


async def run_all(world: World) -> LifecycleRuns:
    """Run every order, several at the same time."""
    slots = asyncio.Semaphore(MAX_RUNNING)

    async def limited(run: Awaitable[Any]) -> Any:
        async with slots, asyncio.timeout(TIMEOUT):
            return await run

    edges = all_edges()
    rows, events = await asyncio.gather(
        asyncio.gather(*(limited(_run_edge(world, edge)) for edge in edges), return_exceptions=True),
        asyncio.gather(*(limited(_run_event(world, event)) for event in EVENT_CASES), return_exceptions=True),
    )
    return LifecycleRuns(dict(zip(edges, rows, strict=True)), dict(zip(EVENT_CASES, events, strict=True)))


async def _run_edge(world: World, edge: Edge) -> EdgeRun:
    assert edge.name in SCENARIOS, f"the row {edge.before} to {edge.after} needs a scenario named {edge.name}"
    by_hand = is_shown_only_by_a_read(edge)
    scenario = "stepped" if by_hand else edge.name
    placed = await world.place(scenario=scenario)
    await world.deposit_and_report(placed)
    if by_hand:
        await _step_by_step(world, placed, edge)
    elif edge.after is Status.EXPIRED:
        await _pass_silence(world, placed, edge)
    result = await world.baton.wait(placed.reference)
    transitions = await eventually(
        lambda: world.ledger.transitions(placed.workflow_id), lambda rows: _is(rows, shown(edge))
    )
    order = await _sandbox_order(world, placed)
    return EdgeRun(
        edge=edge,
        scenario=scenario,
        moves=[move["status"] for move in order["moves"]],
        recorded=[row.status for row in transitions],
        event=await _event_of(world, edge, order),
        read=any(row.status == public(edge.after) and row.source in READS for row in transitions),
        outcome=str(result.outcome),
    )


def _is(rows: list[Any], statuses: list[str]) -> bool:
    return [row.status for row in rows] == statuses


async def _step_by_step(world: World, placed: Placement, edge: Edge) -> None:
    """Move the order through the edge's statuses, wait for each one, and read the order during its pause."""
    assert placed.quote_id is not None
    await world.until(placed, status=Status.PROCESSING)
    for status in edge.statuses[1:]:
        await world.sandbox.advance(placed.quote_id, status)
        if status is Status.PAUSED:
            await world.baton.refresh(placed.reference)
        await world.until(placed, status=public(status))


async def _pass_silence(world: World, placed: Placement, edge: Edge) -> None:
    """Move the order's clock past the silence after which it is polled."""
    await eventually(lambda: _sandbox_order(world, placed), lambda order: order.get("status") == edge.after)
    await world.until(placed, status=edge.before)
    await world.advance(placed, seconds=121)


async def _sandbox_order(world: World, placed: Placement) -> Document:
    """Return the sandbox's order, or an empty one if there is none yet."""
    orders = await world.sandbox.orders()
    return next((order for order in orders if order["quoteId"] == placed.quote_id), {})


async def _event_of(world: World, edge: Edge, order: Document) -> str | None:
    """Return the delivered event whose record has the exact time of the row's move."""
    statuses = [move["status"] for move in order["moves"]]
    position = 0 if edge.before is None else list(pairwise(statuses)).index((edge.before, edge.after)) + 1
    at = order["moves"][position]["at"]
    deliveries = await eventually(lambda: world.sandbox.deliveries(order["id"]), _all_delivered)
    return next((delivery["event"] for delivery in deliveries if delivery["body"]["data"]["updatedAt"] == at), None)


def _all_delivered(deliveries: list[Document]) -> bool:
    return all(delivery["state"] == "delivered" for delivery in deliveries)


async def _run_event(world: World, event: str) -> EventRun:
    case = EVENT_CASES[event]
    placed = await world.place(scenario=case.scenario, **case.document)
    await world.deposit_and_report(placed)
    effect = await case.run(world, placed)
    await _until_delivered(world, placed, event)
    return EventRun(case.scenario, effect)


async def _until_delivered(world: World, placed: Placement, event: str) -> None:
    """Wait until the gateway has delivered the event to this order."""

    async def events() -> set[str]:
        return {row.event for row in await world.ledger.deliveries(placed.workflow_id)}

    await eventually(events, lambda delivered: event in delivered)


async def _expires(world: World, placed: Placement) -> str:
    return f"closes as `{(await world.baton.wait(placed.reference)).outcome}`"


async def _is_followed(world: World, placed: Placement) -> str:
    closed = await world.baton.wait(placed.reference)
    snapshot = await world.snapshot(placed)
    successor = next(order for order in await world.sandbox.orders() if order["id"] == closed.order_id)
    followed = snapshot.superseded == [successor.get("recoveredFromOperationId")]
    action = "continues as the order that replaced it" if followed else "does not notice"
    return f"{action}, and closes as `{closed.outcome}`"


async def _stays(world: World, placed: Placement) -> str:
    await _until_delivered(world, placed, "order.recovery_required")
    snapshot: Snapshot = await world.snapshot(placed)
    await world.sandbox.advance(placed.quote_id or "")
    closed = await world.baton.wait(placed.reference)
    return f"stays at `{snapshot.status}` until Orchestra continues, then closes as `{closed.outcome}`"


EVENT_CASES: Mapping[str, EventCase] = {
    "order.expired": EventCase("legacy_expired", _expires),
    "order.recovery_required": EventCase("recovery_required", _stays),
    "order.superseded": EventCase("rbf_replaced", _is_followed, {**BITCOIN, "zeroconfEnabled": False}),
}
"""The events that no row of the table sends; every other published event has a row."""
