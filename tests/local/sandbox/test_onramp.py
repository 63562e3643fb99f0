"""Onramps: three ways to give the amount, an order before its payment, and an invoice that expires."""

import re
from typing import Any

import httpx
import pytest

from baton.local.sandbox.control import SandboxControl, SandboxRefused
from baton.local.sandbox.engine.assets import DOLLAR
from baton.orchestra.onramp_models import OnrampCreated
from tests.eventually import eventually
from tests.local.sandbox.partner import EVM, SPARK, Document, Partner, Receiver, code_of
from tests.sandbox_server import running_sandbox

TO_USDB = {"destinationChain": "spark", "destinationAsset": "USDB", "recipientAddress": SPARK, "amount": "100000"}
TO_USDC = {**TO_USDB, "destinationChain": "base", "destinationAsset": "USDC", "recipientAddress": EVM}
TO_BTC = {**TO_USDB, "destinationAsset": "BTC"}
INVALID = "invalid_request"


def _without(body: Document, *names: str, **more: Any) -> Document:
    return {name: value for name, value in body.items() if name not in names} | more


FIAT = _without(TO_USDB, "amount", amountFiatUsd="25.00")


async def _ask(partner: Partner, body: Document, *, key: str | None = None) -> httpx.Response:
    return await partner.post("/v1/orchestration/onramp", body, key=key)


async def _onramp(partner: Partner, body: Document = TO_USDB) -> Document:
    answer = await _ask(partner, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_onramp_answers_with_an_order_an_invoice_and_links(shared_partner: Partner) -> None:
    answer = await _onramp(shared_partner)
    created = OnrampCreated.model_validate(answer)
    assert created.order_id.startswith("ord_")
    assert (created.amount_in, answer["feeAsset"]) == (100_000, "USDB")
    assert created.deposit_address.startswith("lnbc1000000n1")
    assert answer["paymentLinks"]["cashApp"] == f"https://cash.app/launch/lightning/{created.deposit_address}"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/pay/[A-Za-z0-9_-]{8}", answer["paymentLinks"]["shortUrl"])
    redirect = await shared_partner.http.get(answer["paymentLinks"]["shortUrl"])
    assert (redirect.status_code, redirect.headers["Location"]) == (302, answer["paymentLinks"]["cashApp"])


async def test_an_exact_out_invoice_asks_for_the_required_sats(shared_partner: Partner) -> None:
    answer = await _onramp(shared_partner, {**TO_USDC, "amount": "25000000", "amountMode": "exact_out"})
    assert (answer["estimatedOut"], answer["targetAmountOut"]) == ("25000000", "25000000")
    assert answer["amountIn"] == answer["requiredAmountIn"]
    assert 25_800 < int(answer["amountIn"]) < 25_900


async def test_dollars_are_converted_into_sats_at_the_spot_price(partner: Partner, control: SandboxControl) -> None:
    await control.set_prices(BTC=100_450 * DOLLAR)
    answer = await _onramp(partner, {**FIAT, "amountFiatUsd": "100.00"})
    order = (await partner.status(id=answer["orderId"])).json()["order"]
    assert (answer["amountIn"], answer["spotUsdPerBtc"]) == (str(10_000_000_000 // 100_450), "100450.00")
    fiat = {"amountFiatUsd": "100.00", "amountFiatCurrency": "USD", "spotUsdPerBtc": "100450.00"}
    assert {name: order[name] for name in fiat} == fiat
    assert fiat.items() <= order["paymentIntent"].items()
    assert order["paymentIntent"]["actualAmountIn"] is None


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        (_without(TO_USDB, "amount"), INVALID, "exactly one"),
        ({**TO_USDB, "amountFiatUsd": "25.00"}, INVALID, "exactly one"),
        *(({**FIAT, "amountFiatUsd": bad}, INVALID, "amountFiatUsd") for bad in ("0.99", "50000.01", "5,0", "1e2", 5)),
        ({**FIAT, "amountMode": "exact_out"}, INVALID, "amountFiatUsd"),
        ({**TO_USDC, "amount": "25000001", "amountMode": "exact_out"}, INVALID, "whole cents"),
        ({**TO_BTC, "amountMode": "exact_out"}, "unsupported_amount_mode", "exact_out"),
        ({**TO_BTC, "affiliateId": "one"}, "unsupported_fee_plan", "BTC"),
        (
            {**TO_USDC, "amount": "25000000", "amountMode": "exact_out", "affiliateId": "one"},
            "unsupported_fee_plan",
            "",
        ),
        ({**TO_USDB, "appFees": [{"recipient": "me", "fee": 5}], "affiliateIds": ["one"]}, INVALID, "appFees"),
        ({**TO_USDB, "recipientAddress": EVM}, "invalid_address", "recipientAddress"),
        ({**TO_USDB, "refundAddress": "lnbc1m1p" + "q" * 20}, "invalid_address", "refundAddress"),
        ({**TO_USDB, "destinationChain": "mars"}, "unsupported_route", "mars"),
        ({**TO_USDB, "amount": "800"}, "amount_too_small", "80"),
        (_without(TO_USDB, "recipientAddress"), INVALID, "recipientAddress"),
    ],
)
async def test_a_wrong_field_is_refused_with_its_code_and_name(
    shared_partner: Partner, body: Document, code: str, named: str
) -> None:
    answer = await _ask(shared_partner, body)
    assert code_of(answer) == (400, code)
    assert named in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {**FIAT, "amountFiatUsd": "1.00"},
        {**FIAT, "amountFiatUsd": "50000"},
        {**FIAT, "amountMode": "exact_in"},
        {**TO_BTC, "refundAddress": "satoshi@example.org"},
        {**TO_USDB, "affiliateIds": ["one", {"affiliateId": "two", "feeBps": 30}]},
    ],
)
async def test_the_edges_of_what_is_allowed_are_allowed(shared_partner: Partner, body: Document) -> None:
    assert (await _ask(shared_partner, body)).status_code == 200


async def test_unknown_fields_are_listed(shared_partner: Partner) -> None:
    assert (await _onramp(shared_partner, {**TO_USDB, "zeta": 1, "colour": "red"}))["ignoredFields"] == [
        "colour",
        "zeta",
    ]
    assert "ignoredFields" not in await _onramp(shared_partner)


async def test_dollars_without_a_spot_price_are_refused_and_the_key_stays_free(
    partner: Partner, control: SandboxControl
) -> None:
    await control.set_spot(available=False)
    assert code_of(await _ask(partner, FIAT, key="f")) == (503, "spot_unavailable")
    assert (await _ask(partner, TO_USDB)).status_code == 200
    await control.set_spot(available=True)
    assert (await _ask(partner, FIAT, key="f")).status_code == 200
    await control.fault("onramp", "error", status=503, code="spot_unavailable", times=1)
    assert code_of(await _ask(partner, FIAT)) == (503, "spot_unavailable")


async def test_a_repeated_onramp_returns_the_same_order(partner: Partner, control: SandboxControl) -> None:
    first, again = [await _ask(partner, TO_USDB, key="o") for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["X-Idempotency-Replayed"] == "true"
    assert len(await control.orders()) == 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (TO_USDB, ["confirming", "swapping"]),
        (TO_BTC, ["confirming"]),
        (TO_USDC, ["confirming", "swapping", "bridging"]),
    ],
)
async def test_a_payment_starts_the_order(
    partner: Partner, control: SandboxControl, receiver: Receiver, body: Document, path: list[str]
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    created = await _onramp(partner, body)
    before = await partner.order(created)
    assert (before["id"], before["status"], before["sourceTxHash"]) == (created["orderId"], "processing", None)
    await control.deposit(deposit_address=created["depositAddress"])
    order = await partner.wait_until(created, "completed")
    [record] = await control.orders()
    assert [move["status"] for move in record["moves"]] == ["processing", *path, "delivering", "completed"]
    assert (order["sourceTxHash"], "zeroconfOffer" in order) == (None, False)
    assert len(await receiver.wait_for(len(path) + 3)) == len(path) + 3


async def test_an_unpaid_invoice_expires_without_a_webhook(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    created = await _onramp(partner)
    await control.advance_clock(119)
    assert (await partner.order(created))["status"] == "processing"
    await control.advance_clock(2)
    order = await partner.wait_until(created, "expired")
    assert order["completedAt"] is not None
    with pytest.raises(SandboxRefused, match="expired"):
        await control.deposit(deposit_address=created["depositAddress"])
    assert [delivery["event"] for delivery in await control.deliveries()] == ["order.processing"]


async def test_an_unfulfilled_onramp_can_be_paid_for_six_hours(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("onramp_unpaid_unfulfilled")
    created, other = await _onramp(partner), await _onramp(partner)
    await control.advance_clock(121)
    await partner.wait_until(created, "unfulfilled")
    await partner.wait_until(other, "unfulfilled")
    await control.advance_clock(5 * 3_600)
    await control.deposit(created["quoteId"])
    await partner.wait_until(created, "completed")
    await control.advance_clock(3_600)
    with pytest.raises(SandboxRefused, match="unfulfilled"):
        await control.deposit(other["quoteId"])
    assert await control.violations() == []


async def test_a_payment_just_before_the_expiry_counts_without_a_submit(
    partner: Partner, control: SandboxControl
) -> None:
    created = await _onramp(partner)
    await control.advance_clock(119)
    await control.deposit(created["quoteId"], detect=False)
    await control.advance_clock(5)
    assert (await partner.wait_until(created, "completed"))["amountOut"] == created["estimatedOut"]


async def test_a_payment_visible_after_the_expiry_changes_nothing(partner: Partner, control: SandboxControl) -> None:
    created = await _onramp(partner)
    await control.deposit(created["quoteId"], visible_after=200)
    await control.advance_clock(121)
    await partner.wait_until(created, "expired")
    await control.advance_clock(200)
    assert (await control.deposits())[0]["orderId"] is None
    assert (await partner.order(created))["status"] == "expired"


async def test_a_payment_of_another_amount_than_the_invoice_is_refused(
    partner: Partner, control: SandboxControl
) -> None:
    created = await _onramp(partner)
    with pytest.raises(SandboxRefused, match="exactly 100000"):
        await control.deposit(created["quoteId"], amount=99_999)


@pytest.mark.parametrize(
    ("scenario", "end", "moves"),
    [
        ("onramp_in_review", "expired", ["processing", "paused", "processing", "expired"]),
        ("onramp_review_rejected", "failed", ["processing", "paused", "failed"]),
    ],
)
async def test_an_onramp_held_for_review_answers_202_without_an_invoice(
    partner: Partner, control: SandboxControl, scenario: str, end: str, moves: list[str]
) -> None:
    await control.set_scenario(scenario)
    answer = await _ask(partner, TO_USDB)
    assert answer.status_code == 202
    assert answer.json() == {"orderId": answer.json()["orderId"], "status": "paused"}
    query = {"id": answer.json()["orderId"]}
    shown = (await partner.status(**query)).json()["order"]
    assert (shown["status"], shown["reviewStatus"]) == ("processing", "pending_review")

    async def read() -> list[str]:
        [order] = await control.orders()
        return [move["status"] for move in order["moves"]]

    await eventually(read, lambda statuses: statuses[:3] == moves[:3])
    await control.advance_clock(121)
    await eventually(read, lambda statuses: statuses == moves)
    assert (await partner.status(**query)).json()["order"]["status"] == end


async def test_an_order_expires_if_its_review_outlasts_the_invoice() -> None:
    async with running_sandbox(invoice_ttl=0.05, time_scale=0.2, scenario="onramp_in_review") as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            await _ask(partner, TO_USDB)
            [order] = await eventually(control.orders, lambda orders: orders[0]["status"] == "expired")
            moves = [move["status"] for move in order["moves"]]
            assert moves == ["processing", "paused", "processing", "expired"]


async def test_a_reviewed_order_can_be_paid_after_its_release(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("onramp_in_review")
    order_id = (await _ask(partner, TO_USDB)).json()["orderId"]

    async def read() -> Document:
        return (await control.orders())[0]

    order = await read()
    with pytest.raises(SandboxRefused, match="paused"):
        await control.deposit(deposit_address=order["depositAddress"])
    released = await eventually(read, lambda order: order["internalStatus"] == "processing")
    await control.deposit(deposit_address=released["depositAddress"])
    assert (await eventually(read, lambda order: order["status"] == "completed"))["id"] == order_id


async def test_a_hidden_order_is_not_found_until_it_is_paid(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    await control.set_scenario("onramp_unknown_until_paid")
    created = await _onramp(partner)
    quote = {"quoteId": created["quoteId"]}
    for query in ({"id": created["orderId"]}, quote):
        assert code_of(await partner.status(**query)) == (404, "not_found")
    assert (await partner.http.get("/v1/orchestration/order", params=quote)).json()["order"] is None
    assert await control.deliveries() == []
    await control.deposit(created["quoteId"])
    assert (await partner.wait_until(created, "completed"))["id"] == created["orderId"]
    assert len(await receiver.wait_for(5)) == 5


async def test_an_onramps_scenario_can_be_set_until_the_payment(partner: Partner, control: SandboxControl) -> None:
    created = await _onramp(partner)
    await control.set_scenario("failed_slippage", created["quoteId"])
    await control.deposit(created["quoteId"])
    await partner.wait_until(created, "failed")
    with pytest.raises(SandboxRefused, match="conflict"):
        await control.set_scenario("happy", created["quoteId"])


async def test_the_expiry_of_invoices_is_an_option() -> None:
    async with running_sandbox(invoice_ttl=0.05, step_seconds=0) as (base_url, _):
        partner = Partner(base_url)
        async with partner.http:
            await partner.wait_until(await _onramp(partner), "expired")
