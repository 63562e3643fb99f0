"""Every route of the gateway: its responses have the security headers, an id, and nothing of what went wrong inside."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from pydantic import SecretStr
from starlette.routing import BaseRoute
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.gateway.api.app import create_api
from baton.gateway.app import create_app, create_routes
from baton.gateway.coalescer import Coalescer
from baton.gateway.ops.frame import COOKIE, ROOT
from baton.gateway.parts import GatewayParts
from baton.pages.payer_links import PayerLinks, page_tokens
from baton.process.message_rules import METHODS
from baton.process.security_headers import HSTS, SECURITY_HEADERS
from baton.settings import PartnerAccount, Settings
from tests.gateway.ops.operators import OperatorBrowser

TOKEN = "baton_qX7vT2mB9rW5hN8cL1pD6fJ4gS0aY3kZ"
TOKENS = TokenBook(own={"all": TokenEntry(hash=hash_of(TOKEN), accounts=["*"], verbs=["*"])})
CANARY = "kQ9zT4xV7mR2"
"""What the broken parts say when they fail; nobody outside may read it."""
OWN_VALUES = {"Cache-Control", "Content-Security-Policy", "Permissions-Policy", "Referrer-Policy"}
"""Headers for which a page may have a value of its own."""


class Broken:
    """A part of the gateway of which everything fails in a way that nobody expected."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Broken()

    def __call__(self, *_: object, **__: object) -> Any:
        raise RuntimeError(CANARY)


class Call(NamedTuple):
    """A route by method and path, with something harmless in the place of its parameters."""

    method: str
    path: str


def parts_of(folder: Path, **settings: Any) -> GatewayParts:
    broken: Any = Broken()
    given = {"home": folder, "page_key": SecretStr("Zk3vQ9xT2mB7rW5hN8cL1pD6fJ4gS0aY"), "requests_per_address": 0}
    accounts = {"default": PartnerAccount(name="default")}
    coalescer = Coalescer(broken, window=0)
    return GatewayParts(accounts, broken, broken, coalescer, TOKENS, Settings(**{**given, **settings}))


def calls_of(parts: GatewayParts) -> list[Call]:
    routes = [*create_routes(parts).routes, *create_api(parts).routes]
    return sorted({call for route in routes for call in _calls(route)})


def _calls(route: BaseRoute | Any) -> Iterator[Call]:
    nested = getattr(route, "original_router", None)
    if nested is not None:
        for inner in nested.routes:
            yield from _calls(inner)
        return
    path = re.sub(r"\{[^}]*\}", "default", route.path)
    for method in route.methods or {"GET"}:
        yield Call(method, path)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep tracebacks by the hundred out of the output, where they take longer than the tests."""
    with capture_logs():
        yield


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> GatewayParts:
    return parts_of(tmp_path_factory.mktemp("routes"), public_url="https://pay.example")


@pytest.fixture(scope="module")
async def http(parts: GatewayParts) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(parts))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=20) as client:
        yield client


def assert_hardened(response: httpx.Response) -> None:
    for name, value in [*SECURITY_HEADERS.items(), HSTS]:
        assert name in response.headers, (response.request.url, name)
        assert name in OWN_VALUES or response.headers[name] == value, (response.request.url, name)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors" in policy
    assert "unsafe" not in policy
    assert re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", response.headers["X-Request-Id"])
    assert "server" not in response.headers


async def answers(http: httpx.AsyncClient, parts: GatewayParts, **options: Any) -> list[httpx.Response]:
    return [await http.request(*call, **options) for call in calls_of(parts)]


def test_all_kinds_of_routes_are_found(parts: GatewayParts) -> None:
    paths = {call.path for call in calls_of(parts)}
    assert len(paths) > 80
    assert {"/healthz", "/metrics", "/codec/decode", "/v1/orders", "/ops/login", "/docs", "/pay/default"} <= paths


async def test_strangers_get_security_headers_and_an_id(http: httpx.AsyncClient, parts: GatewayParts) -> None:
    for response in await answers(http, parts):
        assert_hardened(response)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "TRACE", "PROPFIND"])
async def test_paths_that_do_not_exist_are_answered_alike(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/nothing/here")
    assert response.status_code == 404
    assert_hardened(response)


async def test_a_method_that_a_path_lacks_is_refused_with_those_it_has(
    http: httpx.AsyncClient, parts: GatewayParts
) -> None:
    for path in sorted({call.path for call in calls_of(parts)}):
        response = await http.request("PROPFIND", path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 405, path
        assert set(response.headers["Allow"].split(", ")) <= set(METHODS.split(", "))
        assert_hardened(response)


async def test_what_can_be_read_has_a_head_too(http: httpx.AsyncClient, parts: GatewayParts) -> None:
    for path in ("/healthz", "/docs", "/openapi.json", "/ops/login", "/v1/orders"):
        read, head = await http.get(path), await http.head(path)
        assert (head.status_code, head.headers["content-type"]) == (read.status_code, read.headers["content-type"])


async def test_failures_show_an_id_alone_and_log_the_rest(http: httpx.AsyncClient, parts: GatewayParts) -> None:
    failed = 0
    for call in calls_of(parts):
        with capture_logs(processors=[merge_contextvars]) as lines:
            response = await http.request(*call, **request_to(parts, call))
        assert_hardened(response)
        assert CANARY not in response.text + str(response.headers), call
        assert "Traceback" not in response.text, call
        logged = [line for line in lines if line["event"] == "the gateway failed on a request"]
        assert bool(logged) == (response.status_code == 500), call
        if logged:
            failed += 1
            request_id = response.headers["X-Request-Id"]
            assert [line["request_id"] for line in logged] == [request_id]
            assert logged[0]["exc_info"]
            assert call.method == "HEAD" or response.json()["error"] == {
                "code": "internal_error",
                "message": "the gateway failed on this request; its log says why",
                "remedy": "tell the operator the request id",
                "request_id": request_id,
            }
    assert failed > 25


def request_to(parts: GatewayParts, call: Call) -> dict[str, Any]:
    """Return the options of a request that gets as far as possible."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    return {"headers": headers, "content": b"" if call.method in ("GET", "HEAD") else b'{"payloads": [], "note": "n"}'}


async def test_pages_of_operators_fail_alike(http: httpx.AsyncClient, parts: GatewayParts) -> None:
    async with httpx.AsyncClient(transport=http._transport, base_url="http://gateway") as own:
        assert (await OperatorBrowser(own).enter(TOKEN)).status_code == 303
        assert COOKIE in own.cookies
        failed = [
            response
            for call in calls_of(parts)
            if call.path.startswith(ROOT) and call.method == "GET" and not call.path.endswith("/changes")
            for response in [await own.get(call.path)]
            if response.status_code == 500
        ]
    assert len(failed) > 5
    for response in failed:
        assert_hardened(response)
        assert list(response.json()["error"]) == ["code", "message", "remedy", "request_id"]
        assert CANARY not in response.text


async def test_a_page_of_a_payer_fails_alike(http: httpx.AsyncClient, parts: GatewayParts) -> None:
    tokens = page_tokens(parts.settings)
    assert tokens is not None
    link = PayerLinks(tokens, "http://gateway").link("default", "invoice-1")
    response = await http.get(link)
    assert response.status_code == 500
    assert_hardened(response)
    assert CANARY not in response.text


async def test_without_tls_browsers_are_not_told_to_insist_on_it(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(create_app(parts_of(tmp_path)))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as plain:
        assert HSTS[0] not in (await plain.get("/healthz")).headers
