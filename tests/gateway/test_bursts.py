"""Bursts of webhooks over real HTTP: few signals, honest responses, everything in order."""

import asyncio
import time

import pytest

from baton.orchestra.webhooks import signed_headers
from tests.eventually import eventually
from tests.gateway.world import SECRET, event_of, running_gateway


@pytest.fixture
async def slow_gateway(gateway_temporal, ledger):
    """A gateway whose window is longer than any test."""
    async with running_gateway(gateway_temporal, ledger, window=60) as running:
        yield running


async def test_a_burst_of_progress_and_its_end_take_two_signals(slow_gateway, order):
    first = await slow_gateway.deliver(order.order_id, "processing")
    waiting = []
    for count, status in enumerate(("confirming", "bridging", "swapping", "delivering"), start=1):
        waiting.append(slow_gateway.start_delivery(order.order_id, status))
        await eventually(lambda count=count: slow_gateway.coalescer.waiting == count)
    assert not any(task.done() for task in waiting)
    responses = [first, *await asyncio.gather(*waiting, slow_gateway.deliver(order.order_id, "completed"))]
    assert [response.json() for response in responses] == [{"status": "handed_over"}] * 6
    assert await order.signals() == [
        ["processing"],
        ["confirming", "bridging", "swapping", "delivering", "completed"],
    ]


async def test_every_webhook_of_a_burst_is_recorded_as_a_delivery(slow_gateway, order, ledger):
    await slow_gateway.deliver(order.order_id, "processing")
    waiting = slow_gateway.start_delivery(order.order_id, "bridging")
    await eventually(lambda: slow_gateway.coalescer.waiting == 1)
    await asyncio.gather(waiting, slow_gateway.deliver(order.order_id, "completed"))

    async def all_recorded():
        rows = await ledger.deliveries(workflow_id=order.handle.id)
        return sorted(row.status for row in rows) == ["bridging", "completed", "processing"]

    await eventually(all_recorded)


async def test_webhooks_that_wait_while_the_order_closes_are_late(slow_gateway, order, ledger):
    await slow_gateway.deliver(order.order_id, "processing")
    waiting = slow_gateway.start_delivery(order.order_id, "bridging")
    await eventually(lambda: slow_gateway.coalescer.waiting == 1)
    await order.close()
    responses = await asyncio.gather(waiting, slow_gateway.deliver(order.order_id, "completed"))
    assert [response.json() for response in responses] == [{"status": "late"}] * 2
    assert {transition.status for transition in await ledger.transitions(order.handle.id)} == {"bridging", "completed"}


async def test_a_caller_that_hangs_up_while_it_waits_loses_nothing(slow_gateway, order):
    await slow_gateway.deliver(order.order_id, "processing")
    body = event_of(order.order_id, "bridging")
    host, port = slow_gateway.address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    headers = signed_headers(SECRET, int(time.time() * 1000), body) | {
        "Host": "gateway",
        "Content-Length": str(len(body)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST /webhooks/orchestra/default HTTP/1.1\r\n{lines}\r\n".encode() + body)
    await eventually(lambda: slow_gateway.coalescer.waiting == 1)
    writer.close()
    await writer.wait_closed()
    await slow_gateway.deliver(order.order_id, "completed")
    assert await order.signals() == [["processing"], ["bridging", "completed"]]


async def test_a_stopping_gateway_sends_and_answers_waiting_webhooks(gateway_temporal, ledger, order):
    async with running_gateway(gateway_temporal, ledger, window=60) as gateway:
        await gateway.deliver(order.order_id, "processing")
        waiting = gateway.start_delivery(order.order_id, "bridging")
        await eventually(lambda: gateway.coalescer.waiting == 1)
        gateway.coalescer.release()
        assert (await waiting).json() == {"status": "handed_over"}
    assert await order.signals() == [["processing"], ["bridging"]]
    assert gateway.coalescer.idle
