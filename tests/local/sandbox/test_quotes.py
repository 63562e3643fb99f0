"""Quotes and estimates over HTTP: their answers, and the refusal of each invalid field."""

from datetime import datetime
from typing import Any

import pytest

from baton.orchestra.models import Estimate, Quote
from tests.local.sandbox.partner import (
    BITCOIN,
    BITCOIN_TO_USDC,
    EVM,
    EXACT_OUT,
    LIGHTNING_TO_USDB,
    SOLANA_TO_BASE,
    SPARK,
    SPARK_TO_USDC,
    USDC_TO_BTC,
    Document,
    Partner,
    code_of,
)

ROUTES = [USDC_TO_BTC, SPARK_TO_USDC, BITCOIN_TO_USDC, LIGHTNING_TO_USDB, SOLANA_TO_BASE, EXACT_OUT]
INVALID, ADDRESS, ROUTE = "invalid_request", "invalid_address", "unsupported_route"
BTC_TO_LIGHTNING = {**SPARK_TO_USDC, "destinationChain": "lightning", "destinationAsset": "BTC"}
FEE = {"recipient": "me", "fee": 100}
INVOICE = "lnbc1m1p" + "q" * 20
"""An invoice for 100000 sats."""
OPEN_INVOICE = "lnbc1p" + "q" * 20
INVOICE_EXACT_OUT = {
    "recipientAddress": INVOICE,
    "amountMode": "exact_out",
    "amount": "100000",
    "refundAddress": SPARK,
}


@pytest.mark.parametrize("body", ROUTES)
async def test_the_client_parses_every_quote_and_its_fees_add_up(shared_partner: Partner, body: Document) -> None:
    answer = await shared_partner.quote(body)
    quote = Quote.model_validate(answer)
    assert quote.quote_id.startswith("q_")
    assert quote.total_fee_amount == int(answer["feeAmount"]) + int(answer["roundingFeeAmount"])
    lifetime = quote.expires_at - datetime.now(quote.expires_at.tzinfo)
    assert 118 < lifetime.total_seconds() <= 120
    assert answer["expiresAt"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "prefix"),
    [
        (USDC_TO_BTC, "0x"),
        (SPARK_TO_USDC, "spark1"),
        (BITCOIN_TO_USDC, "bc1q"),
        (LIGHTNING_TO_USDB, "lnbc1000000n1"),
        ({**USDC_TO_BTC, "sourceChain": "tron", "sourceAsset": "USDT"}, "T"),
    ],
)
async def test_the_deposit_address_belongs_to_the_source_chain(
    shared_partner: Partner, body: Document, prefix: str
) -> None:
    first, second = await shared_partner.quote(body), await shared_partner.quote(body)
    assert first["depositAddress"].startswith(prefix)
    assert first["depositAddress"] != second["depositAddress"]
    assert ("lightningReceiveRequestId" in first) == (body["sourceChain"] == "lightning")


async def test_an_exact_out_quote_states_the_input_and_its_bounds(shared_partner: Partner) -> None:
    quote = await shared_partner.quote(EXACT_OUT)
    required = int(quote["requiredAmountIn"])
    assert quote["amountIn"] == quote["requiredAmountIn"]
    assert quote["estimatedOut"] == quote["targetAmountOut"] == EXACT_OUT["amount"]
    assert int(quote["maxAcceptedAmountIn"]) == required * 10002 // 10000
    assert (quote["amountMode"], quote["inputBufferBps"]) == ("exact_out", 2)


@pytest.mark.parametrize(
    ("changes", "enabled"),
    [({}, True), ({"zeroconfEnabled": False}, False), ({"zeroconfEnabled": True}, True)],
)
async def test_zeroconf_is_on_for_bitcoin_unless_declined(
    shared_partner: Partner, changes: Document, enabled: bool
) -> None:
    assert (await shared_partner.quote({**BITCOIN_TO_USDC, **changes}))["zeroconfEnabled"] is enabled
    assert "zeroconfEnabled" not in await shared_partner.quote({**USDC_TO_BTC, **changes})


@pytest.mark.parametrize(
    ("fees", "bps"),
    [
        ({"appFees": [FEE, {"recipient": "you", "fee": 50}]}, [100, 50]),
        ({"affiliateId": "flashpartner"}, [50]),
        ({"affiliateIds": ["one", {"affiliateId": "two", "feeBps": 30}]}, [50, 30]),
    ],
)
async def test_app_fees_are_taken_after_the_platform_and_shared(
    shared_partner: Partner, fees: Document, bps: list[int]
) -> None:
    quote = await shared_partner.quote({**USDC_TO_BTC, **fees})
    rest = 100_000_000 - int(quote["feeAmount"])
    assert [int(fee["amount"]) for fee in quote["appFees"]] == [rest * fee_bps // 10_000 for fee_bps in bps]
    for fee in quote["appFees"]:
        assert int(fee["platformCutAmount"]) == int(fee["amount"]) // 5
        assert int(fee["recipientAmount"]) == int(fee["amount"]) - int(fee["platformCutAmount"])
    assert int(quote["totalFeeAmount"]) == int(quote["feeAmount"]) + int(quote["appFeeAmount"])


@pytest.mark.parametrize(
    ("base", "changes", "code", "named"),
    [
        *((USDC_TO_BTC, {name: None}, INVALID, name) for name in USDC_TO_BTC),
        (USDC_TO_BTC, {"sourceChain": 7}, INVALID, "sourceChain"),
        *((USDC_TO_BTC, {"amount": bad}, INVALID, "amount") for bad in (100, "0", "-5", "1.5", "", "٣", "1" * 41)),
        (USDC_TO_BTC, {"sourceChain": "mars"}, ROUTE, "mars:USDC"),
        (USDC_TO_BTC, {"sourceAsset": "usdc"}, ROUTE, "base:usdc"),
        (SPARK_TO_USDC, {"destinationChain": "spark", "destinationAsset": "BTC"}, ROUTE, "spark:BTC"),
        (USDC_TO_BTC, {"amountMode": "exact"}, INVALID, "amountMode"),
        (USDC_TO_BTC, {"amountMode": "exact_out"}, "unsupported_amount_mode", "exact_out"),
        (EXACT_OUT, {"amount": "100000001"}, INVALID, "whole cents"),
        (EXACT_OUT, {"refundAddress": None}, INVALID, "refundAddress"),
        (USDC_TO_BTC, {"recipientAddress": EVM}, ADDRESS, "recipientAddress"),
        (SPARK_TO_USDC, {"recipientAddress": "0xabc"}, ADDRESS, "recipientAddress"),
        (BITCOIN_TO_USDC, {"refundAddress": SPARK}, ADDRESS, "refundAddress"),
        (USDC_TO_BTC, {"refundAddress": BITCOIN, "refundChain": "mars"}, INVALID, "refundChain"),
        (BTC_TO_LIGHTNING, {"recipientAddress": INVOICE}, ADDRESS, "no amount"),
        (BTC_TO_LIGHTNING, {"recipientAddress": "lno1qqqqqqqqqq"}, ADDRESS, "recipientAddress"),
        (BTC_TO_LIGHTNING, {**INVOICE_EXACT_OUT, "amount": "100001"}, ADDRESS, "exactly"),
        (LIGHTNING_TO_USDB, {"refundAddress": INVOICE}, ADDRESS, "refundAddress"),
        *((USDC_TO_BTC, {"slippageBps": bad}, INVALID, "slippageBps") for bad in (-1, 1001, "50", 1.5, True)),
        (BITCOIN_TO_USDC, {"zeroconfEnabled": "yes"}, INVALID, "zeroconfEnabled"),
        (USDC_TO_BTC, {"deliveryMode": "express"}, INVALID, "deliveryMode"),
        (USDC_TO_BTC, {"deliveryMode": "fixed"}, INVALID, "fixed"),
        (USDC_TO_BTC, {"appFees": [FEE], "affiliateId": "one"}, INVALID, "appFees"),
        (USDC_TO_BTC, {"appFees": [{"recipient": "me", "fee": 0}]}, INVALID, "appFees.fee"),
        (USDC_TO_BTC, {"appFees": [{"fee": 5}]}, INVALID, "recipient"),
        (USDC_TO_BTC, {"appFees": [FEE] * 17}, INVALID, "appFees"),
        (USDC_TO_BTC, {"appFees": [{"recipient": "me", "fee": 9_999}] * 2}, INVALID, "10000"),
        (USDC_TO_BTC, {"affiliateId": "No!"}, INVALID, "affiliateId"),
        (USDC_TO_BTC, {"affiliateIds": []}, INVALID, "affiliateIds"),
        (USDC_TO_BTC, {"affiliateIds": [{"affiliateId": "a", "feeBps": 10_000}]}, INVALID, "feeBps"),
        (EXACT_OUT, {"appFees": [FEE]}, "unsupported_fee_plan", "exact_out"),
        (
            SPARK_TO_USDC,
            {"destinationChain": "bitcoin", "destinationAsset": "BTC", "recipientAddress": BITCOIN, "appFees": [FEE]},
            "unsupported_fee_plan",
            "BTC",
        ),
        (USDC_TO_BTC, {"amount": "799999"}, "amount_too_small", "80"),
        (USDC_TO_BTC, {"amount": "90300010000"}, "amount_too_large", "9030000"),
    ],
)
async def test_a_wrong_field_is_refused_with_its_code_and_name(
    shared_partner: Partner, base: Document, changes: Document, code: str, named: str
) -> None:
    answer = await shared_partner.request_quote({**base, **changes})
    assert code_of(answer) == (400, code)
    assert named in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("base", "changes"),
    [
        (USDC_TO_BTC, {"amount": "800000"}),
        (USDC_TO_BTC, {"amount": "90300000000"}),
        (USDC_TO_BTC, {"slippageBps": 0, "unknownField": {"is": "ignored"}}),
        (USDC_TO_BTC, {"slippageBps": 1000, "deliveryMode": "variable", "appFees": []}),
        (USDC_TO_BTC, {"refundAddress": EVM, "refundChain": "base"}),
        (BTC_TO_LIGHTNING, {"recipientAddress": OPEN_INVOICE}),
        (BTC_TO_LIGHTNING, {"recipientAddress": "satoshi@example.org"}),
        (BTC_TO_LIGHTNING, INVOICE_EXACT_OUT),
        (LIGHTNING_TO_USDB, {"refundAddress": OPEN_INVOICE}),
    ],
)
async def test_the_edges_of_what_is_allowed_are_allowed(
    shared_partner: Partner, base: Document, changes: Document
) -> None:
    assert (await shared_partner.request_quote({**base, **changes})).status_code == 200


@pytest.mark.parametrize("body", ROUTES)
async def test_an_estimate_equals_the_quote(shared_partner: Partner, body: dict[str, Any]) -> None:
    query = {**body, "slippageBps": "100"}
    answer = (await shared_partner.http.get("/v1/orchestration/estimate", params=query)).json()
    quote = await shared_partner.quote(body)
    same = ("estimatedOut", "feeAmount", "totalFeeAmount", "feeAsset", "feeBps", "route")
    assert {name: answer[name] for name in same} == {name: quote[name] for name in same}
    assert answer.get("requiredAmountIn") == quote.get("requiredAmountIn")
    assert "expiresAt" not in answer
    assert Estimate.model_validate(answer).estimated_out == int(quote["estimatedOut"])


async def test_an_estimate_with_an_affiliate_needs_a_key(shared_partner: Partner) -> None:
    query = {**USDC_TO_BTC, "affiliateIds": "one,two"}
    with_key = await shared_partner.http.get("/v1/orchestration/estimate", params=query)
    without = await shared_partner.http.get("/v1/orchestration/estimate", params=query, headers={"Authorization": ""})
    assert len(with_key.json()["appFees"]) == 2
    assert code_of(without) == (401, "unauthorized")
