"""The writes of one connection: the head of a response goes out in one packet with the part of the body behind it.

uvicorn writes them one after the other, and asyncio sends each write at once: twice the work here, and for the caller.
"""

import asyncio
from typing import Any

_HEAD = b"HTTP/1."
_MOST_JOINED = 64 * 1024
"""Bytes of a body that are copied behind its head; more fill packets of their own."""


class JoinedWrites:
    """A transport that keeps a head back until the next write, or until the event loop turns to something else.

    Args:
        transport: The transport of the connection; it does everything else.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self.is_closing = transport.is_closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a part of a response."""
        if self._head is not None and len(data) <= _MOST_JOINED:
            head, self._head = self._head, None
            self._transport.write(head + data)
            return
        self._flush()
        if isinstance(data, bytes) and data.startswith(_HEAD):
            self._head = data
            asyncio.get_running_loop().call_soon(self._flush)
        else:
            self._transport.write(data)

    def write_eof(self) -> None:
        """Send what was kept back, and nothing after it."""
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what was kept back, then close the connection."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._head = None
        self._transport.abort()

    def _flush(self) -> None:
        head, self._head = self._head, None
        if head is not None:
            self._transport.write(head)
