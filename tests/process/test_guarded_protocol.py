"""A server with real sockets: nobody holds a connection, its memory or its log for longer than allowed."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from baton.process.connection_table import ConnectionLimits, ConnectionTable
from baton.process.guarded_protocol import ConnectionGuard
from baton.process.http_server import listen, serving
from tests.eventually import eventually
from tests.paths import ROOT

HEAD = b"POST / HTTP/1.1\r\nHost: baton\r\n"
GET = b"GET / HTTP/1.1\r\nHost: baton\r\n\r\n"


class Caller:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> bytes:
        """Return the head of the next response; empty when the server closed the connection."""
        try:
            return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""


class Server:
    """A running server whose handler waits for `finish`, when the path is `/wait`."""

    def __init__(self, port: int, guard: ConnectionGuard, finish: asyncio.Event) -> None:
        self.port = port
        self.guard = guard
        self.finish = finish
        self.callers: list[Caller] = []

    async def call(self, data: bytes = b"") -> Caller:
        """Open a connection and send these bytes."""
        caller = Caller(*await asyncio.open_connection("127.0.0.1", self.port))
        self.callers.append(caller)
        caller.writer.write(data)
        return caller

    async def waiting(self) -> Caller:
        """Open a connection with a whole request that is not answered yet."""
        before = len(self.guard.table)
        caller = await self.call(GET.replace(b" / ", b" /wait "))
        await eventually(lambda: len(self.guard.table) > before)
        return caller


@asynccontextmanager
async def server(
    *, total: int = 100, per_address: int = 100, header_timeout: float = 5, write_timeout: float = 5, size: int = 2
) -> AsyncIterator[Server]:
    finish = asyncio.Event()

    async def wait(_: Request) -> Response:
        await finish.wait()
        return Response("ok")

    async def answer(request: Request) -> Response:
        return Response(b"x" * size)

    async def headers(request: Request) -> Response:
        await request.body()
        return Response(", ".join(request.headers.keys()))

    table = ConnectionTable(ConnectionLimits(total, per_address))
    guard = ConnectionGuard(table, header_timeout=header_timeout, write_timeout=write_timeout)
    app = Starlette(
        routes=[
            Route("/wait", wait),
            Route("/headers", headers, methods=["POST"]),
            Route("/", answer, methods=["GET", "POST"]),
        ]
    )
    listener = listen("127.0.0.1", 0)
    async with serving(app, listener, grace=1, http=guard.protocol):
        running = Server(listener.getsockname()[1], guard, finish)
        try:
            yield running
        finally:
            finish.set()
            for caller in running.callers:
                caller.writer.transport.abort()


async def test_a_silent_connection_is_closed_at_the_deadline() -> None:
    async with server(header_timeout=0.1) as running:
        caller = await running.call()
        assert await caller.answer() == b""
        await eventually(lambda: len(running.guard.table) == 0)


async def drip(caller: Caller, data: bytes) -> None:
    """Send these bytes again and again until the server closes the connection, for five seconds at most."""
    async with asyncio.timeout(5):
        while not caller.writer.transport.is_closing():
            caller.writer.write(data)
            await asyncio.sleep(0.02)


async def test_headers_that_drip_in_do_not_extend_the_deadline() -> None:
    async with server(header_timeout=0.3) as running:
        await drip(await running.call(HEAD), b"X-A: b\r\n")


async def test_a_body_that_drips_in_after_the_response_ends_at_the_deadline() -> None:
    async with server(header_timeout=0.3) as running:
        caller = await running.call(HEAD + b"Content-Length: 100000\r\n\r\n")
        assert (await caller.answer()).startswith(b"HTTP/1.1 200 ")
        await drip(caller, b"x")


async def test_a_running_request_may_take_longer_than_the_deadline() -> None:
    async with server(header_timeout=0.1) as running:
        waiting, silent = await running.waiting(), await running.call()
        assert await silent.answer() == b""
        running.finish.set()
        assert (await waiting.answer()).startswith(b"HTTP/1.1 200 ")


async def test_headers_without_end_are_refused() -> None:
    async with server() as running:
        caller = await running.call(HEAD + b"X-A: b\r\n" * 20_000)
        assert (await caller.answer()).startswith(b"HTTP/1.1 431 ")
        await eventually(lambda: len(running.guard.table) == 0)


async def test_headers_without_end_behind_a_running_request_are_refused() -> None:
    async with server() as running:
        caller = await running.waiting()
        caller.writer.write(HEAD + b"X-A: b\r\n" * 20_000)
        assert (await caller.answer()).startswith(b"HTTP/1.1 431 ")


async def test_headers_after_a_body_are_dropped() -> None:
    async with server() as running:
        chunked = HEAD.replace(b" / ", b" /headers ") + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
        caller = await running.call(chunked + b"X-Late: b\r\n" * 20_000 + b"\r\n")
        assert b"content-length: %d\r\n" % len("host, transfer-encoding") in await caller.answer()


async def test_requests_on_one_connection_each_have_their_own_deadline() -> None:
    async with server(header_timeout=1) as running:
        caller = await running.call()
        for _ in range(5):
            caller.writer.write(GET)
            assert (await caller.answer()).startswith(b"HTTP/1.1 200 ")
            await caller.reader.readexactly(2)
            await asyncio.sleep(0.3)


async def test_silent_connections_make_room_for_requests() -> None:
    async with server(total=20) as running:
        silent = [await running.call() for _ in range(60)]
        with capture_logs() as lines:
            for _ in range(5):
                assert (await (await running.call(GET)).answer()).startswith(b"HTTP/1.1 200 ")
        assert await silent[0].answer() == b""
        assert len(running.guard.table) == 20
    assert len(lines) <= 1


async def test_one_address_above_its_share_is_refused_with_a_503() -> None:
    async with server(total=10, per_address=3) as running:
        waiting = [await running.waiting() for _ in range(3)]
        assert (await (await running.call(GET)).answer()).startswith(b"HTTP/1.1 503 ")
        running.finish.set()
        for caller in waiting:
            assert (await caller.answer()).startswith(b"HTTP/1.1 200 ")


async def test_a_caller_that_reads_no_response_is_closed_at_the_deadline() -> None:
    async with server(write_timeout=0.2, header_timeout=30, size=30_000_000) as running:
        caller = await running.call(GET)
        caller.writer.transport.pause_reading()
        await eventually(lambda: len(running.guard.table) == 1)
        await eventually(lambda: len(running.guard.table) == 0)


OUT_OF_FILES = """
import asyncio, resource, socket, sys
from starlette.applications import Starlette
from baton.process.http_server import listen, serving
from baton.process.logs import configure_logs

async def main():
    listener = listen("127.0.0.1", 0)
    async with serving(Starlette(), listener, grace=1):
        soft = len(__import__("os").listdir("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")) + 20
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, soft))
        callers = []
        try:
            while True:
                callers.append(socket.create_connection(listener.getsockname()))
        except OSError:
            pass
        await asyncio.sleep(2.5)
        for caller in callers:
            caller.close()

configure_logs("test", style="json")
asyncio.run(main())
"""


def test_connections_that_cannot_be_accepted_are_logged_once_a_second() -> None:
    done = subprocess.run([sys.executable, "-c", OUT_OF_FILES], cwd=ROOT, capture_output=True, text=True, timeout=30)
    lines = [line for line in done.stdout.splitlines() if "no connection can be accepted" in line]
    assert 1 <= len(lines) <= 4
    assert '"left_out": ' in lines[-1] or len(lines) == 1
    assert "Traceback" not in done.stdout + done.stderr
