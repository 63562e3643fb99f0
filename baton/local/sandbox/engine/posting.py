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

_FAILURES: Mapping[type[Exception], str] = {
    aiohttp.ClientSSLError: "CertificateError",
    aiohttp.ClientConnectorError: "ConnectError",
    TimeoutError: "Timeout",
    aiohttp.ClientConnectionError: "ReadError",
    aiohttp.ClientPayloadError: "ReadError",
    aiohttp.NonHttpUrlClientError: "InvalidURL",
    ValueError: "InvalidURL",
}
"""What the failures are called, the narrower ones first."""


class NotDelivered(Exception):
    """The receiver gave no whole answer. The text is the kind of failure."""


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

        Where a connection breaks before an answer, the receiver may have closed it after the call before, so the
        webhook is posted once more. Receivers know that a webhook may come twice.

        Raises:
            NotDelivered: There was no whole answer in time, or the URL cannot be used.
        """
        try:
            return await self._post_again_if_closed(url, body, headers)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NotDelivered(_kind(error)) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _post_again_if_closed(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            return await self._post(url, body, headers)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
            return await self._post(url, body, headers)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        async with self._opened().post(url, data=body, headers=headers, allow_redirects=False) as answer:
            left = _ANSWER
            while left > 0 and (part := await answer.content.read(left)):
                left -= len(part)
            return answer.status

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, which can only be opened once an event loop runs."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE, ssl=certificates())
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self._session


def _kind(error: Exception) -> str:
    return next((name for kind, name in _FAILURES.items() if isinstance(error, kind)), "ProtocolError")
