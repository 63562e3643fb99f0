"""Posting webhooks: what counts as delivered, and how failures are called."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from baton.local.sandbox.engine.posting import NotDelivered, Poster

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]

WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Receivers:
    """Serves an answer to each request.

    Attributes:
        connections: How many connections were opened.
        requests: How many requests came.
    """

    def __init__(self, answer: Answer, *, closes: bool) -> None:
        self.connections = self.requests = 0
        self._answer, self._closes = answer, closes

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(2)
                self.requests += 1
                await self._answer(writer)
                if self._closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(answer: Answer, *, closes: bool = False) -> AsyncIterator[tuple[str, Receivers]]:
    receivers = Receivers(answer, closes=closes)
    server = await asyncio.start_server(receivers.serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", receivers
    finally:
        server.close()


@pytest.fixture
async def poster() -> AsyncIterator[Poster]:
    opened = Poster(timeout=0.5)
    yield opened
    await opened.close()


async def whole(writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE)


async def in_two_parts(writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE[:-1])
    await writer.drain()
    await asyncio.sleep(0.01)
    writer.write(WHOLE[-1:])


async def cut_off(writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE[:-1])


async def nothing(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello\r\n\r\n")


async def test_a_receiver_that_closes_each_connection_gets_every_webhook(poster: Poster) -> None:
    async with receiving(whole, closes=True) as (url, receivers):
        statuses = [await poster.post(url, b"{}", {}) for _ in range(50)]
    assert statuses == [200] * 50
    assert receivers.requests >= 50


async def test_an_answer_in_two_parts_keeps_its_connection(poster: Poster) -> None:
    async with receiving(in_two_parts) as (url, receivers):
        statuses = [await poster.post(url, b"{}", {}) for _ in range(5)]
    assert statuses == [200] * 5
    assert receivers.connections == 1


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(cut_off, "ReadError"), (nothing, "Timeout"), (no_http, "ProtocolError")],
    ids=["cut off", "none", "not HTTP"],
)
async def test_what_is_no_whole_answer_does_not_count(poster: Poster, answer: Answer, failure: str) -> None:
    async with receiving(answer, closes=True) as (url, _):
        with pytest.raises(NotDelivered, match=failure):
            await poster.post(url, b"{}", {})


@pytest.mark.parametrize("url", ["http://[::1", "ftp://127.0.0.1/", "nowhere", "http://"])
async def test_an_address_that_is_no_url_is_named_as_such(poster: Poster, url: str) -> None:
    with pytest.raises(NotDelivered, match="InvalidURL"):
        await poster.post(url, b"{}", {})


async def test_a_receiver_that_is_not_there_is_named_as_such(poster: Poster) -> None:
    async with receiving(whole) as (url, _):
        pass
    with pytest.raises(NotDelivered, match="ConnectError"):
        await poster.post(url, b"{}", {})
