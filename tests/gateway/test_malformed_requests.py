"""What strangers send over a bare socket: each gets one answer in words, and the gateway serves the others."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.ledger.ledger import Ledger
from baton.settings import Settings
from tests.gateway.world import Gateway, running_gateway

TOKEN = "baton_qX7vT2mB9rW5hN8cL1pD6fJ4gS0aY3kZ"
OWN = {"all": TokenEntry(hash=hash_of(TOKEN), accounts=["*"], verbs=["*"])}
HOST = b"Host: baton.example\r\n"
BEARER = f"Authorization: Bearer {TOKEN}\r\n".encode()
HOOK = b"POST /webhooks/orchestra/default HTTP/1.1\r\n" + HOST
HIDDEN = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"


def get(path: bytes, headers: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n"


def document(body: bytes, path: bytes = b"/v1/orders", headers: bytes = b"") -> bytes:
    length = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + BEARER + length + headers + b"\r\n" + body


REFUSED = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01", 400, "not_http"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "not_http"),
    "a version of the future": (get(b"/healthz").replace(b"1.1", b"2.0"), 505, "http_version"),
    "a method that nobody knows": (b"FOO / HTTP/1.1\r\n" + HOST + b"\r\n", 405, "method_not_allowed"),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "ambiguous_request"),
    "two hosts": (get(b"/healthz", HOST), 400, "ambiguous_request"),
    "a host that is a path": (get(b"/healthz").replace(b"baton.example", b"a/../b?c"), 400, "ambiguous_request"),
    "a host in Unicode": (get(b"/healthz").replace(b"baton", "bücher".encode()), 400, "ambiguous_request"),
    "two tokens": (get(b"/v1/orders", BEARER * 2), 400, "ambiguous_request"),
    "a URL with its host": (get(b"http://127.0.0.1/metrics"), 400, "ambiguous_request"),
    "a tunnel": (b"CONNECT elsewhere:443 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "ambiguous_request"),
    "a long URL": (get(b"/" + b"a" * 9000), 414, "url_too_long"),
    "a URL without end": (b"GET /" + b"a" * 200_000, 414, "url_too_long"),
    "ten thousand headers": (get(b"/healthz", b"X-A: b\r\n" * 10_000), 431, "too_many_headers"),
    "a hundred and two headers": (get(b"/healthz", b"X-A: b\r\n" * 101), 431, "too_many_headers"),
    "a long header": (get(b"/healthz", b"X-A: " + b"b" * 66_000 + b"\r\n"), 431, "headers_too_large"),
    "a length and chunks": (
        HOOK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
        400,
        "not_http",
    ),
    "two lengths": (HOOK + b"Content-Length: 0\r\nContent-Length: 30\r\n\r\n" + HIDDEN, 400, "not_http"),
    "a length with a sign": (HOOK + b"Content-Length: +5\r\n\r\nhello", 400, "not_http"),
    "a coded body": (HOOK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN, 400, "ambiguous_request"),
    "chunks of HTTP/1.0": (
        HOOK.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
        400,
        "ambiguous_request",
    ),
    "a chunk beyond all numbers": (
        HOOK + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 17 + b"\r\nx",
        400,
        "not_http",
    ),
    "a chunk that is longer than it says": (
        HOOK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n",
        400,
        "not_http",
    ),
    "a header on two lines": (get(b"/healthz", b"X-A: b\r\n c\r\n"), 400, "not_http"),
    "a zero byte": (get(b"/\0"), 400, "not_http"),
}
SERVED = {
    "an encoded zero byte": (get(b"/pay/%00"), 400, "zero_byte"),
    "an encoded zero byte in a query": (get(b"/v1/orders?reference=%00", BEARER), 400, "zero_byte"),
    "bytes that are no UTF-8": (get(b"/v1/orders/%ff%fe", BEARER), 422, "invalid_argument"),
    "a way up": (get(b"/pay/../metrics"), 404, "not_found"),
    "an encoded way up": (get(b"/pay/%2e%2e%2fmetrics"), 404, "not_found"),
    "an encoded slash": (get(b"/v1%2forders"), 401, "token_missing"),
    "two slashes": (get(b"//v1/orders"), 404, "not_found"),
    "a slash at the end": (get(b"/metrics/"), 404, "not_found"),
    "a token that is no text": (get(b"/v1/orders", b"Authorization: Bearer \xff\xc3\xa9\r\n"), 401, "token_unknown"),
    "a trace that is none": (get(b"/v1/orders/none", BEARER + b"traceparent: \xff" + b"a" * 900 + b"\r\n"), 404, ""),
    "a compressed body": (document(b"\x1f\x8b", headers=b"Content-Encoding: gzip\r\n"), 415, "encoded_body"),
    "JSON of a hundred thousand levels": (document(b'{"a":' + b"[" * 100_000), 422, "invalid_order"),
    "JSON of five hundred levels": (document(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}"), 422, "invalid_order"),
    "objects in objects": (document(b'{"a":' * 20_000 + b"1" + b"}" * 20_000), 422, "invalid_order"),
    "a number of many digits": (document(b'{"amountIn":' + b"9" * 200_000 + b"}"), 422, "invalid_order"),
    "deep JSON elsewhere": (document(b'{"act":' + b"[" * 3000 + b"]" * 3000 + b"}", b"/v1/bulk"), 400, "http_error"),
    "deep payloads": (
        document(b'{"payloads":' + b"[" * 9000 + b"]" * 9000 + b"}", b"/codec/decode"),
        400,
        "invalid_payloads",
    ),
    "an announced body": (HOOK + b"Content-Length: 99999999999\r\n\r\n", 413, "too_large"),
}


@pytest.fixture(scope="module")
async def gateway(gateway_temporal: Client, ledger: Ledger) -> AsyncIterator[Gateway]:
    settings = Settings(requests_per_address=0)
    async with running_gateway(gateway_temporal, ledger, tokens=TokenBook(own=OWN), settings=settings) as running:
        yield running


async def send(gateway: Gateway, data: bytes, *, end: bool = False, within: float = 10) -> bytes:
    """Send these bytes on a connection of their own; return what comes back until it is closed."""
    host, port = gateway.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(data)
        if end:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), within)
    finally:
        writer.transport.abort()


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def code(answer: bytes) -> str:
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"])


@pytest.mark.parametrize("what", sorted(REFUSED))
async def test_what_is_no_proper_request_ends_its_connection(gateway: Gateway, what: str) -> None:
    data, status, name = REFUSED[what]
    answer = await send(gateway, data)
    assert (statuses(answer), code(answer)) == ([status], name)
    head = answer.partition(b"\r\n\r\n")[0].lower()
    for header in (b"x-content-type-options: nosniff", b"content-security-policy: default-src 'none'", b"no-store"):
        assert header in head


@pytest.mark.parametrize("what", sorted(SERVED))
async def test_an_odd_request_gets_an_answer_and_no_failure(gateway: Gateway, what: str) -> None:
    data, status, name = SERVED[what]
    with capture_logs() as lines:
        answer = await send(gateway, data.replace(HOST, HOST + b"Connection: close\r\n", 1))
    assert statuses(answer) == [status]
    assert name in (code(answer), "")
    assert b"x-request-id: " in answer.lower()
    assert [line for line in lines if line["log_level"] == "error"] == []


async def test_another_protocol_is_not_switched_to(gateway: Gateway) -> None:
    upgrade = get(b"/healthz", b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n")
    answer = await send(gateway, upgrade + HIDDEN)
    assert statuses(answer) == [200]
    assert b"connection: close" in answer.lower()


async def test_requests_sent_ahead_are_answered_in_turn(gateway: Gateway) -> None:
    answer = await send(gateway, get(b"/healthz") * 50 + get(b"/nothing", b"Connection: close\r\n"))
    assert statuses(answer) == [200] * 50 + [404]


@pytest.mark.parametrize("data", [HIDDEN + b"\0garbage\r\n\r\n", get(b"/readyz") * 3 + b"\0garbage\r\n\r\n"])
async def test_garbage_behind_a_request_is_no_failure(gateway: Gateway, data: bytes) -> None:
    with capture_logs() as lines:
        answer = await send(gateway, data)
    assert statuses(answer)[-1] == 400
    assert [line for line in lines if line["log_level"] == "error"] == []


@pytest.mark.parametrize("data", [b"GET /healthz HT", HOOK + b"Content-Length: 50\r\n\r\nhello", b"\r\n" * 100])
async def test_a_request_that_is_cut_off_gets_no_answer(gateway: Gateway, data: bytes) -> None:
    assert await send(gateway, data, end=True) == b""


async def test_a_stream_has_a_head_that_ends(gateway: Gateway) -> None:
    head = get(b"/v1/events", BEARER + b"Accept: text/event-stream\r\nConnection: close\r\n").replace(
        b"GET", b"HEAD", 1
    )
    answer = await send(gateway, head)
    assert statuses(answer) == [200]
    assert b"text/event-stream" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_a_name_that_is_not_listed_is_refused(gateway_temporal: Client, ledger: Ledger) -> None:
    settings = Settings(allowed_hosts=["baton.example", "[::1]"])
    async with running_gateway(gateway_temporal, ledger, settings=settings) as listed:
        for host, path, status in (
            ("baton.example", "/docs", 200),
            ("BATON.example.:443", "/docs", 200),
            ("[::1]:8080", "/docs", 200),
            ("evil.example", "/docs", 421),
            ("evil.example", "/healthz", 200),
            ("127.0.0.1:8080", "/metrics", 200),
            ("evil.example", "/metrics", 403),
        ):
            assert (await listed.http.get(path, headers={"Host": host})).status_code == status


async def test_a_page_of_the_internet_reads_no_metrics(gateway: Gateway) -> None:
    assert (await gateway.http.get("/metrics")).status_code == 200
    assert (await gateway.http.get("/metrics", headers={"Host": "evil.example"})).status_code == 403
