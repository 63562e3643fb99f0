"""Bursts of webhooks over real HTTP: few signals, every answer true, nothing out of order."""

import asyncio
import time

import pytest

from baton.orchestra.webhooks import signed_headers
from tests.eventually import eventually
from tests.gateway.world import SECRET, event_of, running_gateway


@pytest.fixture
async def patient(gateway_temporal, ledger):
    """A gateway whose window outlasts every test."""
    async with running_gateway(gateway_temporal, ledger, window=60) as running:
        yield running


async def test_a_burst_of_progress_and_its_end_cost_two_signals(patient, order):
    first = await patient.tell(order.order_id, "processing")
    held = []
    for count, status in enumerate(("confirming", "bridging", "swapping", "delivering"), start=1):
        held.append(patient.telling(order.order_id, status))
        await eventually(lambda count=count: patient.coalescer.waiting == count)
    assert not any(task.done() for task in held)
    answers = [first, *await asyncio.gather(*held, patient.tell(order.order_id, "completed"))]
    assert [answer.json() for answer in answers] == [{"status": "handed_over"}] * 6
    assert await order.signals() == [
        ["processing"],
        ["confirming", "bridging", "swapping", "delivering", "completed"],
    ]


async def test_every_webhook_of_a_burst_is_recorded_as_a_delivery(patient, order, ledger):
    await patient.tell(order.order_id, "processing")
    held = patient.telling(order.order_id, "bridging")
    await eventually(lambda: patient.coalescer.waiting == 1)
    await asyncio.gather(held, patient.tell(order.order_id, "completed"))

    async def all_recorded():
        rows = await ledger.deliveries(workflow_id=order.handle.id)
        return sorted(row.status for row in rows) == ["bridging", "completed", "processing"]

    await eventually(all_recorded)


async def test_an_order_that_closed_meanwhile_makes_all_that_waited_late(patient, order, ledger):
    await patient.tell(order.order_id, "processing")
    held = patient.telling(order.order_id, "bridging")
    await eventually(lambda: patient.coalescer.waiting == 1)
    await order.close()
    answers = await asyncio.gather(held, patient.tell(order.order_id, "completed"))
    assert [answer.json() for answer in answers] == [{"status": "late"}] * 2
    assert {told.status for told in await ledger.transitions(order.handle.id)} == {"bridging", "completed"}


async def test_a_caller_that_hangs_up_while_it_waits_loses_nothing(patient, order):
    await patient.tell(order.order_id, "processing")
    body = event_of(order.order_id, "bridging")
    host, port = patient.address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    headers = signed_headers(SECRET, int(time.time() * 1000), body) | {
        "Host": "gateway",
        "Content-Length": str(len(body)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST /webhooks/orchestra/default HTTP/1.1\r\n{lines}\r\n".encode() + body)
    await eventually(lambda: patient.coalescer.waiting == 1)
    writer.close()
    await writer.wait_closed()
    await patient.tell(order.order_id, "completed")
    assert await order.signals() == [["processing"], ["bridging", "completed"]]


async def test_a_stopping_gateway_hands_over_what_waits_and_answers_it(gateway_temporal, ledger, order):
    async with running_gateway(gateway_temporal, ledger, window=60) as gateway:
        await gateway.tell(order.order_id, "processing")
        held = gateway.telling(order.order_id, "bridging")
        await eventually(lambda: gateway.coalescer.waiting == 1)
        gateway.coalescer.release()
        assert (await held).json() == {"status": "handed_over"}
    assert await order.signals() == [["processing"], ["bridging"]]
    assert gateway.coalescer.idle
