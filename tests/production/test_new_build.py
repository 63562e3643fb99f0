"""A new build in a fleet: it is rehearsed against what runs, takes over while orders run, and loses none.

`BATON_REHEARSED_ORDERS` changes how many open orders are rehearsed; 1,000 by default.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from baton.local.stack.book_reader import read_books
from baton.local.stack.books import faults
from baton.local.stack.progress import Progress
from baton.local.stack.showcase import SHOWPIECES, Origin
from baton.orders.names import order_workflow_id
from bench.fleet import Fleet, running_fleet
from tests.deployments import builds_of, make_current
from tests.eventually import eventually
from tests.paths import ROOT
from tests.production.business import PythonApp, Tally, run_order

pytestmark = [pytest.mark.production, pytest.mark.timeout(400)]

OPEN_ORDERS = int(os.environ.get("BATON_REHEARSED_ORDERS", "1000"))
DEPLOYMENT = "fleet"
KINDS = [piece for piece in SHOWPIECES if piece.origin is Origin.PLACED]
ORDERS = 60
ORDERS_A_SECOND = 2
OLD, NEW = ("worker-0", "worker-1"), ("worker-2", "worker-3")


@pytest.fixture(scope="module")
async def fleet() -> AsyncIterator[Fleet]:
    """Run two workers of build 1, which is the current one; two more are stopped."""
    build = {"BATON_DEPLOYMENT_NAME": DEPLOYMENT, "BATON_BUILD_ID": "1", "BATON_SANDBOX_STEP_SECONDS": "1"}
    async with running_fleet(workers=4, gateways=1, postgres_options=None, **build) as running:
        for name in NEW:
            await running.stop(name)
        await make_current(running.temporal, DEPLOYMENT, "1")
        yield running


@dataclass(frozen=True)
class RollOut:
    """What happened while the build changed.

    Attributes:
        orders: The orders that were placed meanwhile.
        tally: The calls of their business.
        codes: The exit code of each worker of build 1.
    """

    orders: list[Progress]
    tally: Tally
    codes: list[int | None]


@pytest.fixture(scope="module")
async def roll_out(fleet: Fleet) -> RollOut:
    """Roll a new build out while orders run, as the page on upgrades says; they have ended afterwards."""
    pieces = zip(range(ORDERS), cycle(KINDS), strict=False)
    orders = [Progress(piece, reference=f"build-{number}-{piece.name}") for number, piece in pieces]
    tally, app = Tally(), PythonApp(fleet.baton)
    async with asyncio.TaskGroup() as group:
        trading = group.create_task(trade(group, fleet, app, orders, tally))
        await eventually(lambda: sum(order.step == "watching" for order in orders) >= 5, within=60)
        for name in NEW:
            await fleet.start(name, BATON_BUILD_ID="2")
        await make_current(fleet.temporal, DEPLOYMENT, "2")
        await eventually(lambda: all_moved(fleet, orders), within=120)
        codes = [await fleet.stop(name) for name in OLD]
        await trading
    return RollOut(orders, tally, codes)


async def all_moved(fleet: Fleet, orders: list[Progress]) -> bool:
    """Whether every order that runs has got its last step from build 2."""
    running = [order for order in orders if order.step == "watching" and order.outcome is None]
    return bool(running) and {tuple(await builds_of(workflow_of(fleet, order)))[-1:] for order in running} == {("2",)}


async def trade(group: asyncio.TaskGroup, fleet: Fleet, app: PythonApp, orders: list[Progress], tally: Tally) -> None:
    """Place the orders at their pace."""
    for order in orders:
        group.create_task(run_order(app, fleet.sandbox, order, tally, "python"))
        await asyncio.sleep(1 / ORDERS_A_SECOND)


def workflow_of(fleet: Fleet, order: Progress) -> WorkflowHandle[Any, Any]:
    return fleet.temporal.get_workflow_handle(order_workflow_id("default", order.reference))


async def test_every_order_ends_while_the_build_changes(roll_out: RollOut, fleet: Fleet) -> None:
    assert roll_out.codes == [0, 0]
    ends = {order.reference: (order.ending, order.piece.ends.value) for order in roll_out.orders}
    assert {reference: end for reference, end in ends.items() if end[0] != end[1]} == {}
    assert faults(await read_books(fleet.sandbox, fleet.ledger_url), roll_out.orders) == []


async def test_no_call_fails_while_the_build_changes(roll_out: RollOut) -> None:
    assert roll_out.tally.failed == []
    assert roll_out.tally.made["python place"] == ORDERS


async def test_orders_that_ran_move_to_the_new_build(roll_out: RollOut, fleet: Fleet) -> None:
    found = {tuple(await builds_of(workflow_of(fleet, order))) for order in roll_out.orders}
    assert ("1", "2") in found
    assert found <= {("1",), ("1", "2"), ("2",)}
    assert await builds_of(workflow_of(fleet, roll_out.orders[-1])) == ["2"]


async def test_a_build_is_rehearsed_against_all_open_orders(
    roll_out: RollOut, fleet: Fleet, record_property: Callable[[str, object], None]
) -> None:
    await place_waiting(fleet, OPEN_ORDERS)
    found, seconds = await rehearse(fleet)
    record_property("rehearsal_seconds", round(seconds, 1))
    assert found["broken"] == []
    assert found["replayed"]["open"] >= OPEN_ORDERS
    assert found["replayed"]["closed"] >= ORDERS


async def place_waiting(fleet: Fleet, count: int) -> None:
    """Place orders that wait for their deposit, and wait until Temporal lists them."""
    limit = asyncio.Semaphore(16)

    async def place() -> None:
        async with limit:
            await fleet.baton.place({"reference": f"open-{uuid.uuid4().hex}", **KINDS[0].document})

    await asyncio.gather(*(place() for _ in range(count)))
    running = "WorkflowType = 'OrderWorkflow' AND ExecutionStatus = 'Running'"

    async def listed() -> bool:
        return (await fleet.temporal.count_workflows(running)).count >= count

    await eventually(listed, within=60)


async def rehearse(fleet: Fleet) -> tuple[dict[str, Any], float]:
    """Run `baton rehearse` with the code at hand; return what it found, and its seconds."""
    began = time.monotonic()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "baton", "rehearse", "--json", "--closed", "1000"],
        env={**os.environ, **fleet.environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), time.monotonic() - began
