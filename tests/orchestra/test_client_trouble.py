"""Every failure of a call is one error of the tree, and none shows the key."""

import asyncio
import json
import logging
import socket
import traceback
from collections.abc import AsyncIterator

import httpx
import pytest

from baton.orchestra import connection
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import (
    InProgress,
    MalformedAnswer,
    NoAnswer,
    NotFound,
    ProxyAnswer,
    RateLimited,
    Refused,
    Retry,
    Unauthorized,
)
from tests.orchestra.calling import API_KEY, BASE, REQUEST, Handler, Recorder, client_of, error_of


@pytest.mark.parametrize(
    ("status", "code", "kind", "retry"),
    [
        (401, "unauthorized", Unauthorized, Retry.NEVER),
        (404, "not_found", NotFound, Retry.NEVER),
        (404, "tx_not_found", Refused, Retry.NEXT_KEY),
        (409, "idempotency_in_progress", InProgress, Retry.SAME_KEY),
        (429, "rate_limited", RateLimited, Retry.SAME_KEY),
    ],
)
async def test_an_error_answer_becomes_its_error(status: int, code: str, kind: type, retry: Retry) -> None:
    error = await error_of(Recorder({"error": {"code": code, "message": "Words"}}, status, {"Retry-After": "3"}))
    assert type(error) is kind
    assert (error.code, error.message, error.http_status) == (code, "Words", status)
    assert (error.retry, error.retry_after) == (retry, 3.0)


async def test_a_redirect_is_an_error_and_is_not_followed() -> None:
    seen = Recorder({}, 307, {"Location": "https://elsewhere.example/"})
    error = await error_of(seen)
    assert (error.code, error.retry) == ("http_307", Retry.SAME_KEY)
    assert seen.asked.url.host == "api.example"


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.PoolTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.ProxyError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
    ],
)
async def test_every_transport_fault_is_no_answer_and_keeps_its_key(fault: type[httpx.TransportError]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise fault(f"talking of {request.url}?id=private with {request.headers['Authorization']}")

    error = await error_of(handler)
    assert type(error) is NoAnswer
    assert (error.code, error.retry, error.http_status) == ("no_answer", Retry.SAME_KEY, None)
    shown = "".join(traceback.format_exception(error))
    assert API_KEY not in shown
    assert "private" not in shown
    assert "POST /v1/orchestration/submit" in error.message


async def test_no_answer_names_the_path_and_never_the_query() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    async with client_of(handler) as api:
        with pytest.raises(NoAnswer) as raised:
            await api.status(tx_hash="0xprivate", source_chain="base")
    assert raised.value.message == "GET /v1/orchestration/status: no answer within 5 s"


async def test_an_answer_that_never_ends_is_a_timeout() -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    error = await error_of(lambda _: httpx.Response(200, content=drip()), within=0.05)
    assert type(error) is NoAnswer
    assert "no answer within 0.05 s" in error.message


async def test_a_cancelled_call_is_cancelled_and_not_a_timeout() -> None:
    asked = asyncio.Event()

    async def handler(_: httpx.Request) -> httpx.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with client_of(handler) as api:
        call = asyncio.create_task(api.webhooks())
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_a_closed_port_is_no_answer() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with OrchestraClient(f"http://127.0.0.1:{closed.getsockname()[1]}", API_KEY, timeout=5) as api:
            with pytest.raises(NoAnswer, match="the host could not be reached"):
                await api.webhooks()


async def test_a_connection_cut_during_an_answer_is_no_answer() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"webhooks"')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with OrchestraClient(f"http://127.0.0.1:{port}", API_KEY, timeout=5) as api:
            with pytest.raises(NoAnswer, match="the connection failed"):
                await api.webhooks()


@pytest.mark.parametrize("body", [b"", b"<html>Log in to this network</html>", b'{"quoteId":"q_1"}'])
async def test_a_success_that_cannot_be_read_is_malformed(body: bytes) -> None:
    async with client_of(lambda _: httpx.Response(200, content=body)) as api:
        with pytest.raises(MalformedAnswer, match="POST /v1/orchestration/quote"):
            await api.quote(REQUEST, "quote:1")


async def test_a_body_in_a_broken_encoding_is_no_decision() -> None:
    async def garbage() -> AsyncIterator[bytes]:
        yield b"no gzip"

    def answering(status: int) -> Handler:
        return lambda _: httpx.Response(status, content=garbage(), headers={"Content-Encoding": "gzip"})

    assert type(await error_of(answering(200))) is MalformedAnswer
    refused = await error_of(answering(400))
    assert (type(refused), refused.code) == (ProxyAnswer, "not_from_orchestra")


async def test_an_answer_above_the_size_limit_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_BODY", 1000)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100
            yield b" " * 100

    assert type(await error_of(lambda _: httpx.Response(200, content=endless()))) is MalformedAnswer
    assert sent <= 1200
    refused = await error_of(lambda _: httpx.Response(400, content=endless()))
    assert (type(refused), refused.code) == (ProxyAnswer, "not_from_orchestra")


async def test_an_answer_as_large_as_allowed_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"webhooks": []}).encode()
    monkeypatch.setattr(connection, "MAX_BODY", len(body))
    async with client_of(lambda _: httpx.Response(200, content=body)) as api:
        assert await api.webhooks() == []


async def test_an_error_that_quotes_the_key_has_it_blanked_out() -> None:
    body = {"error": {"code": "unauthorized", "message": f"no such key: {API_KEY}"}}
    error = await error_of(Recorder(body, 401))
    assert error.message == "no such key: [secret]"


async def test_an_escaped_key_in_an_error_is_blanked_out() -> None:
    escaped = "".join(f"\\u{ord(char):04x}" for char in API_KEY)
    body = f'{{"error": {{"code": "unauthorized", "message": "the key {escaped} is odd"}}}}'
    error = await error_of(lambda _: httpx.Response(401, content=body))
    assert error.message == "the key [secret] is odd"


@pytest.mark.parametrize("status", [400, 401, 429, 503])
async def test_a_key_as_error_code_is_blanked_out(status: int) -> None:
    error = await error_of(Recorder({"error": {"code": API_KEY, "message": API_KEY}}, status))
    assert API_KEY not in f"{error!r} {error} {error.code}"


async def test_a_key_in_a_successful_answer_is_blanked_out() -> None:
    order = {"id": "ord_1", "status": "failed", "errorMessage": f"no such key: {API_KEY.upper()}"}
    async with client_of(Recorder({"order": order})) as api:
        answer = await api.status(order_id="ord_1")
    assert "no such key: [secret]" in answer.model_dump_json()


async def test_the_key_is_in_no_representation_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api = client_of(Recorder({"error": {"code": "unauthorized", "message": "no"}}, 401))
    with pytest.raises(Unauthorized) as raised:
        await api.webhooks()
    assert repr(api) == f"OrchestraClient('{BASE}')"
    assert API_KEY not in repr(vars(api)) + caplog.text + "".join(traceback.format_exception(raised.value))
    await api.aclose()


async def test_the_client_tries_once_and_leaves_retries_to_its_caller() -> None:
    seen = Recorder({"error": {"code": "internal", "message": "x"}}, 500)
    await error_of(seen)
    assert len(seen.requests) == 1
