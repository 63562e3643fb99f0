"""Surprises for a client: unknown statuses, events and fields, reordered webhooks, and records that grow."""

import json
from typing import Any

import pytest

from baton.local.sandbox.control import SandboxControl
from baton.orchestra.webhooks import read_event
from tests.eventually import eventually
from tests.local.sandbox.partner import (
    BITCOIN_TO_USDC,
    LIGHTNING_TO_USDB,
    SPARK_TO_USDC,
    USDC_TO_BTC,
    Document,
    Partner,
    Receiver,
)
from tests.sandbox_server import running_sandbox

DONE = ["order.bridging", "order.swapping", "order.delivering", "order.completed"]
FEES = {"appFees": [{"recipient": "one", "fee": 50}, {"recipient": "two", "fee": 30}]}


async def _paid(
    partner: Partner, control: SandboxControl, scenario: str = "happy", body: Document = USDC_TO_BTC
) -> Document:
    await control.set_scenario(scenario)
    quote = await partner.quote(body)
    await partner.submit(quote, await control.deposit(quote["quoteId"]))
    return quote


async def _events(control: SandboxControl, last: str) -> list[str]:
    deliveries = await eventually(
        control.deliveries, lambda deliveries: bool(deliveries) and deliveries[-1]["event"] == last
    )
    return [delivery["event"] for delivery in deliveries]


async def test_an_unknown_status_is_shown_sent_and_left_again(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    quote = await _paid(partner, control, "unknown_status")
    await partner.wait_until(quote, "reconciling")
    await partner.wait_until(quote, "completed")
    assert await _events(control, "order.completed") == [
        *("order.processing", "order.reconciling", "order.processing"),
        *DONE,
    ]
    assert await control.violations() == []


async def test_an_unknown_status_can_stay_until_an_admin_call(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "unknown_status_stays")
    await partner.wait_until(quote, "reconciling")
    await control.advance_clock(86_400)
    assert (await partner.order(quote))["status"] == "reconciling"
    await control.advance(quote["quoteId"])
    await partner.wait_until(quote, "completed")


async def test_an_unknown_event_is_sent_midway(partner: Partner, control: SandboxControl, receiver: Receiver) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    await partner.wait_until(await _paid(partner, control, "unknown_event"), "completed")
    assert await _events(control, "order.completed") == ["order.processing", "order.audited", *DONE]
    audited = next(one for one in await control.deliveries() if one["event"] == "order.audited")
    assert audited["body"]["data"]["status"] == "processing"


async def test_only_recovery_subscriptions_get_recovery_events(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    recovery = (await partner.post("/v1/webhooks/recovery", {"url": f"{receiver.url}/recovery"})).json()
    quote = await _paid(partner, control, "recovery_required")
    await _events(control, "order.recovery_required")
    orders, calls = await control.deliveries()
    assert (orders["event"], calls["event"]) == ("order.processing", "order.recovery_required")
    assert (orders["url"], calls["url"]) == (receiver.url, f"{receiver.url}/recovery")
    data = calls["body"]["data"]
    assert (data["status"], data["reviewStatus"]) == ("processing", "pending_review")
    [listed] = (await partner.http.get("/v1/webhooks/recovery")).json()["webhooks"]
    assert listed["id"] == recovery["webhookId"]
    await control.advance(quote["quoteId"], "failed", errorCode="provider_review", errorMessage="no")
    gone = await partner.http.delete(f"/v1/webhooks/{listed['id']}", headers={"X-Idempotency-Key": "r"})
    assert gone.json() == {"ok": True}


async def test_an_endpoint_registered_at_startup_gets_every_event(receiver: Receiver) -> None:
    options = {"webhook_url": receiver.url, "scenario": "recovery_required", "step_seconds": 0}
    async with running_sandbox(**options) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            await _paid(partner, control, "recovery_required")
            events = [read_event(webhook.body).event for webhook in await receiver.wait_for(2)]
            assert sorted(events) == ["order.processing", "order.recovery_required"]


async def test_undocumented_fields_are_added_to_every_document(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    order = await partner.wait_until(await _paid(partner, control, "extra_fields"), "completed")
    event = json.loads((await receiver.wait_for(5))[-1].body)
    for document in (order, event, event["data"], event["data"]["source"]):
        assert document["riskScore"] == 7
        assert document["compliance"] == {"level": {"value": True, "notes": []}}
    assert event["data"]["amountOut"] in (None, order["amountOut"])
    assert event["data"]["source"]["chain"] == "base"


async def test_reordered_webhooks_all_arrive_in_the_order_of_their_seed(receiver: Receiver) -> None:
    orders = []
    for _ in range(2):
        receiver.received.clear()
        options = {"webhook_url": receiver.url, "step_seconds": 0}
        async with running_sandbox(**options) as (base_url, control):
            partner = Partner(base_url)
            async with partner.http:
                await control.webhook_fault("reorder", seconds=0.5, seed=3)
                await partner.wait_until(await _paid(partner, control), "completed")
                orders.append([read_event(webhook.body).event for webhook in await receiver.wait_for(5)])
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == sorted(["order.processing", *DONE])
    assert orders[0] != ["order.processing", *DONE]


@pytest.mark.parametrize(("scenario", "seconds"), [("webhooks_shuffled", 2), ("webhooks_late", 10)])
async def test_a_scenario_can_delay_webhooks(
    partner: Partner, control: SandboxControl, receiver: Receiver, scenario: str, seconds: int
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    await partner.wait_until(await _paid(partner, control, scenario), "completed")
    assert len(receiver.received) < 5
    await control.advance_clock(seconds)
    await receiver.wait_for(5)


async def test_fee_payouts_are_added_as_the_order_moves(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "stepped", {**SPARK_TO_USDC, **FEES})
    payouts: list[list[Any]] = []
    for _ in range(4):
        order = await control.advance(quote["quoteId"])
        payouts.append(order.get("feePayouts", {"entries": []})["entries"])
    delivered, completed = payouts[2], payouts[3]
    order_id = order["id"]
    assert (payouts[0], payouts[1]) == ([], [])
    assert [entry["idempotencyKey"] for entry in delivered] == [f"order:{order_id}:full:appfee:0"]
    assert [entry["idempotencyKey"].rpartition("full:")[2] for entry in completed] == ["appfee:0", "appfee:1", "payout"]
    assert completed[0] == delivered[0]
    assert (completed[2]["role"], completed[2]["amount"]) == ("recipient_payout", order["amountOut"])
    assert completed[2]["txHash"] == order["destinationTxHash"]
    for entry in completed[:2]:
        assert int(entry["recipientAmount"]) == int(entry["amount"]) - int(entry["platformCutAmount"])
    assert [fee["feeBps"] for fee in order["feePlan"]["appFees"]] == [50, 30]


async def test_an_order_without_app_fees_records_no_payouts(partner: Partner, control: SandboxControl) -> None:
    order = await partner.wait_until(await _paid(partner, control), "completed")
    assert not {"feePlan", "feePayouts"} & set(order)


@pytest.mark.parametrize(
    ("body", "rate"), [(USDC_TO_BTC, "96740.00"), (BITCOIN_TO_USDC, "96740.00"), (LIGHTNING_TO_USDB, "96740.00")]
)
async def test_a_swap_records_its_simulation_and_its_execution(
    partner: Partner, control: SandboxControl, body: Document, rate: str
) -> None:
    order = await partner.wait_until(await _paid(partner, control, body=body), "completed")
    leg = order["swap"]["legs"]["full"]
    assert leg["simulation"] == {
        "executionPrice": rate,
        "priceImpactPct": "0.01",
        "feePaidAssetIn": None,
        "warningMessage": None,
    }
    assert set(leg["execution"]) == {"executionPrice", "feeAmount", "requestId", "outboundTransferId"}
    assert int(leg["minAmountOut"]) < int(leg["amountOut"])
    assert order["amountOutUsd"].startswith("96." if body is not USDC_TO_BTC else "99.")
