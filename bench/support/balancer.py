"""A load balancer for gateways on loopback: it forwards TCP connections to those whose `/readyz` answers 200.

It knows nothing of HTTP beyond that check, as a Service of Kubernetes does: a connection stays with its gateway until
one side closes it. Only a refused connection is tried elsewhere, because then nothing of a request was sent.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from baton.local.child_process import Probe
from baton.local.stack.ports import LOOPBACK
from baton.local.stack.probes import http_ok

CHECK_SECONDS = 0.2
"""Seconds between two checks of a gateway."""

_PATIENCE = 5.0
"""Seconds that a new connection waits for a ready gateway."""
_CHUNK = 64 * 1024


class Balancer:
    """Forwards connections for as long as its `async with` block lasts.

    Args:
        port: The loopback port to listen on.
        gateways: The loopback ports of the gateways, by name.

    Attributes:
        ready: The gateways that get new connections.
        forwarded: How many connections each gateway has got.
        refused: Connections that a gateway refused, and that another one got; callers do not notice.
        unserved: Connections that were closed because no gateway took them.
    """

    def __init__(self, port: int, gateways: Mapping[str, int]) -> None:
        self._port = port
        self._gateways = gateways
        self._checks: list[asyncio.Task[None]] = []
        self._drained: set[str] = set()
        self._open = dict.fromkeys(gateways, 0)
        self._callers: set[asyncio.StreamWriter] = set()
        self.ready: set[str] = set()
        self.forwarded = dict.fromkeys(gateways, 0)
        self.refused = 0
        self.unserved = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self._port)
        probes = {name: http_ok(f"http://{LOOPBACK}:{port}/readyz") for name, port in self._gateways.items()}
        self._checks = [asyncio.create_task(self._check(name, probe)) for name, probe in probes.items()]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for check in self._checks:
            check.cancel()
        for caller in self._callers:
            caller.transport.abort()
        await asyncio.gather(*self._checks, return_exceptions=True)

    def drain(self, name: str) -> None:
        """Give a gateway no new connections, whatever it answers, until `restore`."""
        self._drained.add(name)
        self.ready.discard(name)

    def restore(self, name: str) -> None:
        """Give a gateway new connections again, once it is ready."""
        self._drained.discard(name)

    async def until_ready(self, name: str) -> None:
        """Wait until a gateway gets new connections."""
        while name not in self.ready:  # noqa: ASYNC110 the checks run on a schedule of their own
            await asyncio.sleep(CHECK_SECONDS / 4)

    async def _check(self, name: str, probe: Probe) -> None:
        while True:
            if await probe() and name not in self._drained:
                self.ready.add(name)
            else:
                self.ready.discard(name)
            await asyncio.sleep(CHECK_SECONDS)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._callers.add(writer)
        try:
            await self._forward(reader, writer)
        finally:
            self._callers.discard(writer)
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = await self._connect()
        if found is None:
            self.unserved += 1
            return
        name, from_gateway, to_gateway = found
        self.forwarded[name] += 1
        self._open[name] += 1
        try:
            await asyncio.gather(_pipe(reader, to_gateway), _pipe(from_gateway, writer))
        finally:
            self._open[name] -= 1
            to_gateway.close()

    async def _connect(self) -> tuple[str, asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Connect to the ready gateway with the fewest open connections; return None if there is none in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while True:
                    for name in sorted(self.ready, key=self._open.__getitem__):
                        try:
                            return name, *await asyncio.open_connection(LOOPBACK, self._gateways[name])
                        except OSError:
                            self.refused += 1
                            self.ready.discard(name)
                    await asyncio.sleep(CHECK_SECONDS / 4)
        return None


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the sender closes its side, then close that side of the receiver."""
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.write_eof()
