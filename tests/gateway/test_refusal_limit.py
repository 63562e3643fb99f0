"""Refusals of one address: so many in a minute, then 429, while everything that would be served still is."""

import time
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.gateway.refusal_limit import MOST_ADDRESSES, PERIOD, RefusalLimit
from baton.ledger.ledger import Ledger
from baton.orchestra.webhooks import signed_headers
from baton.settings import Settings
from tests.gateway.ops.operators import OperatorBrowser
from tests.gateway.world import SECRET, Gateway, OpenOrder, event_of, running_gateway
from tests.metrics.exposition import value

MOST = 5
TOKEN = "baton_qX7vT2mB9rW5hN8cL1pD6fJ4gS0aY3kZ"
OWN = {"all": TokenEntry(hash=hash_of(TOKEN), accounts=["*"], verbs=["*"])}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def gateway(gateway_temporal: Client, ledger: Ledger) -> AsyncIterator[Gateway]:
    settings = Settings(
        requests_per_address=MOST,
        trusted_proxies=["127.0.0.0/8"],
        page_key=SecretStr("Zk3vQ9xT2mB7rW5hN8cL1pD6fJ4gS0aY"),
        metrics_token=SecretStr(TOKEN),
    )
    async with running_gateway(gateway_temporal, ledger, tokens=TokenBook(own=OWN), settings=settings) as running:
        yield running


def of(address: str) -> dict[str, str]:
    """Return the header by which the proxy of the test names a caller."""
    return {"X-Forwarded-For": address}


WRONG = {
    "webhook": ("POST", "/webhooks/orchestra/default", 401),
    "unknown account": ("POST", "/webhooks/orchestra/nobody", 404),
    "order API": ("GET", "/v1/orders", 401),
    "codec": ("POST", "/codec/decode", 401),
    "metrics": ("GET", "/metrics", 403),
    "login": ("POST", "/ops/login", 403),
    "page of a payer": ("GET", "/pay/AAAAAAAAAAAAAAAAAAAAAAAA", 404),
    "path": ("GET", "/wp-admin.php", 404),
    "method": ("DELETE", "/healthz", 405),
}


@pytest.mark.parametrize("what", sorted(WRONG))
async def test_what_is_refused_too_often_gets_a_429(gateway: Gateway, what: str) -> None:
    method, path, status = WRONG[what]
    statuses = [(await gateway.http.request(method, path, headers=of("203.0.113.5"))).status_code for _ in range(MOST)]
    assert statuses == [status] * MOST
    limited = await gateway.http.request(method, path, headers=of("203.0.113.5"))
    assert limited.status_code == 429
    assert 1 <= int(limited.headers["Retry-After"]) <= PERIOD / MOST
    error = limited.json()["error"]
    assert (error["code"], error["request_id"]) == ("too_many_refusals", limited.headers["X-Request-Id"])
    assert (await gateway.http.request(method, path, headers=of("203.0.113.6"))).status_code == status


async def exhaust(gateway: Gateway, address: str) -> None:
    for _ in range(MOST):
        await gateway.http.get("/nothing", headers=of(address))
    assert (await gateway.http.get("/nothing", headers=of(address))).status_code == 429


async def test_a_genuine_webhook_is_never_limited(gateway: Gateway, order: OpenOrder) -> None:
    await exhaust(gateway, "203.0.113.5")
    body = event_of(order.order_id, "processing")
    for _ in range(2 * MOST):
        headers = signed_headers(SECRET, int(time.time() * 1000), body) | of("203.0.113.5")
        answered = await gateway.http.post("/webhooks/orchestra/default", content=body, headers=headers)
        assert answered.status_code == 200


async def test_a_signed_webhook_that_is_no_event_is_no_strangers(gateway: Gateway) -> None:
    for _ in range(2 * MOST):
        assert (await gateway.post(b"{}", headers=of("203.0.113.5"))).status_code == 400


async def test_a_known_token_is_never_limited(gateway: Gateway) -> None:
    await exhaust(gateway, "203.0.113.5")
    for _ in range(2 * MOST):
        unknown = await gateway.http.get("/v1/orders/none", headers={**BEARER, **of("203.0.113.5")})
        assert unknown.status_code == 404
    assert (await gateway.http.get("/metrics", headers={**BEARER, **of("203.0.113.5")})).status_code == 200


async def test_health_and_login_are_served_to_a_limited_address(gateway: Gateway) -> None:
    await exhaust(gateway, "203.0.113.5")
    gateway.http.headers.update(of("203.0.113.5"))
    try:
        assert (await gateway.http.get("/healthz")).status_code == 200
        assert (await OperatorBrowser(gateway.http).enter(TOKEN)).status_code == 303
    finally:
        del gateway.http.headers["X-Forwarded-For"]


async def test_a_limited_address_leaves_one_line_in_the_log(gateway: Gateway) -> None:
    with capture_logs() as lines:
        await exhaust(gateway, "203.0.113.5")
        for _ in range(3 * MOST):
            await gateway.http.get("/pay/AAAAAAAAAAAAAAAAAAAAAAAA", headers=of("203.0.113.5"))
    limited = [line for line in lines if line["event"].startswith("an address gets no more refusals")]
    assert 1 <= len(limited) <= 3
    assert limited[0]["address"] == "203.0.113.5"
    assert "AAAA" not in str(lines)


async def test_refusals_that_become_429s_are_counted(gateway: Gateway) -> None:
    async def counted() -> float:
        return value((await gateway.http.get("/metrics", headers=BEARER)).text, "baton_refusals_limited_total") or 0

    before = await counted()
    await exhaust(gateway, "203.0.113.5")
    assert await counted() == before + 1


async def test_a_header_of_a_stranger_hides_no_address(gateway_temporal: Client, ledger: Ledger) -> None:
    async with running_gateway(gateway_temporal, ledger, settings=Settings(requests_per_address=2)) as running:
        statuses = [
            (await running.http.get("/nothing", headers=of(f"203.0.113.{number}"))).status_code for number in range(3)
        ]
    assert statuses == [404, 404, 429]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_refusals_come_back_one_by_one() -> None:
    clock = Clock()
    limit = RefusalLimit(6, clock)
    assert [limit.take("203.0.113.5") for _ in range(6)] == [0.0] * 6
    assert limit.take("203.0.113.5") == pytest.approx(10)
    clock.now += 10
    assert limit.take("203.0.113.5") == 0
    assert limit.take("203.0.113.5") == pytest.approx(10)
    clock.now += 1e9
    assert [limit.take("203.0.113.5") for _ in range(6)] == [0.0] * 6


def test_a_network_of_64_bits_counts_as_one_address() -> None:
    limit = RefusalLimit(1, Clock())
    assert limit.take("2001:db8:1:2::1") == 0
    assert limit.take("2001:db8:1:2:ffff::7") > 0
    assert limit.take("2001:db8:1:3::1") == 0


def test_any_number_of_addresses_needs_bounded_memory() -> None:
    limit = RefusalLimit(1, Clock())
    for number in range(MOST_ADDRESSES + 500):
        limit.take(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(limit) == MOST_ADDRESSES


def test_without_a_limit_nothing_is_counted() -> None:
    limit = RefusalLimit(0, Clock())
    assert [limit.take("203.0.113.5") for _ in range(1000)] == [0.0] * 1000
    assert len(limit) == 0
