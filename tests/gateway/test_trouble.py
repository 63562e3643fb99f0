"""What the gateway answers when something behind it does not: never 2xx for what nobody has."""

import asyncio
import shutil
import sqlite3
from contextlib import closing, suppress

import pytest
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.gateway.signals import SignalSender
from baton.ledger.ledger import Ledger
from baton.process.http_server import address_of, listen
from tests.eventually import eventually
from tests.gateway.world import event_of, open_order, running_gateway, start_temporal


def refused_for_now(response, code):
    return (
        response.status_code == 503
        and response.json()["error"]["code"] == code
        and int(response.headers["retry-after"]) > 0
    )


@pytest.fixture
async def nowhere():
    """A client of a Temporal server that is not there."""
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return await Client.connect(f"127.0.0.1:{port}", lazy=True)


async def test_without_temporal_a_webhook_is_asked_for_again(nowhere, ledger, order):
    async with running_gateway(nowhere, ledger) as gateway:
        response = await gateway.tell(order.order_id, "completed")
    assert refused_for_now(response, "not_handed_over")
    assert await ledger.deliveries(workflow_id=order.handle.id) == []


async def test_a_webhook_passes_once_temporal_is_back(ledger, tmp_path):
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    where = {"port": port, "dev_server_database_filename": str(tmp_path / "temporal.db")}
    async with await start_temporal(**where) as environment:
        order = await open_order(environment.client)
    await ledger.index_order("default", order.order_id, order.handle.id)
    async with running_gateway(environment.client, ledger, patience=0.2) as gateway:
        assert refused_for_now(await gateway.tell(order.order_id, "completed"), "not_handed_over")
        async with await start_temporal(**where):
            # As Orchestra does: deliver again until it is taken.
            assert await eventually(lambda: taken(gateway, order))


async def taken(gateway, order):
    response = await gateway.tell(order.order_id, "completed")
    return response.json() == {"status": "handed_over"}


async def test_a_server_that_never_answers_is_not_waited_for(ledger, order):
    with closing(listen("127.0.0.1", 0)) as silent:
        client = await Client.connect(address_of(silent).removeprefix("http://"), lazy=True)
        async with running_gateway(client, ledger, patience=0.2) as gateway:
            assert refused_for_now(await gateway.tell(order.order_id, "completed"), "not_handed_over")


async def test_a_missing_namespace_is_trouble_and_not_a_closed_order(gateway_temporal, ledger, order):
    target = gateway_temporal.service_client.config.target_host
    client = await Client.connect(target, namespace="missing", lazy=True)
    async with running_gateway(client, ledger) as gateway:
        assert refused_for_now(await gateway.tell(order.order_id, "completed"), "not_handed_over")
    assert await ledger.transitions(order.handle.id) == []


async def test_a_signal_that_temporal_refuses_is_trouble_and_not_a_closed_order(gateway, ledger, order):
    # Within the limit of a body, but written out it is more than Temporal takes: 1e9 becomes 1000000000.0.
    body = event_of(order.order_id, "bridging", swap={"legs": []}).replace(
        b"[]", b"[%b]" % b",".join([b"1e9"] * 200_000)
    )
    assert refused_for_now(await gateway.post(body), "not_handed_over")
    assert await ledger.transitions(order.handle.id) == []


async def test_all_that_a_failed_signal_carried_are_asked_for_again(nowhere, ledger, order, gateway_temporal):
    calls = 0

    async def once_then_lost(workflow_id, envelopes):
        nonlocal calls
        calls += 1
        await SignalSender(gateway_temporal if calls == 1 else nowhere)(workflow_id, envelopes)

    async with running_gateway(nowhere, ledger, hand_over=once_then_lost, window=60) as gateway:
        assert (await gateway.tell(order.order_id, "processing")).status_code == 200
        held = [gateway.telling(order.order_id, status) for status in ("bridging", "swapping")]
        await eventually(lambda: gateway.coalescer.waiting == 2)
        answers = await asyncio.gather(*held, gateway.tell(order.order_id, "completed"))
    assert all(refused_for_now(answer, "not_handed_over") for answer in answers)
    assert await order.signals() == [["processing"]]


async def test_without_the_ledger_a_webhook_is_asked_for_again(gateway_temporal, tmp_path):
    folder = tmp_path / "ledger"
    folder.mkdir()
    async with await Ledger.open(f"sqlite:///{folder / 'ledger.db'}", timeout=0.5) as ledger:
        await ledger.close()
        shutil.rmtree(folder)
        async with running_gateway(gateway_temporal, ledger) as gateway:
            assert refused_for_now(await gateway.tell("ord_any", "completed"), "ledger_unavailable")


@pytest.fixture
async def read_only(tmp_path, gateway_temporal):
    """A ledger that finds but cannot write, and an open order in it."""
    file = tmp_path / "ledger.db"
    async with await Ledger.open(f"sqlite:///{file}", timeout=0.2) as ledger:
        order = await open_order(gateway_temporal)
        await ledger.index_order("default", order.order_id, order.handle.id)
        with closing(sqlite3.connect(file, isolation_level=None)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            yield ledger, order
        with suppress(Exception):
            await order.handle.terminate()


async def test_a_delivery_that_cannot_be_recorded_is_answered_all_the_same(read_only, gateway_temporal):
    ledger, order = read_only
    with capture_logs() as lines:
        async with running_gateway(gateway_temporal, ledger) as gateway:
            response = await gateway.tell(order.order_id, "completed")
    assert (response.status_code, response.json()) == (200, {"status": "handed_over"})
    assert await order.signals() == [["completed"]]
    assert [line["event"] for line in lines] == ["webhook handed over", "delivery not recorded"]


async def test_what_only_the_ledger_could_keep_is_asked_for_again(read_only, gateway_temporal):
    ledger, order = read_only
    async with running_gateway(gateway_temporal, ledger) as gateway:
        assert refused_for_now(await gateway.tell("ord_unheard", "completed"), "ledger_unavailable")
        await order.close()
        assert refused_for_now(await gateway.tell(order.order_id, "completed"), "ledger_unavailable")


async def test_a_failure_of_our_own_is_told_without_its_words(gateway_temporal, ledger, order):
    async def broken(workflow_id, envelopes):
        raise LookupError("the words of the failure")

    async with running_gateway(gateway_temporal, ledger, hand_over=broken) as gateway:
        response = await gateway.tell(order.order_id, "completed")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal_error")
    assert "words" not in response.text
