"""Workers and gateways restarted one by one while orders run: no business, payer or webhook notices.

`BATON_ROLLING_ORDERS` changes how many orders run, 500 by default, and `BATON_ROLLING_RATE` how many are placed in a
second, 3 by default. The orders must last longer than the restarts.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from baton.local.stack.book_reader import read_books
from baton.local.stack.books import faults
from baton.local.stack.progress import Progress
from baton.local.stack.showcase import BRANCHES, SHOWPIECES, Origin
from baton.notifications.signing import new_secret
from bench.fleet import Fleet, running_fleet
from bench.support.endpoint_fleet import EndpointFleet, fleet_server
from tests.eventually import eventually
from tests.production.business import HttpApp, Listener, PythonApp, Tally, http_client, look_around, run_order
from tests.replay.replayer import failures_of
from workflows.registry import WORKFLOWS

pytestmark = [pytest.mark.production, pytest.mark.timeout(600)]

ORDERS = int(os.environ.get("BATON_ROLLING_ORDERS", "500"))
ORDERS_A_SECOND = float(os.environ.get("BATON_ROLLING_RATE", "3"))
UNDER_WAY = 10
"""Orders that run before the first restart."""

KINDS = [*SHOWPIECES, *(piece for piece in BRANCHES if piece.origin is Origin.PLACED)]
WITH_HISTORY = " OR ".join(f"WorkflowType = '{workflow.__name__}'" for workflow in WORKFLOWS)
APP = "app"
"""The endpoint of the business."""


@dataclass
class Business:
    """What the business did and saw.

    Attributes:
        orders: Its orders.
        tally: Its calls.
        endpoint: Where it gets notifications.
        paged: The ids of the events that it read page by page.
        repeated: The calls over HTTP that it made once more, because their connection closed.
        listener: Its stream of events.
    """

    orders: list[Progress] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    endpoint: EndpointFleet = field(default_factory=EndpointFleet)
    paged: list[str] = field(default_factory=list)
    repeated: int = 0
    listener: Listener = field(default_factory=Listener)

    @property
    def under_way(self) -> int:
        return sum(order.step != "placing" and order.outcome is None for order in self.orders)

    async def trade(self, fleet: Fleet) -> None:
        """Place all orders at their pace, half over HTTP and half in Python, and see each to its end."""
        async with http_client(fleet) as http:
            http_app = HttpApp(http)
            apps = {"http": http_app, "python": PythonApp(fleet.baton)}
            looking = [asyncio.create_task(look_around(app, self.tally, kind)) for kind, app in apps.items()]
            looking.append(asyncio.create_task(self.listener.listen(http)))
            await self.listener.connected.wait()
            await self._order(fleet, apps)
            self.paged, self.repeated, ended = http_app.event_ids, http_app.repeated, len(self.orders)
            await eventually(lambda: http_app.closed >= ended, within=30)
            await eventually(lambda: set(self.paged) <= set(self.listener.event_ids), within=30)
            await eventually(lambda: set(self.paged) <= set(self.endpoint.received[APP]), within=60)
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)

    async def _order(self, fleet: Fleet, apps: dict[str, Any]) -> None:
        async with asyncio.TaskGroup() as group:
            for number, piece in zip(range(ORDERS), itertools.cycle(KINDS), strict=False):
                order = Progress(piece, reference=f"rolling-{number}-{piece.name}")
                self.orders.append(order)
                kind = ("http", "python")[number % 2]
                group.create_task(run_order(apps[kind], fleet.sandbox, order, self.tally, kind))
                await asyncio.sleep(1 / ORDERS_A_SECOND)


@dataclass
class Restarts:
    """What was restarted: the exit code of each process, and how many orders ran when it got SIGTERM."""

    codes: dict[str, int | None] = field(default_factory=dict)
    under_way: dict[str, int] = field(default_factory=dict)


async def restart_all(fleet: Fleet, business: Business) -> Restarts:
    """Restart each process once, one after the other."""
    restarts = Restarts()
    await eventually(lambda: business.under_way >= UNDER_WAY, within=60)
    for name in (*fleet.workers, *fleet.gateways):
        restarts.under_way[name] = business.under_way
        restarts.codes[name] = await fleet.restart(name)
    return restarts


@pytest.fixture(scope="module")
def business() -> Business:
    return Business()


@pytest.fixture(scope="module")
async def fleet(business: Business, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with fleet_server(business.endpoint) as url:
        file = endpoints_file(tmp_path_factory.mktemp("rolling"), url)
        variables = {"BATON_ENDPOINTS_FILE": str(file), "BATON_GATEWAY_DRAIN": "2"}
        pace = {"BATON_SANDBOX_STEP_SECONDS": "1", "BATON_SANDBOX_RETRY_SCALE": "0.1"}
        async with running_fleet(workers=3, gateways=2, **variables, **pace) as running:
            yield running


def endpoints_file(folder: Path, url: str) -> Path:
    file = folder / "endpoints.toml"
    file.write_text(f'[endpoints.{APP}]\nurl = "{url}/{APP}"\nsecret = "{new_secret()}"\n')
    return file


@pytest.fixture(scope="module")
async def traded(fleet: Fleet, business: Business) -> tuple[asyncio.Task[None], asyncio.Task[Restarts]]:
    """Restart everything while the business trades, until both are done or one fails; return both tasks."""
    trading = asyncio.create_task(business.trade(fleet))
    restarting = asyncio.create_task(restart_all(fleet, business))
    await asyncio.wait([trading, restarting], return_when=asyncio.FIRST_EXCEPTION)
    return trading, restarting


@pytest.fixture(scope="module")
async def restarts(traded: tuple[asyncio.Task[None], asyncio.Task[Restarts]]) -> Restarts:
    """What was restarted; the business's orders have ended afterwards."""
    trading, restarting = traded
    await trading
    return await restarting


async def test_each_process_ends_by_itself_and_orders_run_meanwhile(restarts: Restarts) -> None:
    assert set(restarts.codes.values()) == {0}
    assert min(restarts.under_way.values()) > 0


async def test_every_call_of_a_business_is_answered(restarts: Restarts, business: Business, fleet: Fleet) -> None:
    assert business.tally.failed == []
    assert business.repeated <= len(fleet.gateways)
    assert fleet.balancer.unserved == 0
    assert all(
        business.tally.made[f"{kind} {call}"] for kind in ("http", "python") for call in ("place", "show", "list")
    )


async def test_every_order_ends_as_expected(restarts: Restarts, business: Business) -> None:
    ends = {order.reference: (order.ending, order.piece.ends.value) for order in business.orders}
    assert {reference: end for reference, end in ends.items() if end[0] != end[1]} == {}
    assert len(ends) == ORDERS


async def test_no_webhook_is_refused_for_longer_than_one_retry(restarts: Restarts, fleet: Fleet) -> None:
    deliveries = await fleet.sandbox.deliveries()
    late = [each for each in deliveries if each["state"] != "delivered" or len(each["attempts"]) > 2]
    assert late == []
    assert len(deliveries) > ORDERS


async def test_nothing_is_lost_or_doubled(restarts: Restarts, business: Business, fleet: Fleet) -> None:
    assert faults(await read_books(fleet.sandbox, fleet.ledger_url), business.orders) == []


async def test_a_stream_of_events_resumes_without_a_gap(restarts: Restarts, business: Business) -> None:
    assert business.listener.broken == []
    assert business.listener.ended >= 1
    assert sorted(business.listener.event_ids) == sorted(business.paged)


async def test_the_business_is_notified_of_every_event(restarts: Restarts, business: Business) -> None:
    assert set(business.endpoint.received[APP]) == set(business.paged)


@pytest.mark.usefixtures("traded")
async def test_every_workflow_replays(fleet: Fleet, business: Business) -> None:
    """An order that a restarted worker cannot replay stands still: its name tells more than the calls that it fails."""
    placed = [order.reference for order in business.orders if order.step != "placing"]
    assert placed
    assert await failures_of(fleet.temporal.list_workflows(WITH_HISTORY).map_histories()) == {}
