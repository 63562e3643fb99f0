"""Five paths of an order, each driven as a business and its payer do, however often the worker is killed meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from temporalio.service import RPCError, RPCStatusCode

from baton.errors import Unreachable
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement, Snapshot
from baton.orders.names import follow_up_reference, order_workflow_id
from tests.end_to_end.test_zeroconf import BITCOIN, GENEROUS
from tests.end_to_end.world import USDC_TO_BTC, World
from workflows.zeroconf_approval import ZeroConfApprovalWorkflow

T = TypeVar("T")
PATIENCE = 150.0
"""Seconds for one step of a path; a killed call without heartbeats is tried again after a minute."""


async def slowly(read: Callable[[], Awaitable[T]], until: Callable[[T], bool] = bool) -> T:
    """Return the first value that satisfies `until`, without loading the workers with questions."""
    value, pause = await read(), 0.05
    async with asyncio.timeout(PATIENCE):
        while not until(value):
            await asyncio.sleep(pause)
            value, pause = await read(), min(pause * 1.2, 0.5)
    return value


async def repeated(call: Callable[[], Awaitable[T]]) -> T:
    """Make a call of the business again until it is answered, which is always safe."""
    while True:
        try:
            return await call()
        except Unreachable:
            continue


async def _place(world: World, reference: str, scenario: str | None = None, **fields: Any) -> Placement:
    document = {**USDC_TO_BTC, **fields, "reference": reference}
    placed = await repeated(lambda: world.baton.place(document))
    if scenario and placed.quote_id:
        await world.sandbox.set_scenario(scenario, placed.quote_id)
    return placed


async def _pay_and_report(world: World, reference: str, quote_id: str | None) -> None:
    proof = DepositProof.model_validate(await world.sandbox.deposit(quote_id))
    await repeated(lambda: world.baton.report_deposit(reference, proof))


async def happy(world: World, reference: str) -> list[str]:
    placed = await _place(world, reference)
    await _pay_and_report(world, reference, placed.quote_id)
    return [reference]


async def requote(world: World, reference: str) -> list[str]:
    placed = await _place(world, reference, policy={"onQuoteExpiry": "requote", "maxRequotes": 1})
    await world.pass_expiry(placed)
    snapshot = await slowly(lambda: repeated(lambda: world.snapshot(placed)), lambda known: len(known.quotes) == 2)
    await _pay_and_report(world, reference, snapshot.quotes[-1].quote_id)
    return [reference]


async def zeroconf(world: World, reference: str) -> list[str]:
    policy = {"zeroconf": GENEROUS}
    placed = await _place(world, reference, "zeroconf_accept_path", **BITCOIN, policy=policy)
    await _pay_and_report(world, reference, placed.quote_id)
    return [reference]


async def refund(world: World, reference: str) -> list[str]:
    placed = await _place(world, reference, "refunded")
    await _pay_and_report(world, reference, placed.quote_id)
    return [reference]


async def late_money(world: World, reference: str) -> list[str]:
    placed = await _place(world, reference, policy={"onQuoteExpiry": "expire"})
    await world.pass_expiry(placed)
    await world.baton.wait(reference)
    await world.deposit(placed, detect=True)
    late = follow_up_reference(reference)
    await slowly(lambda: _exists(world, late))
    return [reference, late]


PATHS: dict[str, Callable[[World, str], Awaitable[list[str]]]] = {
    "happy": happy,
    "requote": requote,
    "zeroconf": zeroconf,
    "refund": refund,
    "late money": late_money,
}


@dataclass
class Ending:
    """What a path came to, at Baton and at Orchestra.

    Attributes:
        ends: Outcome, status and attention of each of the path's orders.
        approvals: How the path's ZeroConf offers ended and who decided, as their own workflows report it. The order
            lists a report only if it came before the order's end.
        effects: How often each call of each idempotency key had an effect at Orchestra.
        orders: The moves of Orchestra's orders for the path's quotes.
        workflows: The order workflows that exist for the path and for those orders, by what follows its reference.
        strays: Statuses that Baton shows and Orchestra did not have then. A webhook that overtook another hides that
            one's status, which is not held against a path.
    """

    ends: list[tuple[Any, ...]]
    approvals: list[tuple[str, str]]
    effects: Counter[str]
    orders: list[list[str]]
    workflows: list[str]
    strays: list[str]


async def travel(world: World, path: str, reference: str) -> Ending:
    """Take a path to its end and return what it came to."""
    references = await PATHS[path](world, reference)
    for one in references:
        await world.baton.wait(one)
    snapshots = [await repeated(partial(world.baton.snapshot, one)) for one in references]
    quote_ids = {quote.quote_id for snapshot in snapshots for quote in snapshot.quotes}
    orders = [order for order in await world.sandbox.orders() if order["quoteId"] in quote_ids]
    moves = [[move["status"] for move in order["moves"]] for order in orders]
    return Ending(
        ends=[_end(snapshot) for snapshot in snapshots],
        approvals=await _approvals(world, reference),
        effects=await _effects(world, reference),
        orders=moves,
        workflows=await _workflows(world, reference, [order["id"] for order in orders]),
        strays=[stray for snapshot in snapshots for stray in _strays(snapshot, moves)],
    )


def _end(snapshot: Snapshot) -> tuple[Any, ...]:
    return snapshot.outcome, snapshot.status, sorted(attention.reason for attention in snapshot.attentions)


def _strays(snapshot: Snapshot, moves: list[list[str]]) -> list[str]:
    coming = iter([status for order in moves for status in order])
    return [transition.status for transition in snapshot.transitions if transition.status not in coming]


async def _effects(world: World, reference: str) -> Counter[str]:
    marks = (f"/{reference}/", f"/{follow_up_reference(reference)}/")
    calls = await world.sandbox.requests()
    keys = [call["idempotencyKey"] or "" for call in calls if call["status"] == 200 and not call["replayed"]]
    return Counter(key.replace(reference, "") for key in keys if any(mark in key for mark in marks))


async def _approvals(world: World, reference: str) -> list[tuple[str, str]]:
    client = world.environment.client
    query = f"WorkflowId STARTS_WITH '{order_workflow_id(world.account.name, reference)}/zeroconf/'"
    handles = [
        client.get_workflow_handle_for(ZeroConfApprovalWorkflow.run, listed.id)
        async for listed in client.list_workflows(query)
    ]
    reports = [await handle.result() for handle in handles]
    return [(report.end, report.by) for report in reports]


async def _workflows(world: World, reference: str, order_ids: list[str]) -> list[str]:
    """Return the path's order workflows; an order of Orchestra that was adopted as well would be among them."""
    wanted = (reference, *order_ids)
    ids = [listed.id async for listed in world.environment.client.list_workflows()]
    mine = [one.removeprefix("order/default/") for one in ids if any(part in one for part in wanted)]
    return sorted(one.replace(reference, "") for one in mine if "/" not in one)


async def _exists(world: World, reference: str) -> bool:
    workflow_id = order_workflow_id(world.account.name, reference)
    try:
        await world.environment.client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
