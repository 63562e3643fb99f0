"""Floods of genuine webhooks for one order: the gateway stays responsive, bounds what it holds, and loses nothing.

The usual flood is small. `BATON_TEST_CROWD=5000 pytest tests/gateway/test_floods.py` shows the one that is promised.
"""

import asyncio
import time
from collections import Counter

import httpx
import pytest

from baton.ledger.ledger import Ledger
from baton.ledger.rows import QuoteEntry
from tests.gateway.test_crowds import CROWD, MOST_MEMORY, memory_of
from tests.gateway.test_process import process, until_up
from tests.gateway.world import Gateway, open_order
from tests.http import http_client

SENDERS = 100


async def flood(gateway, webhooks):
    """Deliver each of the webhooks over one of `SENDERS` connections; return how many got each answer."""
    answers, remaining = Counter(), iter(webhooks)

    async def send():
        for order_id, status, fields in remaining:
            response = await gateway.deliver(order_id, status, **fields)
            answers[response.status_code] += 1

    await asyncio.gather(*(send() for _ in range(SENDERS)))
    return answers


async def slowest_health(http, running):
    """Ask for the health page until the other work ends; return the longest time in seconds and most memory."""
    slowest = highest = 0.0
    try:
        while True:
            began = time.monotonic()
            assert (await http.get("/healthz")).status_code == 200
            slowest = max(slowest, time.monotonic() - began)
            highest = max(highest, memory_of(running.pid))
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        return slowest, highest


@pytest.mark.parametrize("kind", ["orders of one quote", "unknown statuses"])
async def test_a_flood_for_one_order_leaves_the_gateway_responsive(tmp_path, gateway_temporal, kind):
    order = await open_order(gateway_temporal)
    entry = QuoteEntry(
        account="default", quote_id=order.quote_id, workflow_id=order.handle.id, created_at="2026-01-01T00:00:00Z"
    )
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        await ledger.index_quote(entry)
        await ledger.index_order("default", order.order_id, order.handle.id)
    if kind == "unknown statuses":
        webhooks = [(order.order_id, f"unheard_of_{number}", {}) for number in range(CROWD)]
    else:
        webhooks = [(f"ord_other_{number}", "processing", {"quoteId": order.quote_id}) for number in range(CROWD)]
    target = gateway_temporal.service_client.config.target_host
    # A connection for each webhook: one that is kept could be closed while a busy machine delays the next webhook.
    limits = httpx.Limits(max_connections=SENDERS, max_keepalive_connections=0)
    async with process(tmp_path, TEMPORAL_ADDRESS=target, BATON_WEBHOOK_COALESCE="0.2") as running:
        address, _ = await until_up(running)
        log = asyncio.create_task(running.stdout.read())  # a full pipe would stop the gateway
        async with (
            http_client(base_url=address, timeout=60, limits=limits) as senders,
            http_client(base_url=address, timeout=60, limits=limits) as watcher,
        ):
            health = asyncio.create_task(slowest_health(watcher, running))
            try:
                answers = await flood(Gateway(senders, address), webhooks)
            finally:
                health.cancel()
                log.cancel()
            slowest, highest = await health
    signals = await order.signals()
    assert answers == {200: CROWD}
    assert sum(map(len, signals)) == CROWD
    assert len(signals) < CROWD / 4
    assert highest < MOST_MEMORY
    assert slowest < 10
