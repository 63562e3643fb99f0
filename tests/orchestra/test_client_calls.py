"""Decisions, onramps, routes, limits and history are requested as the API documents them."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import MalformedAnswer, Refused, Retry, ServerTrouble
from baton.orchestra.onramp_models import OnrampCreated, OnrampPaused, OnrampRequest
from tests.orchestra.calling import Recorder, client_of
from tests.paths import FIXTURES

REQUEST = OnrampRequest(
    destination_chain="spark", destination_asset="USDB", recipient_address="spark1", amount_fiat_usd="25.00"
)
Call = Callable[[OrchestraClient], Awaitable[Any]]


def load(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["accept", "decline"])
async def test_a_zeroconf_decision_is_sent_and_answered_as_documented(name: str) -> None:
    documented = load(f"docs_g2_zeroconf_{name}.json")
    seen = Recorder(documented["response"], headers={"X-Idempotency-Replayed": "true"})
    asked = documented["request"]
    async with client_of(seen) as api:
        if name == "accept":
            decided = await api.accept_zeroconf(asked["orderId"], "zeroconf:1")
        else:
            decided = await api.decline_zeroconf(asked["orderId"], "zeroconf:1", reason=asked["reason"])
    assert decided.wire() == documented["response"]
    assert decided.replayed
    assert (seen.asked.method, seen.asked.url.path) == ("POST", f"/v1/orchestration/zeroconf/{name}")
    assert seen.asked.headers["X-Idempotency-Key"] == "zeroconf:1"
    assert json.loads(seen.asked.content) == asked


async def test_a_decline_needs_no_reason() -> None:
    seen = Recorder({"orderId": "ord_1", "status": "confirming"})
    async with client_of(seen) as api:
        await api.decline_zeroconf("ord_1", "zeroconf:1")
    assert json.loads(seen.asked.content) == {"orderId": "ord_1"}


@pytest.mark.parametrize(
    ("call", "path", "body"),
    [
        (
            lambda api: api.approve_reprice("ord_1", 95_858_300, "reprice:1"),
            "approve",
            {"orderId": "ord_1", "approvedMinAmountOut": "95858300"},
        ),
        (
            lambda api: api.approve_reprice("ord_1", 1, "reprice:1"),
            "approve",
            {"orderId": "ord_1", "approvedMinAmountOut": "1"},
        ),
        (lambda api: api.reject_reprice("ord_1", "reprice:1"), "reject", {"orderId": "ord_1"}),
        (
            lambda api: api.reject_reprice("ord_1", "reprice:1", "too dear"),
            "reject",
            {"orderId": "ord_1", "reason": "too dear"},
        ),
        (lambda api: api.refund_reprice("ord_1", "reprice:1"), "refund", {"orderId": "ord_1"}),
        (
            lambda api: api.refund_reprice("ord_1", "reprice:1", reason="late", refund_address="bc1q"),
            "refund",
            {"orderId": "ord_1", "reason": "late", "refundAddress": "bc1q"},
        ),
    ],
)
async def test_a_reprice_decision_is_sent_as_documented(call: Call, path: str, body: dict) -> None:
    seen = Recorder({"orderId": "ord_1", "status": "swapping"})
    async with client_of(seen) as api:
        decided = await call(api)
    assert (decided.order_id, decided.status) == ("ord_1", "swapping")
    assert (seen.asked.method, seen.asked.url.path) == ("POST", f"/v1/orchestration/reprice/{path}")
    assert seen.asked.headers["X-Idempotency-Key"] == "reprice:1"
    assert json.loads(seen.asked.content) == body


async def test_an_undocumented_answer_to_a_rejection_is_accepted() -> None:
    async with client_of(Recorder({"ok": True})) as api:
        decided = await api.reject_reprice("ord_1", "reprice:1")
    assert (decided.order_id, decided.status) == (None, None)


@pytest.mark.parametrize("minimum", [0, -1])
async def test_an_approved_minimum_below_one_is_not_sent(minimum: int) -> None:
    seen = Recorder({})
    async with client_of(seen) as api:
        with pytest.raises(ValueError, match="must be above 0"):
            await api.approve_reprice("ord_1", minimum, "reprice:1")
    assert seen.requests == []


@pytest.mark.parametrize(
    ("status", "code", "retry"),
    [
        (400, "invalid_state", Retry.NEVER),
        (409, "expired", Retry.NEVER),
        (409, "conflict", Retry.NEXT_KEY),
        (409, "idempotency_in_progress", Retry.SAME_KEY),
    ],
)
async def test_a_decision_that_comes_too_late_is_refused_with_its_code(status: int, code: str, retry: Retry) -> None:
    async with client_of(Recorder({"error": {"code": code, "message": "Words"}}, status)) as api:
        with pytest.raises(Exception, match=code) as raised:
            await api.accept_zeroconf("ord_1", "zeroconf:1")
    assert (raised.value.code, raised.value.retry) == (code, retry)


@pytest.mark.parametrize("name", ["seed001_onramp_response_op_ids.json", "seed004_onramp_response.json"])
async def test_an_onramp_order_comes_with_its_invoice(name: str) -> None:
    documented = load(name)
    seen = Recorder(documented)
    async with client_of(seen) as api:
        created = await api.onramp(REQUEST, "onramp:1")
    assert isinstance(created, OnrampCreated)
    assert (created.order_id, created.quote_id) == (documented["orderId"], documented["quoteId"])
    assert created.deposit_address == documented["depositAddress"]
    assert created.payment_links is not None
    assert created.payment_links.wire() == documented["paymentLinks"]
    assert (seen.asked.method, seen.asked.url.path) == ("POST", "/v1/orchestration/onramp")
    assert seen.asked.headers["X-Idempotency-Key"] == "onramp:1"
    assert json.loads(seen.asked.content) == REQUEST.wire()


async def test_an_onramp_order_under_review_comes_without_an_invoice() -> None:
    body = {"orderId": "ord_1", "readToken": "eyJ2IjoxfQ", "status": "paused"}
    async with client_of(Recorder(body, 202, {"X-Idempotency-Replayed": "true"})) as api:
        paused = await api.onramp(REQUEST, "onramp:1")
    assert isinstance(paused, OnrampPaused)
    assert (paused.order_id, paused.status, paused.replayed) == ("ord_1", "paused", True)
    assert "eyJ2IjoxfQ" not in repr(paused)


async def test_extra_fields_of_an_onramp_are_kept_and_odd_ones_ignored() -> None:
    extras = {
        "spotUsdPerBtc": "100450.00",
        "effectiveSlippageBps": 50,
        "ignoredFields": ["color", 3],
        "paymentLinks": "none",
        "readToken": "eyJ2IjoxfQ",
    }
    async with client_of(Recorder({**load("seed004_onramp_response.json"), **extras})) as api:
        created = await api.onramp(REQUEST, "onramp:1")
    assert isinstance(created, OnrampCreated)
    assert (created.spot_usd_per_btc, created.effective_slippage_bps) == ("100450.00", 50)
    assert (created.ignored_fields, created.payment_links) == (["color"], None)
    assert "eyJ2IjoxfQ" not in repr(created)


@pytest.mark.parametrize(("status", "body"), [(200, {"orderId": "ord_1", "status": "paused"}), (202, {}), (202, [])])
async def test_an_onramp_answer_of_neither_kind_is_malformed(status: int, body: Any) -> None:
    async with client_of(Recorder(body, status)) as api:
        with pytest.raises(MalformedAnswer, match="POST /v1/orchestration/onramp"):
            await api.onramp(REQUEST, "onramp:1")


async def test_a_missing_spot_price_is_retried_with_the_same_key() -> None:
    async with client_of(Recorder({"error": {"code": "spot_unavailable", "message": "No spot"}}, 503)) as api:
        with pytest.raises(ServerTrouble) as raised:
            await api.onramp(REQUEST, "onramp:1")
    assert (raised.value.code, raised.value.retry) == ("spot_unavailable", Retry.SAME_KEY)


async def test_an_impossible_onramp_is_refused_for_good() -> None:
    async with client_of(Recorder({"error": {"code": "unsupported_fee_plan", "message": "No"}}, 400)) as api:
        with pytest.raises(Refused) as raised:
            await api.onramp(REQUEST, "onramp:1")
    assert raised.value.retry is Retry.NEVER


async def test_routes_are_read_in_both_generations() -> None:
    pair = {"sourceChain": "base", "sourceAsset": "USDC", "destinationChain": "spark", "destinationAsset": "BTC"}
    seen = Recorder({"routes": [pair]})
    async with client_of(seen) as api:
        assert (await api.routes()).pair("base:USDC", "spark:BTC") is not None
    assert (seen.asked.method, str(seen.asked.url)) == ("GET", "https://api.example/v1/orchestration/routes")
    seen = Recorder({"assets": [load("docs_g3_v2_routes_asset_entry.json")]})
    async with client_of(seen) as api:
        assert (await api.route_catalogue()).asset("base:USDC") is not None
    assert str(seen.asked.url) == "https://api.example/v2/orchestration/routes"


async def test_a_route_list_of_two_megabytes_is_read() -> None:
    details = {"chain": "base", "asset": "USDC", "decimals": 6, "chainIcon": "x" * 200}
    pairs = [
        {"sourceChain": "base", "sourceAsset": "USDC", "destinationChain": "c", "destinationAsset": f"A{number}"}
        | {"source": details, "destination": details}
        for number in range(2_851)
    ]
    async with client_of(Recorder({"routes": pairs})) as api:
        assert len((await api.routes()).routes) == 2_851


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({}, {}),
        ({"source_chain": "spark"}, {"sourceChain": "spark"}),
        (
            {
                "source_chain": "spark",
                "source_asset": "USDB",
                "destination_chain": "tron",
                "destination_asset": "USDT",
            },
            {"sourceChain": "spark", "sourceAsset": "USDB", "destinationChain": "tron", "destinationAsset": "USDT"},
        ),
    ],
)
async def test_limits_are_asked_for_all_routes_or_for_some(filters: dict, query: dict) -> None:
    seen = Recorder({"generatedAt": "2026-02-04T01:30:00.000Z", "routes": []})
    async with client_of(seen) as api:
        assert (await api.limits(**filters)).routes == []
    assert (seen.asked.method, seen.asked.url.path) == ("GET", "/v1/orchestration/limits")
    assert dict(seen.asked.url.params) == query


@pytest.mark.parametrize("parameter", [None, "recipientAddress"])
async def test_history_sends_the_address_under_the_given_parameter(parameter: str | None) -> None:
    seen = Recorder(load("docs_g3_history_response.json"))
    async with client_of(seen) as api:
        history = await (api.history("7Ec") if parameter is None else api.history("7Ec", parameter))
    assert [order.status for order in history.orders] == ["completed"]
    assert seen.asked.url.path == "/v1/orchestration/history"
    assert dict(seen.asked.url.params) == {parameter or "address": "7Ec"}


@pytest.mark.parametrize(("address", "parameter"), [("", "address"), ("7Ec", "")])
async def test_a_history_without_an_address_is_not_asked_for(address: str, parameter: str) -> None:
    seen = Recorder({})
    async with client_of(seen) as api:
        with pytest.raises(ValueError, match="recipient's address"):
            await api.history(address, parameter)
    assert seen.requests == []


async def test_an_unreadable_order_of_the_history_is_left_out() -> None:
    async with client_of(Recorder({"orders": [{"id": "ord_1"}, None, {"id": "ord_2", "status": "failed"}]})) as api:
        assert [order.id for order in (await api.history("7Ec")).orders] == ["ord_2"]
