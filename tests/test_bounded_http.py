"""An HTTP call has a time limit and a size limit, and its failure never quotes the URL."""

import asyncio
import traceback
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from baton.bounded_http import NoResponse, http_date, read_body, retry_after, within

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = "k3y-0123456789abcdef"
URL = f"https://rpc.example.com/v2/{KEY}"


async def failing(error: Exception) -> NoResponse:
    async def step() -> None:
        raise error

    with pytest.raises(NoResponse) as failure:
        await within(5, step())
    assert KEY not in "".join(traceback.format_exception(failure.value))
    return failure.value


async def test_a_step_in_time_returns_its_result() -> None:
    assert await within(5, asyncio.sleep(0, "done")) == "done"


async def test_a_step_that_takes_too_long_is_a_timeout() -> None:
    with pytest.raises(NoResponse, match=r"no answer within 0\.01 s") as failure:
        await within(0.01, asyncio.sleep(5))
    assert failure.value.timed_out


async def test_a_timeout_of_httpx_counts_as_a_timeout() -> None:
    assert (await failing(httpx.ReadTimeout(URL))).timed_out


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError(URL), "the host could not be reached"),
        (httpx.RemoteProtocolError(URL), "the connection failed (RemoteProtocolError)"),
        (httpx.InvalidURL(URL), "the connection failed (InvalidURL)"),
        (httpx.StreamClosed(), "the connection failed (StreamClosed)"),
    ],
)
async def test_a_failed_connection_is_named_and_the_url_is_not(error: Exception, words: str) -> None:
    failure = await failing(error)
    assert (str(failure), failure.timed_out) == (words, False)


async def test_a_defect_in_the_step_is_passed_on() -> None:
    async def step() -> None:
        raise KeyError("defect")

    with pytest.raises(KeyError, match="defect"):
        await within(5, step())


@pytest.mark.parametrize(("size", "limit", "is_read"), [(0, 0, True), (100, 100, True), (101, 100, False)])
async def test_a_body_above_the_limit_reads_as_none(size: int, limit: int, is_read: bool) -> None:
    content = b"x" * size
    assert await read_body(httpx.Response(200, content=content), limit) == (content if is_read else None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        (" 5 ", 5.0),
        ("2.5", 2.5),
        ("999999999", 999_999_999.0),
        ("9" * 10, None),
        ("Sat, 21 Nov 2026 12:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 12:01:00 -0000", 60.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize("value", [None, "", "yesterday", "Sat, 99 Nov 2026 12:01:00 GMT"])
def test_a_date_that_cannot_be_read_is_none(value: str | None) -> None:
    assert http_date(value) is None


def test_a_date_of_any_zone_is_read() -> None:
    zone = timezone(timedelta(hours=2))
    assert http_date("Sat, 21 Nov 2026 14:00:00 +0200") == datetime(2026, 11, 21, 14, 0, tzinfo=zone) == NOW
