"""Posts webhooks to their receivers.

Most of what a sandbox does is posting, and aiohttp takes a seventh of httpx's time for a call. Nothing else uses it.
"""

from collections.abc import Mapping

import aiohttp

from baton.bounded_http import certificates

_KEEP_ALIVE = 1.0
"""Seconds until an idle connection is given up: well before its receiver closes it, because a call on one that closes
just then fails."""

_ANSWER = 64 * 1024
"""Bytes of an answer that are read, so that its connection can be used again; nobody looks at them."""


class NotDelivered(Exception):
    """The receiver did not answer. The text is the kind of failure."""


class Poster:
    """Posts webhooks; proxies of the environment are ignored, because they must not come between local processes.

    Args:
        timeout: Real seconds that a receiver has to answer.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Return the status of the receiver's answer; redirects are not followed.

        Raises:
            NotDelivered: There was no answer in time, or the URL cannot be used.
        """
        try:
            async with self._opened().post(url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.content.read(_ANSWER)
                return answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NotDelivered(_kind(error)) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, which can only be opened once an event loop runs."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE, ssl=certificates())
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self._session


def _kind(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "Timeout"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "ConnectError"
    return "InvalidURL" if isinstance(error, ValueError) else type(error).__name__
