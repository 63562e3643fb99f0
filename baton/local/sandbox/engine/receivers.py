"""Posts webhooks to their receivers, over connections that are kept for a moment.

Only the status of an answer counts, so an HTTP library, which would be half of what the sandbox costs, is not needed.
Failures are httpx's errors, which name them for people.
"""

import asyncio
import functools
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import httpx

KEPT = 1.0
"""Seconds that an idle connection is kept; receivers keep theirs for longer."""

_LARGEST_BODY = 64 * 1024
"""Bytes of an answer that are read to keep its connection."""


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int


class _Answer(NamedTuple):
    status: int
    length: int | None
    """Bytes of the body; None if the connection cannot be kept."""


@dataclass(eq=False)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float = 0.0

    async def exchange(self, request: bytes) -> _Answer:
        """Send a request, and read its answer."""
        self.writer.write(request)
        answer = _parse(await self.reader.readuntil(b"\r\n\r\n"))
        while 100 <= answer.status < 200:
            answer = _parse(await self.reader.readuntil(b"\r\n\r\n"))
        if answer.length:
            await self.reader.readexactly(answer.length)
        return answer

    def close(self) -> None:
        self.writer.close()


class Receivers:
    """The receivers of webhooks.

    Args:
        timeout: Seconds that a receiver has to answer.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._idle: dict[_Origin, list[_Connection]] = {}

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post a body; return the status of the answer. A redirect is not followed.

        Raises:
            httpx.InvalidURL: The URL cannot be read.
            httpx.HTTPError: The receiver cannot be reached, or did not answer.
        """
        origin, target = _parts(url)
        request = _request(origin, target, body, headers)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._post(origin, request)
        except TimeoutError:
            raise httpx.ReadTimeout(f"no answer within {self._timeout:g} s") from None
        except (EOFError, OSError) as error:
            raise httpx.ReadError(str(error)) from None
        except (ValueError, asyncio.LimitOverrunError) as error:
            raise httpx.RemoteProtocolError(str(error)) from None

    async def _post(self, origin: _Origin, request: bytes) -> int:
        if kept := self._take(origin):
            # It may be closed at this moment; whatever else is wrong shows again on a new connection.
            with suppress(EOFError, OSError):
                return await self._exchange(origin, kept, request)
        return await self._exchange(origin, await _connect(origin), request)

    async def _exchange(self, origin: _Origin, connection: _Connection, request: bytes) -> int:
        try:
            answer = await connection.exchange(request)
        except BaseException:
            connection.close()
            raise
        if answer.length is None:
            connection.close()
        else:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.setdefault(origin, []).append(connection)
        return answer.status

    async def close(self) -> None:
        """Close every idle connection."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def _take(self, origin: _Origin) -> _Connection | None:
        now, idle = asyncio.get_running_loop().time(), self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if now - connection.idle_since < KEPT and not connection.reader.at_eof():
                return connection
            connection.close()
        return None


@functools.lru_cache(maxsize=64)
def _parts(url: str) -> tuple[_Origin, str]:
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise httpx.UnsupportedProtocol("a webhook's URL begins with http:// or https:// and names a host")
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    return _Origin(parsed.scheme, parsed.host, port), parsed.raw_path.decode("ascii")


async def _connect(origin: _Origin) -> _Connection:
    try:
        tls = _certificates() if origin.scheme == "https" else None
        return _Connection(*await asyncio.open_connection(origin.host, origin.port, ssl=tls))
    except OSError as error:
        raise httpx.ConnectError(str(error)) from None


@functools.cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(origin: _Origin, target: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    lines = [
        f"POST {target} HTTP/1.1",
        f"Host: {host}:{origin.port}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _parse(head: bytes) -> _Answer:
    """Return what the head of an answer says.

    Raises:
        ValueError: It is no head of an HTTP answer.
    """
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status, *_ = first.split(" ")
    if not version.startswith("HTTP/1.") or len(status) != 3:
        raise ValueError("the receiver does not speak HTTP/1.1")
    fields = {name.strip().lower(): value.strip().lower() for name, _, value in (line.partition(":") for line in lines)}
    length = fields.get("content-length", "")
    kept = length.isdecimal() and int(length) <= _LARGEST_BODY and "close" not in fields.get("connection", "")
    return _Answer(int(status), int(length) if kept else None)
