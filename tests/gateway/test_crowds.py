"""Crowds before the gateway: neither silent connections nor large bodies keep a webhook out, or fill the memory.

The usual crowd is small. `BATON_TEST_CROWD=2000 pytest tests/gateway/test_crowds.py` shows the one that is promised.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from baton.ledger.ledger import Ledger
from baton.process.open_files import raise_file_limit
from tests.gateway.test_process import process, until_up
from tests.gateway.world import Gateway, open_order
from tests.http import http_client

CROWD = int(os.environ.get("BATON_TEST_CROWD", "300"))
MOST_MEMORY = 300_000_000
"""Bytes of resident memory."""
HEAD = b"POST /webhooks/orchestra/default HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1048576\r\n\r\n"
CHUNKED = HEAD.replace(b"Content-Length: 1048576", b"Transfer-Encoding: chunked")
MIXED = [b"", b"P", HEAD, HEAD + b"x" * 20_000, HEAD + b"x" * 1_040_000, CHUNKED + b"8000\r\n" + b"y" * 20_000]
"""What the connections of a mixed crowd send before they fall silent."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")


@pytest.fixture(autouse=True)
def files() -> None:
    raise_file_limit()


def memory_of(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def crowd(address: str, data: bytes = b"") -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Return a function that opens a connection and sends the data on it, for as long as it is taken."""
    host, port = address.removeprefix("http://").split(":")
    loop, sockets, sendings = asyncio.get_running_loop(), [], []

    async def join() -> None:
        opened = socket.socket()
        opened.setblocking(False)
        sockets.append(opened)
        await loop.sock_connect(opened, (host, int(port)))
        if data:
            sendings.append(asyncio.create_task(loop.sock_sendall(opened, data)))

    try:
        yield join
    finally:
        for sending in sendings:
            sending.cancel()
        await asyncio.gather(*sendings, return_exceptions=True)
        for opened in sockets:
            opened.close()


async def test_a_mixed_crowd_does_not_keep_webhooks_out(tmp_path, gateway_temporal):
    order = await open_order(gateway_temporal)
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        await ledger.index_order("default", order.order_id, order.handle.id)
    target = gateway_temporal.service_client.config.target_host
    given = {"BATON_GATEWAY_CONNECTIONS": str(CROWD // 2), "BATON_WEBHOOK_COALESCE": "0"}
    async with process(tmp_path, TEMPORAL_ADDRESS=target, **given) as running, AsyncExitStack() as stack:
        address, _ = await until_up(running)
        joins = [await stack.enter_async_context(crowd(address, data)) for data in MIXED]
        for count in range(CROWD):
            await joins[count % len(joins)]()
            if count % (CROWD // 10) == 0:
                async with http_client(base_url=address, timeout=10) as http:
                    response = await Gateway(http, address).deliver(order.order_id, "processing", n=count)
                assert response.status_code == 200
        assert memory_of(running.pid) < MOST_MEMORY


async def test_silent_connections_do_not_keep_webhooks_out(tmp_path, gateway_temporal):
    order = await open_order(gateway_temporal)
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        await ledger.index_order("default", order.order_id, order.handle.id)
    target = gateway_temporal.service_client.config.target_host
    given = {"BATON_GATEWAY_CONNECTIONS": str(CROWD // 2), "BATON_WEBHOOK_COALESCE": "0"}
    async with process(tmp_path, TEMPORAL_ADDRESS=target, **given) as running:
        address, _ = await until_up(running)
        async with http_client(base_url=address) as http, crowd(address) as join:
            for count in range(CROWD):
                await join()
                if count % (CROWD // 5) == 0:
                    response = await Gateway(http, address).deliver(order.order_id, "processing", n=count)
                    assert response.status_code == 200
            assert (await http.get("/readyz")).status_code == 200


async def test_unsigned_senders_of_large_bodies_do_not_fill_the_memory(tmp_path):
    async with process(tmp_path) as running:
        address, _ = await until_up(running)
        slowest = highest = 0.0
        async with (
            http_client(base_url=address, timeout=10) as http,
            crowd(address, HEAD + b"x" * 1_040_000) as join,
        ):
            for _ in range(CROWD):
                await join()
                began = time.monotonic()
                assert (await http.get("/healthz")).status_code == 200
                slowest = max(slowest, time.monotonic() - began)
                highest = max(highest, memory_of(running.pid))
    assert highest < MOST_MEMORY
    assert slowest < 10
