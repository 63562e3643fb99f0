"""Responses while Temporal or the ledger is down: never a 2xx for a webhook that neither has."""

import asyncio
import shutil
import sqlite3
from contextlib import closing, suppress

import pytest
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.gateway.coalescer import MAX_ENVELOPES
from baton.gateway.signals import SignalSender, TemporalSilent
from baton.ledger.ledger import Ledger
from baton.process.http_server import address_of, listen
from tests.eventually import eventually
from tests.gateway.world import event_of, open_order, running_gateway, start_temporal


def is_retry_later(response, *codes):
    return (
        response.status_code == 503
        and response.json()["error"]["code"] in codes
        and int(response.headers["retry-after"]) > 0
    )


@pytest.fixture
async def unreachable():
    """A client of a Temporal server that does not run."""
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return await Client.connect(f"127.0.0.1:{port}", lazy=True)


async def test_while_temporal_is_down_a_webhook_gets_a_503(unreachable, ledger, order):
    async with running_gateway(unreachable, ledger) as gateway:
        response = await gateway.deliver(order.order_id, "completed")
    assert is_retry_later(response, "not_handed_over")
    assert await ledger.deliveries(workflow_id=order.handle.id) == []


async def test_a_redelivered_webhook_is_accepted_once_temporal_is_back(ledger, tmp_path):
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = {"port": port, "dev_server_database_filename": str(tmp_path / "temporal.db")}
    async with await start_temporal(**server) as environment:
        order = await open_order(environment.client)
    await ledger.index_order("default", order.order_id, order.handle.id)
    async with running_gateway(environment.client, ledger, timeout=0.2) as gateway:
        assert is_retry_later(await gateway.deliver(order.order_id, "completed"), "not_handed_over")
        async with await start_temporal(**server):
            # As Orchestra does: deliver again until it is accepted.
            assert await eventually(lambda: accepted(gateway, order))


async def accepted(gateway, order):
    response = await gateway.deliver(order.order_id, "completed")
    return response.json() == {"status": "handed_over"}


async def test_a_silent_temporal_server_gives_a_503_after_the_timeout(ledger, order):
    with closing(listen("127.0.0.1", 0)) as silent:
        client = await Client.connect(address_of(silent).removeprefix("http://"), lazy=True)
        async with running_gateway(client, ledger, timeout=0.2) as gateway:
            assert is_retry_later(await gateway.deliver(order.order_id, "completed"), "not_handed_over")


async def test_webhooks_of_one_order_do_not_wait_for_each_others_timeouts(ledger, order, gateway_temporal):
    signals, timed_out = 0, asyncio.Event()

    async def silent(_workflow_id, _envelopes):
        nonlocal signals
        signals += 1
        await timed_out.wait()
        raise TemporalSilent("Temporal did not answer within 5 s")

    async with running_gateway(gateway_temporal, ledger, send=silent, window=60) as gateway:
        first = gateway.start_delivery(order.order_id, "processing")
        await eventually(lambda: signals == 1)
        waiting = [gateway.start_delivery(order.order_id, f"status_{number}") for number in range(2 * MAX_ENVELOPES)]
        await eventually(lambda: gateway.coalescer.waiting == len(waiting))
        timed_out.set()
        responses = await asyncio.gather(first, *waiting)
    assert all(is_retry_later(response, "not_handed_over") for response in responses)
    assert signals == 1


async def test_a_missing_namespace_gives_a_503_and_no_late_status(gateway_temporal, ledger, order):
    target = gateway_temporal.service_client.config.target_host
    client = await Client.connect(target, namespace="missing", lazy=True)
    async with running_gateway(client, ledger) as gateway:
        assert is_retry_later(await gateway.deliver(order.order_id, "completed"), "not_handed_over")
    assert await ledger.transitions(order.handle.id) == []


async def test_a_sub_object_that_temporal_would_refuse_is_cut_and_signalled(gateway, order):
    # Within the limit of a body, but written as JSON it is more than Temporal accepts: 1e9 becomes 1000000000.0.
    body = event_of(order.order_id, "bridging", swap={"legs": []}).replace(
        b"[]", b"[%b]" % b",".join([b"1e9"] * 200_000)
    )
    assert (await gateway.post(body)).status_code == 200
    assert await order.signals() == [["bridging"]]


async def test_every_webhook_of_a_failed_signal_gets_a_503(unreachable, ledger, order, gateway_temporal):
    calls = 0

    async def fails_after_the_first(workflow_id, envelopes):
        nonlocal calls
        calls += 1
        await SignalSender(gateway_temporal if calls == 1 else unreachable)(workflow_id, envelopes)

    async with running_gateway(unreachable, ledger, send=fails_after_the_first, window=60) as gateway:
        assert (await gateway.deliver(order.order_id, "processing")).status_code == 200
        waiting = [gateway.start_delivery(order.order_id, status) for status in ("bridging", "swapping")]
        await eventually(lambda: gateway.coalescer.waiting == 2)
        responses = await asyncio.gather(*waiting, gateway.deliver(order.order_id, "completed"))
    assert all(is_retry_later(response, "not_handed_over") for response in responses)
    assert await order.signals() == [["processing"]]


async def test_while_the_ledger_is_down_a_webhook_gets_a_503(gateway_temporal, tmp_path):
    folder = tmp_path / "ledger"
    folder.mkdir()
    async with await Ledger.open(f"sqlite:///{folder / 'ledger.db'}", timeout=0.5) as ledger:
        await ledger.close()
        shutil.rmtree(folder)
        async with running_gateway(gateway_temporal, ledger) as gateway:
            assert is_retry_later(await gateway.deliver("ord_any", "completed"), "ledger_unavailable")


@pytest.fixture
async def read_only(tmp_path, gateway_temporal):
    """A ledger that can be read but not written, and an open order in it."""
    file = tmp_path / "ledger.db"
    order = await open_order(gateway_temporal)
    async with await Ledger.open(f"sqlite:///{file}") as ledger:
        await ledger.index_order("default", order.order_id, order.handle.id)
    async with await Ledger.open(f"sqlite:///{file}", timeout=0.5) as ledger:
        with closing(sqlite3.connect(file, isolation_level=None)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            yield ledger, order
        with suppress(Exception):
            await order.handle.terminate()


async def test_a_webhook_that_temporal_has_gets_a_200_even_if_not_recorded(read_only, gateway_temporal):
    ledger, order = read_only
    with capture_logs() as lines:
        async with running_gateway(gateway_temporal, ledger) as gateway:
            response = await gateway.deliver(order.order_id, "completed")
    assert (response.status_code, response.json()) == (200, {"status": "handed_over"})
    assert await order.signals() == [["completed"]]
    # The counts of webhooks wait for the same ledger, and say so in lines of their own.
    assert [line["event"] for line in lines if not line["event"].startswith("counts of webhooks")] == [
        "webhook handed over",
        "deliveries wait for the ledger",
        "deliveries not recorded, because the ledger is unavailable",
    ]


async def test_an_unclaimed_or_late_webhook_gets_a_503_if_not_recorded(read_only, gateway_temporal):
    ledger, order = read_only
    async with running_gateway(gateway_temporal, ledger) as gateway:
        unknown = await gateway.deliver("ord_unknown", "completed")
        assert is_retry_later(unknown, "ledger_unavailable", "not_handed_over")
        await order.close()
        late = await gateway.deliver(order.order_id, "completed")
        # On a slow machine the whole hand-over may run out of time before the ledger does.
        assert is_retry_later(late, "ledger_unavailable", "not_handed_over")


async def test_an_internal_error_gets_a_500_without_its_message(gateway_temporal, ledger, order):
    async def broken(workflow_id, envelopes):
        raise LookupError("a private detail")

    async with running_gateway(gateway_temporal, ledger, send=broken) as gateway:
        response = await gateway.deliver(order.order_id, "completed")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal_error")
    assert "private" not in response.text
