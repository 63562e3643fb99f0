"""Latencies of a stack under a light, steady load: placing an order, and a webhook; beside them what they build on.

Placing is compared with the same quotes asked of the sandbox directly, and a webhook with a bare signal to a workflow
that does nothing, on the same server.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.client import WorkflowHandle

from baton.local.sandbox.http import local_client
from baton.local.stack.showcase import SHOWPIECES
from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import QuoteRequest
from baton.orchestra.webhooks import signed_headers
from baton.orders.names import order_workflow_id
from bench.support.figures import Spread
from bench.support.history import lags_of
from bench.support.naive_load import change, naive_worker
from bench.support.naive_order import QUEUE, SIGNALS, NaiveOrderWorkflow
from bench.support.orders import place
from bench.support.pace import paced
from bench.support.webhook_load import WebhookTarget, open_targets
from bench.support.workbench import Workbench

_TARGETS = 25
"""Orders that get webhooks in turn: at five a second each gets one in five seconds, so that none waits for another."""

_WARM_UP = 10
"""Orders placed, and webhooks sent, before anything is measured."""

_ROUNDING = timedelta(milliseconds=1)
"""How far below its time the `updatedAt` of a webhook or a signal may be."""

_PIECE = SHOWPIECES[0]
_TIMEOUT = 15.0


class Latency(NamedTuple):
    """The latencies of one stack.

    Attributes:
        rate: Orders, quotes, webhooks or signals started in a second.
        placed: Time from placing an order to its deposit address.
        partner: Time of the same quotes, asked of the sandbox directly.
        answered: Time from sending a webhook to its answer.
        applied: Time from sending a webhook until a snapshot shows its change.
        signal: Time from sending a bare signal until a workflow that does nothing has handled it.
    """

    rate: float
    placed: Spread
    partner: Spread
    answered: Spread
    applied: Spread
    signal: Spread


async def measure_latency(bench: Workbench, *, count: int, rate: float) -> Latency:
    """Measure each latency with that many samples, one kind after the other.

    Raises:
        OrderNotPlaced: An order got no quote.
        BatonError: An order was refused, or Baton did not answer.
        OrchestraError: The sandbox refused a quote.
    """
    await paced(_Placing(bench, "warm-up"), count=_WARM_UP, rate=rate)
    partner = await _quotes(bench, count, rate)
    placed = await paced(_Placing(bench, "paced"), count=count, rate=rate)
    signal = await _signals(bench, count, rate)
    answered, applied = await _webhooks(bench, count, rate)
    return Latency(rate, *(_spread(sample) for sample in (placed, partner, answered, applied, signal)))


def _spread(sample: list[float]) -> Spread:
    spread = Spread.of_seconds(sample)
    assert spread is not None
    return spread


class _Placing:
    """Places orders under references of a name."""

    def __init__(self, bench: Workbench, name: str) -> None:
        self._bench, self._name = bench, name

    async def __call__(self, number: int) -> float:
        began = time.monotonic()
        await place(self._bench, _PIECE, f"bench-latency-{self._name}-{number}")
        return time.monotonic() - began


async def _quotes(bench: Workbench, count: int, rate: float) -> list[float]:
    """Ask the sandbox for quotes as the worker does; return the seconds of each."""
    environment = bench.stack.plan.environment
    request = QuoteRequest.model_validate(_PIECE.document)
    async with OrchestraClient(environment["ORCHESTRA_BASE_URL"], environment["ORCHESTRA_API_KEY"]) as partner:

        async def ask(number: int) -> float:
            began = time.monotonic()
            await partner.quote(request, f"bench-latency/{number}")
            return time.monotonic() - began

        return await paced(ask, count=count, rate=rate)


async def _signals(bench: Workbench, count: int, rate: float) -> list[float]:
    """Signal workflows that do nothing in turn; return the seconds until each signal was handled."""
    plan, client = bench.stack.plan, bench.temporal
    async with naive_worker(plan.temporal_address, plan.namespace):
        naive: list[WorkflowHandle[NaiveOrderWorkflow, int]] = []
        # One signal each at first, after which the workflow only waits; one less than would end it.
        for number in range(max(_TARGETS, -(-count // (SIGNALS - 2)))):
            name = f"bench-latency-naive-{number}"
            handle = await client.start_workflow(NaiveOrderWorkflow.run, id=name, task_queue=QUEUE)
            await handle.signal(NaiveOrderWorkflow.observe, [change()])
            naive.append(handle)

        async def signal(number: int) -> None:
            await naive[number % len(naive)].signal(NaiveOrderWorkflow.observe, [change()])

        since = datetime.now(UTC) - _ROUNDING
        await paced(signal, count=count, rate=rate)
        histories = [(await handle.fetch_history()).events for handle in naive]
    return [lag for events in histories for lag in lags_of(events, since=since)]


async def _webhooks(bench: Workbench, count: int, rate: float) -> tuple[list[float], list[float]]:
    """Send webhooks to orders in turn; return the seconds until each was answered, and until each was applied."""
    targets = await open_targets(bench, _TARGETS, "latency")
    async with local_client(timeout=_TIMEOUT) as client:

        async def send(number: int) -> float:
            body = targets[number % len(targets)].next_body()
            headers = signed_headers(bench.webhook_secret, time.time_ns() // 1_000_000, body)
            began = time.monotonic()
            response = await client.post(bench.webhook_url, content=body, headers=headers)
            assert response.status_code == 200, f"a webhook was answered with {response.status_code}"
            return time.monotonic() - began

        await paced(send, count=_WARM_UP, rate=rate)
        since = datetime.now(UTC) - _ROUNDING
        # The orders after those of the warm-up: one that had a webhook just now would collect the next one.
        answered = await paced(lambda number: send(number + _WARM_UP), count=count, rate=rate)
    return answered, [lag for target in targets for lag in await _lags(bench, target, since)]


async def _lags(bench: Workbench, target: WebhookTarget, since: datetime) -> list[float]:
    # A query is answered after every earlier signal, so from here on every webhook has been handled.
    await bench.baton.snapshot(target.reference)
    handle = bench.temporal.get_workflow_handle(order_workflow_id("default", target.reference))
    return lags_of((await handle.fetch_history()).events, since=since)
