"""The status stream yields every change, notices silence, and never shows the key or the order."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import (
    ErrorAnswer,
    MalformedAnswer,
    NoAnswer,
    NotFound,
    OrchestraError,
    RateLimited,
    ServerTrouble,
    Unauthorized,
)
from baton.orchestra.sse import HEARTBEAT_TIMEOUT, MAX_EVENT, Event, EventParser, read_status
from tests.orchestra.calling import API_KEY, BASE, Handler, client_of
from tests.orchestra.streaming import HEARTBEAT, LAST_CHUNK, STREAM_HEAD, send, serving, status_event, streaming


def stream_of(*parts: bytes, kind: str = "text/event-stream; charset=utf-8") -> Handler:
    async def body() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return lambda _: httpx.Response(200, content=body(), headers={"Content-Type": kind})


async def heard(handler: Handler, order_id: str = "ord_1", silence: float = 5.0) -> list[str]:
    async with client_of(handler) as api, aclosing(api.statuses(order_id, silence=silence)) as statuses:
        return [status async for status in statuses]


async def error_of(handler: Handler, order_id: str = "ord_1") -> OrchestraError:
    with pytest.raises(OrchestraError) as raised:
        await heard(handler, order_id)
    return raised.value


async def test_every_status_is_streamed_until_the_order_ends() -> None:
    parts = [
        status_event("processing"),
        HEARTBEAT,
        status_event("bridging"),
        status_event("completed"),
        status_event("processing"),
    ]
    assert await heard(stream_of(*parts)) == ["processing", "bridging", "completed"]


@pytest.mark.parametrize("status", ["completed", "failed", "refunded", "expired"])
async def test_a_hard_end_closes_a_stream_that_the_server_keeps_open(status: str) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await send(writer, status_event(status))
        await asyncio.Event().wait()

    async with streaming(script) as base, OrchestraClient(base, API_KEY, timeout=5) as api:
        assert [one async for one in api.statuses("ord_1", silence=5)] == [status]


async def test_an_unfulfilled_order_does_not_end_the_stream() -> None:
    parts = [status_event("unfulfilled"), status_event("swapping"), status_event("completed")]
    assert await heard(stream_of(*parts)) == ["unfulfilled", "swapping", "completed"]


async def test_the_stream_ends_when_the_server_closes() -> None:
    assert await heard(stream_of(status_event("processing"), b"event: status\n")) == ["processing"]
    assert await heard(stream_of()) == []


async def test_unknown_statuses_are_streamed_and_unknown_events_ignored() -> None:
    parts = [b": hello\n\n", b"event: news\ndata: {}\n\n", b"data: nameless\n\n", status_event("brand_new")]
    assert await heard(stream_of(*parts)) == ["brand_new"]


async def test_the_key_is_sent_in_a_header_and_never_in_the_url() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=status_event("completed"), headers={"Content-Type": "text/event-stream"})

    await heard(handler, "ord/1?x")
    assert str(asked[0].url) == f"{BASE}/v1/sse/operations/ord%2F1%3Fx"
    assert asked[0].headers["Authorization"] == f"Bearer {API_KEY}"
    assert asked[0].headers["Accept"] == "text/event-stream"


@pytest.mark.parametrize("order_id", ["", ".", ".."])
async def test_an_order_id_that_would_change_the_path_is_refused(order_id: str) -> None:
    with pytest.raises(ValueError, match="order_id"):
        await heard(stream_of(), order_id)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "unauthorized", Unauthorized),
        (403, "scope_required", Unauthorized),
        (404, "not_found", NotFound),
        (429, "rate_limited", RateLimited),
        (500, "internal", ServerTrouble),
        (307, "http_307", ErrorAnswer),
    ],
)
async def test_a_refused_stream_becomes_its_error(status: int, code: str, kind: type) -> None:
    body = json.dumps({"error": {"code": code, "message": f"no, {API_KEY}"}})
    error = await error_of(lambda _: httpx.Response(status, content=body, headers={"Retry-After": "7"}), "ord_private")
    assert type(error) is kind
    assert (error.code, error.http_status, error.retry_after) == (code, status, 7.0)
    assert API_KEY not in str(error)
    assert "ord_private" not in str(error)


@pytest.mark.parametrize("kind", ["application/json", "text/html", ""])
async def test_an_answer_that_is_not_an_event_stream_is_malformed(kind: str) -> None:
    error = await error_of(stream_of(status_event("processing"), kind=kind))
    assert type(error) is MalformedAnswer
    assert "not an event stream" in error.message


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b"nonsense", b'{"status":3}', b'{"status":""}', b'{"status":null}', b""]
)
async def test_a_status_event_without_a_status_is_malformed(data: bytes) -> None:
    error = await error_of(stream_of(status_event("processing"), b"event: status\ndata: " + data + b"\n\n"))
    assert type(error) is MalformedAnswer


async def test_an_event_without_end_is_malformed_and_not_read_further() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"data: " + b"x" * 4096

    stream = httpx.Response(200, content=endless(), headers={"Content-Type": "text/event-stream"})
    error = await error_of(lambda _: stream)
    assert type(error) is MalformedAnswer
    assert sent <= MAX_EVENT // 4096 + 2


async def test_silence_longer_than_the_heartbeats_is_no_answer() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await send(writer, status_event("processing"))
        await asyncio.Event().wait()

    async with streaming(script) as base, OrchestraClient(base, API_KEY, timeout=5) as api:
        statuses = api.statuses("ord_1", silence=0.2)
        assert await anext(statuses) == "processing"
        with pytest.raises(NoAnswer, match=r"the stream was silent for 0\.2 s"):
            await anext(statuses)


async def test_heartbeats_keep_a_quiet_stream_alive() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(8):
            await send(writer, HEARTBEAT)
            await asyncio.sleep(0.1)
        await send(writer, status_event("completed"))
        writer.write(LAST_CHUNK)

    async with streaming(script) as base, OrchestraClient(base, API_KEY, timeout=0.5) as api:
        assert [one async for one in api.statuses("ord_1", silence=0.6)] == ["completed"]


async def test_a_stream_that_is_cut_is_no_answer() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await send(writer, status_event("processing"))

    async with streaming(script) as base, OrchestraClient(base, API_KEY, timeout=5) as api:
        with pytest.raises(NoAnswer, match="GET /v1/sse/operations: the connection failed"):
            _ = [one async for one in api.statuses("ord_1", silence=5)]


async def test_an_endpoint_that_accepts_and_never_answers_is_a_timeout() -> None:
    async def handler(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with client_of(handler, within=0.05) as api:
        with pytest.raises(NoAnswer, match=r"no answer within 0\.05 s"):
            _ = [one async for one in api.statuses("ord_1")]


async def test_a_closed_stream_closes_its_connection() -> None:
    closed = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await send(writer, status_event("processing"))
        assert await reader.read() == b""
        closed.set()

    async with streaming(script) as base, OrchestraClient(base, API_KEY, timeout=5) as api:
        async with aclosing(api.statuses("ord_1")) as statuses:
            assert await anext(statuses) == "processing"
        await asyncio.wait_for(closed.wait(), 5)


async def test_open_streams_do_not_keep_calls_waiting() -> None:
    async def answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/v1/sse/" not in head:
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{"webhooks":[]}')
            return
        writer.write(STREAM_HEAD)
        await send(writer, status_event("processing"))
        await reader.read()

    async with serving(answer) as base, OrchestraClient(base, API_KEY, timeout=5) as api:
        streams = [api.statuses(f"ord_{number}") for number in range(120)]
        assert [await anext(stream) for stream in streams] == ["processing"] * 120
        assert await api.webhooks() == []
        for stream in streams:
            await stream.aclose()


async def test_neither_key_nor_order_is_in_an_error_or_in_our_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"reading {request.url} with {request.headers['Authorization']}")

    error = await error_of(handler, "ord_private")
    shown = "".join(traceback.format_exception(error)) + "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("orchestra")
    )
    assert API_KEY not in shown + caplog.text
    assert "ord_private" not in shown


def test_the_default_timeout_outlasts_two_heartbeats() -> None:
    assert HEARTBEAT_TIMEOUT > 2 * 15


def parsed(*chunks: bytes) -> list[Event]:
    parser = EventParser()
    return [event for one in chunks for event in parser.feed(one)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_end_in_three_ways(end: bytes) -> None:
    stream = end.join([b"event: status", b"data: a", b"data: b", b"", b"data:c", b"", b""])
    assert parsed(stream) == [Event("status", "a\nb"), Event("message", "c")]


def test_a_line_end_may_be_cut_in_two() -> None:
    assert parsed(b"event: status\r", b"", b"\ndata: a\r", b"\n\r", b"\n") == [Event("status", "a")]
    assert parsed(b"data: a\r", b"\rdata: b\r", b"\r") == [Event("message", "a"), Event("message", "b")]


def test_comments_ids_retries_and_odd_lines_are_ignored() -> None:
    stream = b":comment\nid: 7\nretry: 10\nodd\nunknown: x\nevent: status\ndata\n\nevent: empty\n\n"
    assert parsed(stream) == [Event("status", "")]


def test_only_the_first_leading_space_is_removed_from_the_data() -> None:
    assert parsed(b"data:  two\n\ndata:none\n\n") == [Event("message", " two"), Event("message", "none")]


def test_a_byte_order_mark_is_ignored_at_the_start_only() -> None:
    assert parsed(b"\xef", b"\xbb", b"\xbfdata: a\n\n") == [Event("message", "a")]
    assert parsed(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n") == []
    assert parsed(b"data: a\n\n", b"\xef\xbb\xbfdata: b\n\n") == [Event("message", "a")]


def test_an_event_is_complete_only_with_its_blank_line() -> None:
    parser = EventParser()
    assert parser.feed(b"data: a\n") == []
    assert parser.feed(b"\n") == [Event("message", "a")]


def test_an_event_as_large_as_allowed_is_read_and_a_larger_one_is_not() -> None:
    assert len(parsed(b"data:" + b"x" * (MAX_EVENT - 1) + b"\n\n")) == 1
    assert parsed(b"x" * MAX_EVENT) == []
    with pytest.raises(ValueError, match="larger than"):
        parsed(b"data:" + b"x" * MAX_EVENT + b"\n\n")
    with pytest.raises(ValueError, match="larger than"):
        parsed(*[b"data:" + b"x" * 1000 + b"\n"] * 70)
    with pytest.raises(ValueError, match="larger than"):
        parsed(b"x" * (MAX_EVENT + 1))


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["status", "heartbeat", "é"]), st.text(st.characters(exclude_characters="\r\n"), max_size=9)
    )
)


@given(EVENTS, st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_events_read_the_same_wherever_the_chunks_are_cut(
    events: list[tuple[str, str]], end: str, data: st.DataObject
) -> None:
    text = "".join(f"event: {name}{end}data: {value}{end}{end}" for name, value in events)
    stream = text.encode("utf-8", "replace")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert parsed(*pieces) == parsed(stream)
    assert len(parsed(stream)) == len(events)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_are_read_without_a_fault(chunks: list[bytes]) -> None:
    assert all(isinstance(event, Event) for event in parsed(*chunks))


@given(st.text())
def test_any_data_of_a_status_event_reads_or_is_refused(data: str) -> None:
    try:
        status = read_status(data)
    except ValueError:
        return
    assert json.loads(data)["status"] == status
