"""One real order led along every row of the published table, and one told every event that no row brings."""

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

AT_ONCE = 12
"""How many orders are under way at a time."""

PATIENCE = 60.0
"""Seconds that leading one order may take while the others are led too."""

SCENARIOS = frozenset(scenario.name for scenario in list_scenarios())

Document = dict[str, Any]


@dataclass(frozen=True)
class LedOrder:
    """What became of the order that was led along a row.

    Attributes:
        edge: The row.
        scenario: What the sandbox played.
        moves: Every status that the sandbox's order was in, internal ones included.
        told: Every status that Baton recorded.
        event: The webhook that brought the row's move and was answered with 2xx; None where no webhook told of it.
        read: A read told of the status that the row leads to.
        outcome: How the order ended.
    """

    edge: Edge
    scenario: str
    moves: list[str]
    told: list[str]
    event: str | None
    read: bool
    outcome: str


@dataclass(frozen=True)
class Telling:
    """How an order is told an event that no row of the table brings.

    Attributes:
        scenario: What the sandbox plays.
        lead: Leads the order to its end and returns what the event made of it.
        document: What its request says besides.
    """

    scenario: str
    lead: Callable[[World, Placement], Awaitable[str]]
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ToldOrder:
    """What became of the order that was told an event: what was played, and what the order made of it."""

    scenario: str
    effect: str


@dataclass(frozen=True)
class Runs:
    """What all orders did, by row and by event; an error stands where one was not led to its end."""

    rows: Mapping[Edge, LedOrder | BaseException]
    tellings: Mapping[str, ToldOrder | BaseException]


def shown(edge: Edge) -> list[str]:
    """Return the statuses that partners see of the edge's scenario, each once in a row."""
    seen = [public(status) for status in edge.statuses]
    return [seen[0], *(after for before, after in pairwise(seen) if after != before)]


def is_seen_while_paused(edge: Edge) -> bool:
    """Tell whether the row is a pause that changes what partners are shown, which only a read in the pause can tell."""
    return edge.after is Status.PAUSED and edge.before is not Status.PROCESSING


async def lead_all(world: World) -> Runs:
    """Lead every order, several at a time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def led(work: Awaitable[Any]) -> Any:
        async with places, asyncio.timeout(PATIENCE):
            return await work

    edges = all_edges()
    rows, tellings = await asyncio.gather(
        asyncio.gather(*(led(_lead(world, edge)) for edge in edges), return_exceptions=True),
        asyncio.gather(*(led(_tell(world, event)) for event in TELLINGS), return_exceptions=True),
    )
    return Runs(dict(zip(edges, rows, strict=True)), dict(zip(TELLINGS, tellings, strict=True)))


async def _lead(world: World, edge: Edge) -> LedOrder:
    assert edge.name in SCENARIOS, f"the row {edge.before} to {edge.after} needs a scenario named {edge.name}"
    by_hand = is_seen_while_paused(edge)
    scenario = "stepped" if by_hand else edge.name
    placed = await world.place(scenario=scenario)
    await world.deposit_and_report(placed)
    if by_hand:
        await _step_by_step(world, placed, edge)
    elif edge.after is Status.EXPIRED:
        await _until_silence_is_broken(world, placed, edge)
    result = await world.baton.wait(placed.reference)
    told = await eventually(lambda: world.ledger.transitions(placed.workflow_id), lambda rows: _is(rows, shown(edge)))
    order = await _at_partner(world, placed)
    return LedOrder(
        edge=edge,
        scenario=scenario,
        moves=[move["status"] for move in order["moves"]],
        told=[row.status for row in told],
        event=await _event_of(world, edge, order),
        read=any(row.status == public(edge.after) and row.source in READS for row in told),
        outcome=str(result.outcome),
    )


def _is(rows: list[Any], statuses: list[str]) -> bool:
    return [row.status for row in rows] == statuses


async def _step_by_step(world: World, placed: Placement, edge: Edge) -> None:
    """Move the order through the edge's statuses, each seen before the next, and read it in its pause."""
    assert placed.quote_id is not None
    await world.until(placed, status=Status.PROCESSING)
    for status in edge.statuses[1:]:
        await world.sandbox.advance(placed.quote_id, status)
        if status is Status.PAUSED:
            await world.baton.refresh(placed.reference)
        await world.until(placed, status=public(status))


async def _until_silence_is_broken(world: World, placed: Placement, edge: Edge) -> None:
    """Let the order's own clock pass the silence after which it reads for itself."""
    await eventually(lambda: _at_partner(world, placed), lambda order: order.get("status") == edge.after)
    await world.until(placed, status=edge.before)
    await world.advance(placed, seconds=61)


async def _at_partner(world: World, placed: Placement) -> Document:
    """Return the order as the sandbox knows it; empty while there is none."""
    orders = await world.sandbox.orders()
    return next((order for order in orders if order["quoteId"] == placed.quote_id), {})


async def _event_of(world: World, edge: Edge, order: Document) -> str | None:
    """Return the delivered event whose record is of the very moment of the row's move."""
    statuses = [move["status"] for move in order["moves"]]
    position = 0 if edge.before is None else list(pairwise(statuses)).index((edge.before, edge.after)) + 1
    at = order["moves"][position]["at"]
    deliveries = await eventually(lambda: world.sandbox.deliveries(order["id"]), _all_delivered)
    return next((one["event"] for one in deliveries if one["body"]["data"]["updatedAt"] == at), None)


def _all_delivered(deliveries: list[Document]) -> bool:
    return all(one["state"] == "delivered" for one in deliveries)


async def _tell(world: World, event: str) -> ToldOrder:
    telling = TELLINGS[event]
    placed = await world.place(scenario=telling.scenario, **telling.document)
    await world.deposit_and_report(placed)
    effect = await telling.lead(world, placed)
    await _until_taken_in(world, placed, event)
    return ToldOrder(telling.scenario, effect)


async def _until_taken_in(world: World, placed: Placement, event: str) -> None:
    """Wait until the gateway has handed the event to this order."""

    async def events() -> set[str]:
        return {row.event for row in await world.ledger.deliveries(placed.workflow_id)}

    await eventually(events, lambda seen: event in seen)


async def _expires(world: World, placed: Placement) -> str:
    return f"closes as `{(await world.baton.wait(placed.reference)).outcome}`"


async def _is_followed(world: World, placed: Placement) -> str:
    closed = await world.baton.wait(placed.reference)
    seen = await world.snapshot(placed)
    successor = next(order for order in await world.sandbox.orders() if order["id"] == closed.order_id)
    followed = seen.superseded == [successor.get("recoveredFromOperationId")]
    went = "continues as the order that replaced it" if followed else "does not notice"
    return f"{went}, and closes as `{closed.outcome}`"


async def _stays(world: World, placed: Placement) -> str:
    await _until_taken_in(world, placed, "order.recovery_required")
    seen: Snapshot = await world.snapshot(placed)
    await world.sandbox.advance(placed.quote_id or "")
    closed = await world.baton.wait(placed.reference)
    return f"stays at `{seen.status}` until Orchestra continues, then closes as `{closed.outcome}`"


TELLINGS: Mapping[str, Telling] = {
    "order.expired": Telling("legacy_expired", _expires),
    "order.recovery_required": Telling("recovery_required", _stays),
    "order.superseded": Telling("rbf_replaced", _is_followed, {**BITCOIN, "zeroconfEnabled": False}),
}
"""The events that no row of the table brings; whatever else is published comes with a row."""
