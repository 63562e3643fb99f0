"""Refunds: their causes, their fields, and how they can go wrong."""

import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import BITCOIN_TO_USDC, USDC_TO_BTC, Document, Partner, Receiver

HALFWAY = ["processing", "bridging", "swapping", "refunding"]


async def _paid(partner: Partner, control: SandboxControl, scenario: str, body: Document = USDC_TO_BTC) -> Document:
    await control.set_scenario(scenario)
    quote = await partner.quote(body)
    await partner.submit(quote, await control.deposit(quote["quoteId"]))
    return quote


async def _moves(control: SandboxControl) -> list[str]:
    [order] = await control.orders()
    return [move["status"] for move in order["moves"]]


@pytest.mark.parametrize(
    ("scenario", "code", "words"),
    [
        ("refund_slippage", "slippage_exceeded", "slippage"),
        ("refund_exact_out", "target_unmet", "exact-out"),
        ("refund_stale_quote", "slippage_exceeded", "expiry"),
        ("refund_from_delivering", "delivery_failed", "delivery"),
    ],
)
async def test_a_refund_records_its_cause_asset_amount_and_transaction(
    partner: Partner, control: SandboxControl, scenario: str, code: str, words: str
) -> None:
    order = await partner.wait_until(await _paid(partner, control, scenario), "refunded")
    assert (order["errorCode"], words in order["errorMessage"]) == (code, True)
    assert (order["refundAsset"], order["refundAmount"], order["amountOut"]) == ("USDC", "100000000", None)
    assert order["refundTxHash"].startswith("0x")
    assert order["completedAt"] is not None
    assert await control.violations() == []


async def test_a_refund_can_be_smaller_than_the_deposit(partner: Partner, control: SandboxControl) -> None:
    order = await partner.wait_until(await _paid(partner, control, "refund_short", BITCOIN_TO_USDC), "refunded")
    assert (order["amountIn"], order["refundAmount"], order["refundAsset"]) == ("100000", "99000", "BTC")


async def test_a_refund_can_complete_without_a_transaction(partner: Partner, control: SandboxControl) -> None:
    order = await partner.wait_until(await _paid(partner, control, "refund_without_tx"), "refunded")
    assert (order["refundTxHash"], order["refundAmount"]) == (None, "100000000")


async def test_a_refund_can_wait_for_an_admin_call(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "refund_never_ends")
    await partner.wait_until(quote, "refunding")
    await control.advance_clock(7 * 86_400)
    assert (await partner.order(quote))["status"] == "refunding"
    await control.advance(quote["quoteId"], "refunded")
    assert (await partner.order(quote))["refundTxHash"] is not None


@pytest.mark.parametrize(
    ("scenario", "end", "moves"),
    [
        ("refund_at_once", "refunded", ["processing", "refunded"]),
        ("refund_paused", "refunded", [*HALFWAY, "paused", "processing", "refunding", "refunded"]),
        ("refund_paused_then_failed", "failed", [*HALFWAY, "paused", "failed"]),
        (
            "refund_from_delivering",
            "refunded",
            ["processing", "bridging", "swapping", "delivering", "refunding", "refunded"],
        ),
    ],
)
async def test_a_refund_follows_its_scenario(
    partner: Partner, control: SandboxControl, scenario: str, end: str, moves: list[str]
) -> None:
    await partner.wait_until(await _paid(partner, control, scenario), end)
    assert await _moves(control) == moves
    assert await control.violations() == []


async def test_a_paused_refund_sends_refunding_twice(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    await partner.wait_until(await _paid(partner, control, "refund_paused"), "refunded")
    deliveries = await eventually(
        control.deliveries, lambda deliveries: all(delivery["state"] == "delivered" for delivery in deliveries)
    )
    events = [delivery["event"] for delivery in deliveries]
    assert events == [
        *("order.processing", "order.bridging", "order.swapping", "order.refunding"),
        *("order.refunding", "order.refunded"),
    ]
