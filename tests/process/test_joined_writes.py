"""The head of a response and the body behind it go out together."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from baton.process.joined_writes import JoinedWrites

HEAD, BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n", b"body"


class Recorder(asyncio.Transport):
    """Stands for the transport of a connection; keeps what is done with it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 5000)})
        self.done: list[bytes | str] = []

    def write(self, data: Any) -> None:
        self.done.append(bytes(data))

    def write_eof(self) -> None:
        self.done.append("eof")

    def close(self) -> None:
        self.done.append("close")

    def abort(self) -> None:
        self.done.append("abort")

    def is_closing(self) -> bool:
        return "close" in self.done


async def test_a_head_and_its_body_are_one_write() -> None:
    transport = Recorder()
    joined = JoinedWrites(transport)
    joined.write(HEAD)
    joined.write(BODY)
    joined.write(BODY)
    await asyncio.sleep(0)
    assert transport.done == [HEAD + BODY, BODY]


async def test_a_large_body_is_a_write_of_its_own_whatever_its_type() -> None:
    transport = Recorder()
    joined = JoinedWrites(transport)
    joined.write(HEAD)
    joined.write(memoryview(bytes(100_000)))
    joined.write(memoryview(BODY))
    assert transport.done == [HEAD, bytes(100_000), BODY]


async def test_a_head_without_a_body_is_sent_at_once() -> None:
    transport = Recorder()
    JoinedWrites(transport).write(HEAD)
    await asyncio.sleep(0)
    assert transport.done == [HEAD]


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (JoinedWrites.close, [HEAD, "close"]),
        (JoinedWrites.write_eof, [HEAD, "eof"]),
        (JoinedWrites.abort, ["abort"]),
    ],
)
async def test_an_end_sends_the_head_before_and_an_abort_drops_it(
    end: Callable[[JoinedWrites], None], left: list[bytes | str]
) -> None:
    transport = Recorder()
    joined = JoinedWrites(transport)
    joined.write(HEAD)
    end(joined)
    await asyncio.sleep(0)
    assert transport.done == left
    assert joined.get_extra_info("peername") == ("127.0.0.1", 5000)
