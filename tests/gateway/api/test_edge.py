"""What every request of the order API passes: the token, the request id, the limit of the body, one error envelope."""

from collections.abc import AsyncIterator

import pytest
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.gateway.api.edge import MAX_BODY
from baton.ledger.ledger import Ledger
from tests.gateway.world import Gateway, running_gateway

READER = {"Authorization": "Bearer baton_reader_of_default"}
OWN = {"reader": TokenEntry(hash=hash_of("baton_reader_of_default"), accounts=["default"], verbs=["read"])}


@pytest.fixture(scope="module")
async def api(gateway_temporal: Client, ledger: Ledger) -> AsyncIterator[Gateway]:
    async with running_gateway(gateway_temporal, ledger, tokens=TokenBook(own=OWN)) as running:
        yield running


@pytest.mark.parametrize("path", ["/v1", "/v1/orders/x", "/v1/nothing", "/v1/%2e%2e/docs", "//v1/orders/x"])
async def test_nothing_under_v1_is_served_without_a_token(api: Gateway, path: str) -> None:
    refused = await api.http.get(path)
    assert refused.status_code in (401, 404)
    assert refused.json()["error"]["code"] in ("token_missing", "not_found")


async def test_a_refused_token_gets_the_challenge_and_the_remedy(api: Gateway) -> None:
    refused = await api.http.get("/v1/orders/x", headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    error = refused.json()["error"]
    assert (error["code"], error["remedy"]) == ("token_unknown", "send the header `Authorization: Bearer TOKEN`")


async def test_an_account_that_the_token_does_not_cover_is_refused(api: Gateway) -> None:
    refused = await api.http.get("/v1/orders/x?account=other", headers=READER)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "account_not_allowed")


async def test_an_order_that_does_not_exist_is_a_404_with_a_remedy(api: Gateway) -> None:
    refused = await api.http.get("/v1/orders/no-such-order", headers=READER)
    assert refused.status_code == 404
    error = refused.json()["error"]
    assert (error["code"], error["message"]) == ("order_unknown", "no order has this reference in this account")
    assert error["remedy"] == "check the reference and the account, or list the orders"
    assert error["request_id"] == refused.headers["X-Request-Id"]


async def test_the_callers_own_request_id_is_kept_if_it_is_harmless(api: Gateway) -> None:
    kept = await api.http.get("/docs", headers={"X-Request-Id": "shop-42"})
    replaced = await api.http.get("/docs", headers={"X-Request-Id": "two words"})
    assert kept.headers["X-Request-Id"] == "shop-42"
    assert replaced.headers["X-Request-Id"].startswith("req_")


async def test_an_unknown_caller_cannot_send_a_body(api: Gateway) -> None:
    refused = await api.http.post("/v1/orders", content=b"x" * (MAX_BODY + 1))
    assert refused.status_code == 401


async def test_a_body_that_is_too_large_is_refused(api: Gateway) -> None:
    refused = await api.http.post("/v1/orders", content=b"x" * (MAX_BODY + 1), headers=READER)
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")


async def test_the_method_of_a_webhook_path_is_still_checked(api: Gateway) -> None:
    assert (await api.http.get("/webhooks/orchestra/default")).status_code == 405


async def test_the_reference_page_needs_nothing_from_elsewhere(api: Gateway) -> None:
    page = await api.http.get("/docs")
    assert page.status_code == 200
    assert "/v1/orders/{reference}" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert "http://" not in page.text.partition("<section")[0]


async def test_the_openapi_document_names_the_calls(api: Gateway) -> None:
    document = (await api.http.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "get" in document["paths"]["/v1/orders/{reference}"]


async def test_a_line_of_a_call_has_its_request_id_and_its_order(api: Gateway) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        await api.http.post("/v1/orders/invoice-7/refresh", headers={**READER, "X-Request-Id": "shop-43"})
        await api.http.get("/docs", headers={"X-Request-Id": "shop-44"})

    called = [line for line in lines if line["event"] == "order API called"]
    assert [(line["request_id"], line["reference"]) for line in called] == [("shop-43", "invoice-7")]
    assert "request_id" not in get_contextvars()
