"""A server that speaks as much HTTP/2 and gRPC as it takes to refuse every call with one status."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

_PREFACE = 24
_DATA, _HEADERS, _SETTINGS, _PING = 0, 1, 4, 6
_ACK, _END_HEADERS, _END_STREAM = 1, 4, 1


@asynccontextmanager
async def denying_server(status: int, message: str) -> AsyncIterator[str]:
    """Serve on a free port; yield the address."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _refuse_all(reader, writer, status, message)

    async with _serving(refuse) as address:
        yield address


@asynccontextmanager
async def silent_server(reply: bytes = b"") -> AsyncIterator[str]:
    """Accept connections and answer nothing, or the same bytes to whatever comes; yield the address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100 if reply else -1)
        writer.write(reply)

    async with _serving(answer) as address:
        yield address


@asynccontextmanager
async def _serving(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield "{}:{}".format(*server.sockets[0].getsockname())


async def _refuse_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int, message: str) -> None:
    await reader.readexactly(_PREFACE)
    writer.write(_frame(_SETTINGS, 0, 0))
    while True:
        head = await reader.readexactly(9)
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
        if kind in (_SETTINGS, _PING) and not flags & _ACK:
            writer.write(_frame(kind, _ACK, 0, payload if kind == _PING else b""))
        if kind in (_HEADERS, _DATA) and flags & _END_STREAM:
            writer.write(_frame(_HEADERS, _END_HEADERS | _END_STREAM, stream, _answer(status, message)))


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def _answer(status: int, message: str) -> bytes:
    fields = {"content-type": "application/grpc", "grpc-status": str(status), "grpc-message": message}
    return b"\x88" + b"".join(b"\x00" + _text(name) + _text(value) for name, value in fields.items())


def _text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode()
