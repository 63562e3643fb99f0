"""HTTP calls with bounds, for every API that Baton calls: a time limit, a size limit, and errors that quote no URL.

The callers keep their own trees of errors; what they share is here. Nothing is retried, which is the caller's decision.
"""

import asyncio
import functools
import re
import ssl
from collections.abc import Awaitable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx

T = TypeVar("T")

# Nine digits are 31 years; a bound keeps float() away from input that only costs time, and from infinity.
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class NoResponse(Exception):
    """The call failed before its answer was complete. The text never quotes the URL, which may hold a key.

    Attributes:
        timed_out: Whether the time ran out; otherwise the connection failed.
    """

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


@functools.cache
def certificates() -> ssl.SSLContext:
    """Return the authorities that httpx trusts, for all clients of the process: loading them takes 20 ms."""
    return httpx.create_ssl_context()


@functools.cache
def system_certificates() -> ssl.SSLContext:
    """Return the authorities that this machine trusts, for all clients of the process: a business may have its own."""
    return ssl.create_default_context()


async def within(seconds: float, step: Awaitable[T]) -> T:
    """Return what one step of a call returns, unless it takes too long.

    Args:
        seconds: How long the whole step may take, whatever httpx's own timeouts allow.
        step: The step, such as sending a request or reading a body.

    Raises:
        NoResponse: The time ran out, or the connection failed.
    """
    try:
        async with asyncio.timeout(seconds):
            return await step
    except (TimeoutError, httpx.TimeoutException):
        failure = NoResponse(f"no answer within {seconds:g} s", timed_out=True)
    except httpx.ConnectError:
        failure = NoResponse("the host could not be reached")
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
        failure = NoResponse(f"the connection failed ({type(error).__name__})")
    # Raised outside the handlers, so that no error in its chain quotes the URL.
    raise failure


async def read_body(response: httpx.Response, limit: int) -> bytes | None:
    """Return the body of a streamed response; None as soon as it is larger than `limit` bytes.

    Raises:
        httpx.HTTPError: The connection failed, or the body's encoding is broken (`httpx.DecodingError`).
    """
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


def http_date(value: str | None) -> datetime | None:
    """Return the time that a header such as `Date` gives; None when it cannot be read."""
    try:
        time = parsedate_to_datetime(value) if value else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # A date of zone -0000 is read as a naive one; it is in UTC.
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks to wait; None when it is missing or cannot be read.

    Args:
        value: The header's value: seconds, or a date.
        now: The present time by the server's clock where it is known, with a time zone.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    date = http_date(text)
    return None if date is None else max((date - now).total_seconds(), 0.0)
