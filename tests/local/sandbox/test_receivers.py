"""Posts to receivers of webhooks: connections are kept, and each failure has its name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from baton.local.sandbox.engine import receivers as module
from baton.local.sandbox.engine.receivers import Receivers

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Receiver:
    """A server that gives the same bytes as its answer to every request."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.url = ""
        self.connections = 0
        self.requests: list[bytes] = []
        self.kept: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.kept.append(writer)
        while not reader.at_eof():
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(5)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            self.requests.append(head + body)
            writer.write(self.answer)


@pytest.fixture
async def receivers() -> AsyncIterator[Receivers]:
    under_test = Receivers(timeout=5)
    yield under_test
    await under_test.close()


@asynccontextmanager
async def receiver(answer: bytes = OK) -> AsyncIterator[Receiver]:
    running = Receiver(answer)
    server = await asyncio.start_server(running.serve, "127.0.0.1", 0)
    running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?a=b"
    try:
        yield running
    finally:
        server.close()
        for writer in running.kept:
            writer.close()


async def post(receivers: Receivers, url: str) -> int:
    return await receivers.post(url, b"hello", {"X-Signed": "yes"})


async def test_two_posts_share_a_connection(receivers: Receivers) -> None:
    async with receiver() as running:
        assert [await post(receivers, running.url), await post(receivers, running.url)] == [200, 200]
        assert running.connections == 1
    first, second = running.requests
    assert first == second
    assert first.startswith(b"POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nContent-Length: 5\r\nX-Signed: yes\r\n\r\nhello" in first


async def test_a_connection_that_the_receiver_closed_is_replaced(receivers: Receivers) -> None:
    async with receiver() as running:
        await post(receivers, running.url)
        running.kept[0].close()
        assert await post(receivers, running.url) == 200
        assert running.connections == 2


async def test_a_connection_that_was_idle_for_long_is_replaced(
    receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 0.0)
    async with receiver() as running:
        assert [await post(receivers, running.url), await post(receivers, running.url)] == [200, 200]
        assert running.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
    ],
)
async def test_an_answer_of_another_kind_is_taken_and_its_connection_closed(
    receivers: Receivers, answer: bytes
) -> None:
    async with receiver(answer) as running:
        assert [await post(receivers, running.url), await post(receivers, running.url)] == [200, 200]
        assert running.connections == 2


async def test_a_redirect_is_not_followed(receivers: Receivers) -> None:
    async with receiver(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n") as running:
        assert await post(receivers, running.url) == 302
        assert len(running.requests) == 1


async def test_an_interim_answer_is_followed_by_the_final_one(receivers: Receivers) -> None:
    async with receiver(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK) as running:
        assert await post(receivers, running.url) == 200


async def test_a_receiver_that_does_not_answer_is_given_up() -> None:
    async with receiver(b"HTTP/1.1 200") as running:
        with pytest.raises(httpx.ReadTimeout):
            await post(Receivers(timeout=0.05), running.url)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"220 smtp.example ESMTP\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 2000 OK\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Long: x\r\n" * 10_000, httpx.RemoteProtocolError),
    ],
)
async def test_an_answer_that_is_not_http_is_named_so(
    receivers: Receivers, answer: bytes, failure: type[Exception]
) -> None:
    async with receiver(answer) as running:
        with pytest.raises(failure):
            await post(receivers, running.url)


async def test_a_port_where_nobody_listens_is_named_so(receivers: Receivers) -> None:
    async with receiver() as running:
        pass
    with pytest.raises(httpx.ConnectError):
        await post(receivers, running.url)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http:///hook", "hook"])
async def test_a_url_that_names_no_receiver_is_refused(receivers: Receivers, url: str) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await post(receivers, url)
