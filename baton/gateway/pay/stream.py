"""The stream that says when a payer page shows something new; the page then asks for its part."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

LOOK_EVERY = 1.5
"""Seconds between two looks at the order."""

HEARTBEAT = 15.0
"""Seconds without news after which a comment is sent, so that proxies keep the connection."""

LONGEST = 15 * 60.0
"""Seconds after which a stream ends; the page opens a new one."""

MOST_OF_ONE = 5
"""Streams of one page."""

Version = Callable[[], Awaitable[tuple[str, bool]]]
"""Returns a name for what the page shows now, and whether that is final."""


class TooManyStreams(Exception):
    """No further stream can be opened now; the page looks by itself instead."""


class StreamSlots:
    """Counts open streams.

    Args:
        most: How many there may be; fewer than the gateway's connections, which a stream keeps from everybody else.
    """

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def slot(self, page: str) -> Iterator[None]:
        """Take a stream's place until the block ends.

        Raises:
            TooManyStreams: There is none left, for all or for this page.
        """
        if self._open.total() >= self._most or self._open[page] >= MOST_OF_ONE:
            raise TooManyStreams
        self._open[page] += 1
        try:
            yield
        finally:
            self._open[page] -= 1
            self._open += Counter()


async def changes(version: Version, shown: str, stopping: asyncio.Event) -> AsyncIterator[str]:
    """Yield the events of a stream: `changed` when the page shows something else, `bye` when nothing will change.

    Args:
        version: What the page shows now.
        shown: What it showed when the stream was opened.
        stopping: Ends the stream when it is set.
    """
    silent, ends = 0.0, asyncio.get_running_loop().time() + LONGEST
    yield "retry: 3000\n\n"
    while asyncio.get_running_loop().time() < ends and not stopping.is_set():
        now, is_final = await version()
        if now != shown:
            shown, silent = now, 0.0
            yield "event: changed\ndata: 1\n\n"
        if is_final:
            yield "event: bye\ndata: 1\n\n"
            return
        if silent >= HEARTBEAT:
            silent = 0.0
            yield ": still here\n\n"
        try:
            async with asyncio.timeout(LOOK_EVERY):
                await stopping.wait()
        except TimeoutError:
            silent += LOOK_EVERY
