"""Reprices of older accounts, and the other special fields of their records."""

from typing import Any

import httpx
import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import (
    BITCOIN,
    BITCOIN_TO_USDC,
    EXACT_OUT,
    LIGHTNING_TO_USDB,
    SPARK,
    USDC_TO_BTC,
    Document,
    Partner,
    Receiver,
    code_of,
)

LIGHTNING_TO_BTC = {**LIGHTNING_TO_USDB, "destinationAsset": "BTC", "recipientAddress": SPARK}


async def _repriced(partner: Partner, control: SandboxControl, body: Document, amount: int | None = None) -> Document:
    await control.set_scenario("reprice_pending")
    quote = await partner.quote(body)
    await partner.submit(quote, await control.deposit(quote["quoteId"], amount=amount))
    return quote | {"order": await partner.wait_until(quote, "awaiting_approval")}


async def _decide(partner: Partner, quote: Document, verb: str, **body: Any) -> httpx.Response:
    return await partner.post(f"/v1/orchestration/reprice/{verb}", {"orderId": quote["order"]["id"], **body})


async def test_a_reprice_states_the_old_minimum_and_the_present_price(
    partner: Partner, control: SandboxControl
) -> None:
    order = (await _repriced(partner, control, USDC_TO_BTC))["order"]
    reprice, lock = order["reprice"], order["priceLock"]
    assert (reprice["status"], reprice["resolvedAt"]) == ("awaiting_approval", None)
    assert reprice["previousLockedMinAmountOut"] == lock["lockedMinAmountOut"]
    assert int(reprice["proposedMinAmountOut"]) <= int(reprice["latestExpectedAmountOut"])
    assert int(reprice["latestExpectedAmountOut"]) < int(lock["lockedMinAmountOut"])
    assert lock["mode"] == "approval_required"
    assert order["errorCode"] == "reprice_approval_required"


async def test_a_short_exact_out_deposit_has_its_own_reprice_reason(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("reprice_pending")
    short = int((await partner.quote(EXACT_OUT))["requiredAmountIn"]) - 100
    order = (await _repriced(partner, control, EXACT_OUT, short))["order"]
    assert order["reprice"]["reason"] == "insufficient_input"
    assert f"Received {short} sats" in order["errorMessage"]


@pytest.mark.parametrize("body", [USDC_TO_BTC, BITCOIN_TO_USDC, LIGHTNING_TO_BTC])
async def test_an_approved_price_completes_the_order_at_that_price(
    partner: Partner, control: SandboxControl, body: Document
) -> None:
    quote = await _repriced(partner, control, body)
    reprice = quote["order"]["reprice"]
    answer = await _decide(partner, quote, "approve", approvedMinAmountOut=reprice["proposedMinAmountOut"])
    assert answer.json() == {"orderId": quote["order"]["id"], "status": "swapping"}
    order = await partner.wait_until(quote, "completed")
    assert (order["reprice"]["status"], order["errorCode"]) == ("approved", None)
    assert order["amountOut"] == reprice["latestExpectedAmountOut"]
    assert await control.violations() == []


async def test_an_approval_above_the_present_price_refunds(partner: Partner, control: SandboxControl) -> None:
    quote = await _repriced(partner, control, USDC_TO_BTC)
    minimum = quote["order"]["reprice"]["previousLockedMinAmountOut"]
    await _decide(partner, quote, "approve", approvedMinAmountOut=minimum)
    assert (await partner.wait_until(quote, "refunded"))["errorCode"] == "slippage_exceeded"


async def test_a_rejected_price_fails_the_order(partner: Partner, control: SandboxControl) -> None:
    quote = await _repriced(partner, control, USDC_TO_BTC)
    answer = await _decide(partner, quote, "reject", reason="not today")
    assert answer.json()["status"] == "failed"
    order = await partner.order(quote)
    assert (order["status"], order["reprice"]["status"], order["errorMessage"]) == ("failed", "rejected", "not today")


@pytest.mark.parametrize("named", ["by the quote", "by the request"])
async def test_a_bitcoin_deposit_can_be_refunded_instead_of_repriced(
    partner: Partner, control: SandboxControl, named: str
) -> None:
    body = {**BITCOIN_TO_USDC, **({"refundAddress": BITCOIN} if named == "by the quote" else {})}
    quote = await _repriced(partner, control, body)
    answer = await _decide(partner, quote, "refund", **({} if "refundAddress" in body else {"refundAddress": BITCOIN}))
    assert answer.json()["status"] == "refunding"
    order = await partner.wait_until(quote, "refunded")
    assert (order["refundAmount"], order["reprice"]["status"]) == ("100000", "refund_requested")


async def test_an_invalid_reprice_decision_is_refused(partner: Partner, control: SandboxControl) -> None:
    quote = await _repriced(partner, control, USDC_TO_BTC)
    too_much = str(int(quote["order"]["reprice"]["previousLockedMinAmountOut"]) + 1)
    for minimum in (too_much, "0", "-1", "x", None, 5):
        refused = await _decide(partner, quote, "approve", approvedMinAmountOut=minimum)
        assert code_of(refused) == (400, "invalid_request")
        assert "approvedMinAmountOut" in refused.json()["error"]["message"]
    assert code_of(await _decide(partner, quote, "refund")) == (400, "invalid_request")
    await _decide(partner, quote, "reject")
    for verb, body in (("reject", {}), ("refund", {}), ("approve", {"approvedMinAmountOut": "1"})):
        assert code_of(await _decide(partner, quote, verb, **body)) == (400, "invalid_state")


async def test_a_refund_without_any_address_is_refused(partner: Partner, control: SandboxControl) -> None:
    quote = await _repriced(partner, control, BITCOIN_TO_USDC)
    refused = await _decide(partner, quote, "refund")
    assert code_of(refused) == (400, "invalid_request")
    assert "refundAddress" in refused.json()["error"]["message"]


async def test_a_reprice_waits_without_a_deadline(partner: Partner, control: SandboxControl) -> None:
    quote = await _repriced(partner, control, USDC_TO_BTC)
    await control.advance_clock(7 * 86_400)
    assert (await partner.order(quote))["status"] == "awaiting_approval"


@pytest.mark.parametrize(("scenario", "legacy"), [("legacy_expired", True), ("expired", False)])
async def test_only_older_accounts_get_a_webhook_about_an_expiry(
    partner: Partner, control: SandboxControl, receiver: Receiver, scenario: str, legacy: bool
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    await control.set_scenario(scenario)
    quote = await partner.quote()
    await partner.submit(quote, await control.deposit(quote["quoteId"]))
    order = await partner.wait_until(quote, "expired")
    deliveries = await eventually(
        control.deliveries, lambda deliveries: all(delivery["state"] == "delivered" for delivery in deliveries)
    )
    assert ("order.expired" in [delivery["event"] for delivery in deliveries]) is legacy
    assert ("priceLock" in order) is legacy
