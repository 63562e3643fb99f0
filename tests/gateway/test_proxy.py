"""The documented proxy, with TLS, in front of real gateways: what passes, what does not, and who the gateway sees."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.ledger.ledger import Ledger
from baton.orchestra.webhooks import signed_headers
from baton.settings import Settings
from tests.caddy import Proxy, running_caddy
from tests.eventually import eventually
from tests.gateway.world import SECRET, Gateway, OpenOrder, event_of, running_gateway

TOKEN = "baton_qX7vT2mB9rW5hN8cL1pD6fJ4gS0aY3kZ"
OWN = {"all": TokenEntry(hash=hash_of(TOKEN), accounts=["*"], verbs=["*"])}
CALLER = "127.0.0.5"
"""Where the test calls from, so that its address is not that of the proxy."""
WEBHOOKS = "/webhooks/orchestra/default"


@dataclass
class Outside:
    """The installation as it is reached from outside."""

    proxy: Proxy
    gateways: list[AsyncExitStack]
    public: httpx.AsyncClient
    private: httpx.AsyncClient

    async def deliver(self, body: bytes) -> httpx.Response:
        """Deliver a webhook, and again until it is accepted, at most for Orchestra's first pause between two tries."""
        return await eventually(lambda: self._try(body), lambda answered: answered.status_code < 500, within=10)

    async def _try(self, body: bytes) -> httpx.Response:
        signed = signed_headers(SECRET, int(time.time() * 1000), body)
        try:
            return await self.public.post(WEBHOOKS, content=body, headers=signed)
        except httpx.TransportError:
            return httpx.Response(502)

    async def raw(self, request: bytes) -> bytes:
        """Send these bytes over TLS to the public site; return the response."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.proxy.public, ssl=self.proxy.context, server_hostname="localhost"
        )
        try:
            writer.write(request)
            return await asyncio.wait_for(reader.read(), 20)
        finally:
            writer.transport.abort()


@pytest.fixture(scope="module")
async def outside(
    gateway_temporal: Client, ledger: Ledger, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Outside]:
    settings = Settings(
        trusted_proxies=["127.0.0.1/32"], page_key=SecretStr("Zk3vQ9xT2mB7rW5hN8cL1pD6fJ4gS0aY"), requests_per_address=0
    )
    async with AsyncExitStack() as stack:
        gateways = [await stack.enter_async_context(AsyncExitStack()) for _ in range(2)]
        started: list[Gateway] = [
            await own.enter_async_context(
                running_gateway(gateway_temporal, ledger, tokens=TokenBook(own=OWN), settings=settings)
            )
            for own in gateways
        ]
        addresses = [gateway.address.removeprefix("http://") for gateway in started]
        proxy = await stack.enter_async_context(running_caddy(tmp_path_factory.mktemp("proxy"), addresses))
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=f"https://localhost:{port}",
                    transport=httpx.AsyncHTTPTransport(verify=proxy.context, local_address=CALLER),
                    timeout=30,
                )
            )
            for port in (proxy.public, proxy.private)
        ]
        yield Outside(proxy, gateways, *clients)


async def test_the_configuration_is_valid(outside: Outside) -> None:
    assert await outside.proxy.validate() == 0


async def test_a_signed_webhook_passes(outside: Outside, order: OpenOrder) -> None:
    answered = await outside.deliver(event_of(order.order_id, "processing"))
    assert (answered.status_code, answered.json()) == (200, {"status": "handed_over"})
    assert "server" not in answered.headers


async def test_the_gateway_sees_the_caller_whatever_its_headers_say(outside: Outside) -> None:
    lies = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.8", "X-Signature": "wrong"}
    with capture_logs() as lines:
        refused = await outside.public.post(WEBHOOKS, content=b"{}", headers=lies)
    assert refused.status_code == 401
    assert [line["address"] for line in lines if line["event"] == "webhook refused"] == [CALLER]


INSIDE = ("/metrics", "/healthz", "/readyz", "/ops", "/ops/login", "/v1/orders", "/codec/decode", "/docs")


@pytest.mark.parametrize("path", INSIDE)
async def test_the_public_site_has_nothing_of_the_inside(outside: Outside, path: str) -> None:
    ways = [path, f"/{path}", f"/pay/..{path}", f"/pay/%2e%2e{path}", f"/webhooks/orchestra/../..{path}", f"/x{path}"]
    ways += [f"/pay/..%2f{path[1:]}", f"/%{ord(path[1]):x}{path[2:]}", f"/pay/x/..;/..{path}", f"/pay/\\..\\..{path}"]
    for way in ways:
        answer = await outside.raw(f"GET {way} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert answer.split()[1] in (b"400", b"404"), way
    absolute = f"GET http://127.0.0.1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    # Caddy has no site of that name: it answers itself, with nothing.
    assert b"x-request-id" not in (await outside.raw(absolute.encode())).lower()


async def test_the_public_site_takes_only_what_its_paths_are_for(outside: Outside) -> None:
    assert (await outside.public.get(WEBHOOKS)).status_code == 404
    assert (await outside.public.post("/pay/AAAAAAAAAAAAAAAAAAAAAAAA")).status_code == 404
    missing = await outside.public.get("/pay/AAAAAAAAAAAAAAAAAAAAAAAA")
    assert (missing.status_code, missing.headers["referrer-policy"]) == (404, "no-referrer")
    assert missing.headers["x-request-id"]


async def test_operators_and_apps_come_by_the_private_site(outside: Outside) -> None:
    assert (await outside.private.get("/ops/login")).status_code == 200
    assert (await outside.private.get("/v1/orders", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200
    assert (await outside.private.get("/metrics")).status_code == 404
    cookies = (await outside.private.get("/ops/login")).headers.get_list("set-cookie")
    assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)


async def test_a_stream_arrives_as_it_is_written(outside: Outside) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "text/event-stream"}
    async with asyncio.timeout(10), outside.private.stream("GET", "/v1/events", headers=headers) as stream:
        assert stream.status_code == 200
        assert await anext(stream.aiter_text())


async def test_a_body_that_is_too_large_is_refused(outside: Outside) -> None:
    assert (await outside.deliver(b"x" * 1_200_000)).status_code == 413


async def test_requests_that_could_be_read_in_two_ways_are_refused(outside: Outside) -> None:
    head = f"POST {WEBHOOKS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    hidden = "0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    two = f"{head}Content-Length: {len(hidden)}\r\nContent-Length: 3\r\n\r\n{hidden}"
    assert (await outside.raw(two.encode())).split()[1] == b"400"
    odd = f"{head}Transfer-Encoding: gzip, chunked\r\n\r\n{hidden}"
    assert (await outside.raw(odd.encode())).split()[1] in (b"400", b"501")


async def test_a_reload_and_a_gateway_that_stops_cost_one_retry_at_most(outside: Outside, order: OpenOrder) -> None:
    answers: list[int] = []

    async def send() -> None:
        for number in range(40):
            answers.append((await outside.deliver(event_of(order.order_id, "processing", n=number))).status_code)

    async def change() -> None:
        await eventually(lambda: len(answers) > 10)
        await outside.proxy.reload()
        await outside.gateways[0].aclose()

    await asyncio.gather(send(), send(), send(), change())
    assert answers == [200] * 120


async def test_without_a_gateway_the_log_of_the_proxy_has_no_link(outside: Outside) -> None:
    for gateway in outside.gateways:
        await gateway.aclose()
    answered = await outside.public.get("/pay/Kq7vT2mB9rW5hN8cL1pD6fJ4")
    assert answered.status_code in (502, 503)
    assert answered.headers["referrer-policy"] == "no-referrer"
    text = await eventually(outside.proxy.log.read_text, lambda text: "connection refused" in text)
    assert "Kq7vT2mB9rW5hN8cL1pD6fJ4" not in text
