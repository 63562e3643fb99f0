"""Webhooks as a receiver gets them, their endpoints, and their faults."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from baton.local.sandbox.control import SandboxControl
from baton.local.sandbox.engine.clock import SandboxClock
from baton.local.sandbox.engine.deliveries import AT_ONCE, Delivery, Endpoint, WebhookSender
from baton.orchestra.webhooks import SignatureError, read_event, verify
from tests.eventually import eventually
from tests.local.sandbox.partner import (
    EXACT_OUT,
    LIGHTNING_TO_USDB,
    SPARK_TO_USDC,
    USDC_TO_BTC,
    Document,
    Partner,
    ReceivedWebhook,
    Receiver,
    code_of,
)
from tests.sandbox_server import running_sandbox

HAPPY = ["order.processing", "order.bridging", "order.swapping", "order.delivering", "order.completed"]


async def _subscribe(partner: Partner, receiver: Receiver) -> str:
    created = (await partner.post("/v1/webhooks", {"url": receiver.url})).json()
    return created["secret"]


async def _run(partner: Partner, control: SandboxControl, end: str, body: Document = USDC_TO_BTC) -> Document:
    quote = await partner.quote(body)
    await partner.submit(quote, await control.deposit(quote["quoteId"]))
    return await partner.wait_until(quote, end)


def _check(received: ReceivedWebhook, secret: str) -> None:
    headers = received.headers
    verify(received.body, headers["x-flashnet-signature"], headers["x-flashnet-timestamp"], [secret])


def _names(received: list[ReceivedWebhook]) -> list[str]:
    return [read_event(webhook.body).event for webhook in received]


async def test_each_move_sends_one_signed_webhook(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    secret = await _subscribe(partner, receiver)
    order = await _run(partner, control, "completed")
    received = await receiver.wait_for(len(HAPPY))
    for webhook in received:
        _check(webhook, secret)
        assert webhook.headers["content-type"] == "application/json"
        assert webhook.headers["x-flashnet-signature"] == webhook.headers["x-flashnet-signature"].lower()
    assert sorted(_names(received)) == sorted(HAPPY)
    assert {read_event(webhook.body).data.id for webhook in received} == {order["id"]}


@pytest.mark.parametrize("body", [USDC_TO_BTC, SPARK_TO_USDC, LIGHTNING_TO_USDB, EXACT_OUT])
async def test_the_nested_record_of_a_webhook_equals_the_flat_one(
    partner: Partner, control: SandboxControl, receiver: Receiver, body: Document
) -> None:
    await _subscribe(partner, receiver)
    order = await _run(partner, control, "completed", body)

    async def last() -> list[Document]:
        events = [json.loads(webhook.body) for webhook in receiver.received]
        return [event for event in events if event["event"] == "order.completed"]

    [event] = await eventually(last, lambda events: len(events) == 1)
    data = event["data"]
    assert data["source"]["txHash"] == order["sourceTxHash"]
    assert data["source"]["sweepTxHash"] == order["sweepTxHash"]
    assert data["destination"]["txHash"] == order["destinationTxHash"]
    assert data["destination"]["address"] == order["destinationAddress"]
    assert data["error"] is None
    assert data["refund"] == {"asset": None, "amount": None, "txHash": None}
    same = ("id", "status", "quoteId", "amountIn", "amountOut", "feeAmount", "sparkTxHash", "updatedAt")
    assert {name: data[name] for name in same} == {name: order[name] for name in same}
    assert data.get("paymentIntent") == order.get("paymentIntent")
    assert event["timestamp"] == order["updatedAt"]


async def test_a_refunds_webhooks_carry_its_error_and_its_transaction(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await _subscribe(partner, receiver)
    await control.set_scenario("refunded")
    order = await _run(partner, control, "refunded")
    received = await receiver.wait_for(5)
    events = {name: json.loads(webhook.body)["data"] for name, webhook in zip(_names(received), received, strict=True)}
    assert events["order.refunding"]["error"]["code"] == "slippage_exceeded"
    assert events["order.refunded"]["refund"] == {
        "asset": "USDC",
        "amount": order["refundAmount"],
        "txHash": order["refundTxHash"],
    }


@pytest.mark.parametrize(
    ("scenario", "end", "expected"),
    [
        ("expired", "expired", ["order.processing"]),
        ("paused_then_resumes", "completed", HAPPY),
        ("paused_midway", "completed", HAPPY),
        ("paused_then_failed", "failed", ["order.processing", "order.failed"]),
        ("unfulfilled", "unfulfilled", ["order.processing", "order.unfulfilled"]),
        ("no_webhooks", "completed", []),
        ("webhooks_twice", "completed", sorted(HAPPY * 2)),
    ],
)
async def test_silent_moves_send_no_webhook(
    partner: Partner, control: SandboxControl, receiver: Receiver, scenario: str, end: str, expected: list[str]
) -> None:
    await _subscribe(partner, receiver)
    await control.set_scenario(scenario)
    await _run(partner, control, end)
    await eventually(
        control.deliveries,
        lambda deliveries: all(delivery["state"] in ("delivered", "dropped") for delivery in deliveries),
    )
    assert sorted(_names(receiver.received)) == sorted(expected)


async def test_a_retried_delivery_has_the_same_body_and_a_new_signature(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    secret = await _subscribe(partner, receiver)
    await control.set_scenario("stepped")
    receiver.answers = [500, 302]
    await _run(partner, control, "processing")
    received = await receiver.wait_for(3)
    assert len({webhook.body for webhook in received}) == 1
    assert len({webhook.headers["x-flashnet-signature"] for webhook in received}) == 3
    for webhook in received:
        _check(webhook, secret)
    [delivery] = await eventually(control.deliveries, lambda deliveries: deliveries[0]["state"] == "delivered")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 302, 200]


async def test_retries_follow_the_documented_schedule_and_then_stop() -> None:
    async with running_sandbox(scenario="stepped") as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            await partner.post("/v1/webhooks", {"url": "http://127.0.0.1:9/nobody"})
            await _run(partner, control, "processing")
            for attempts, pause in enumerate((10, 30, 120, 600, 1_800, 7_200, 21_600, 86_400), start=1):
                await eventually(control.deliveries, lambda deliveries, n=attempts: len(deliveries[0]["attempts"]) == n)
                await control.advance_clock(pause - 2)
                [delivery] = await control.deliveries()
                assert len(delivery["attempts"]) == attempts
                await control.advance_clock(2)
            [delivery] = await eventually(control.deliveries, lambda deliveries: deliveries[0]["state"] == "failed")
            assert [attempt["error"] for attempt in delivery["attempts"]] == ["ConnectError"] * 9


async def test_each_endpoint_gets_webhooks_signed_with_its_own_secret(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    secrets = [await _subscribe(partner, receiver) for _ in range(2)]
    assert len(set(secrets)) == 2
    await control.set_scenario("stepped")
    await _run(partner, control, "processing")
    received = await receiver.wait_for(2)
    _check(received[0], secrets[0])
    _check(received[1], secrets[1])


@pytest.mark.parametrize("url", ["http://[::1", "ftp://127.0.0.1/", "/hook", ""])
async def test_an_endpoint_needs_an_absolute_url(partner: Partner, url: str) -> None:
    refused = await partner.post("/v1/webhooks", {"url": url})
    assert refused.status_code == 400


async def test_endpoints_are_created_listed_and_disabled(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    created = (await partner.post("/v1/webhooks", {"url": receiver.url})).json()
    [listed] = (await partner.http.get("/v1/webhooks")).json()["webhooks"]
    assert (listed["id"], listed["url"], listed["enabled"]) == (created["webhookId"], receiver.url, True)
    assert created["secret"].startswith("whsec_")
    assert created["secret"] not in json.dumps(listed)
    headers = {"X-Idempotency-Key": "gone"}
    path = f"/v1/webhooks/{created['webhookId']}"
    assert (await partner.http.delete(path, headers=headers)).json() == {"ok": True}
    assert code_of(await partner.http.delete("/v1/webhooks/wh_none", headers={"X-Idempotency-Key": "n"})) == (
        404,
        "not_found",
    )
    await _run(partner, control, "completed")
    assert (await partner.http.get("/v1/webhooks")).json()["webhooks"][0]["enabled"] is False
    assert (await control.deliveries(), receiver.received) == ([], [])


@pytest.mark.parametrize("url", ["ftp://host/x", "/hook", "http://", 5, None])
async def test_an_endpoint_needs_an_absolute_http_url(shared_partner: Partner, url: object) -> None:
    answer = await shared_partner.post("/v1/webhooks", {"url": url})
    assert code_of(answer) == (400, "invalid_request")


async def test_an_endpoint_registered_at_startup_has_its_given_secret(receiver: Receiver) -> None:
    options = {"webhook_url": receiver.url, "webhook_secret": "whsec_known", "step_seconds": 0}
    async with running_sandbox(**options) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            await _run(partner, control, "completed")
            for webhook in await receiver.wait_for(len(HAPPY)):
                _check(webhook, "whsec_known")


async def test_held_webhooks_are_released_in_the_requested_order(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await _subscribe(partner, receiver)
    await control.hold_webhooks()
    await _run(partner, control, "completed")
    assert receiver.received == []
    assert await control.release_webhooks("reversed") == len(HAPPY)
    assert _names(receiver.received) == HAPPY[::-1]


async def test_held_webhooks_can_be_shuffled_and_copied_repeatably(receiver: Receiver) -> None:
    orders = []
    for _ in range(2):
        receiver.received.clear()
        options = {"webhook_url": receiver.url, "step_seconds": 0}
        async with running_sandbox(**options) as (base_url, control):
            partner = Partner(base_url)
            async with partner.http:
                await control.hold_webhooks()
                await _run(partner, control, "completed")
                assert await control.release_webhooks("shuffled", copies=2, seed=7) == 2 * len(HAPPY)
                orders.append(_names(receiver.received))
    assert orders[0] == orders[1]
    assert Counter(orders[0]) == Counter(HAPPY * 2)
    assert orders[0] != HAPPY * 2


async def test_webhooks_after_a_release_are_not_held(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await _subscribe(partner, receiver)
    await control.hold_webhooks()
    await control.release_webhooks()
    await _run(partner, control, "completed")
    await receiver.wait_for(len(HAPPY))


async def test_single_events_can_be_dropped_copied_and_delayed(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await _subscribe(partner, receiver)
    await control.webhook_fault("drop", events=["order.bridging"])
    await control.webhook_fault("duplicate", events=["order.swapping"], copies=3)
    await control.webhook_fault("delay", events=["order.processing"], seconds=600)
    await _run(partner, control, "completed")
    received = await receiver.wait_for(5)
    assert Counter(_names(received)) == {"order.swapping": 3, "order.delivering": 1, "order.completed": 1}
    await control.advance_clock(600)
    assert _names(await receiver.wait_for(6))[-1] == "order.processing"


async def test_a_webhook_fault_ends_after_its_times_and_when_removed(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await _subscribe(partner, receiver)
    await control.webhook_fault("drop", times=2)
    everything = await control.webhook_fault("drop", events=["order.completed"])
    await control.remove_webhook_fault(everything)
    await _run(partner, control, "completed")
    assert sorted(_names(await receiver.wait_for(3))) == ["order.completed", "order.delivering", "order.swapping"]


async def test_a_tampered_delivery_does_not_verify(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    secret = await _subscribe(partner, receiver)
    await control.webhook_fault("tamper", times=1)
    await control.set_scenario("stepped")
    await _run(partner, control, "processing")
    [received] = await receiver.wait_for(1)
    with pytest.raises(SignatureError):
        _check(received, secret)


async def test_a_stopped_sandbox_leaves_no_delivery_running(receiver: Receiver) -> None:
    async with running_sandbox(webhook_url="http://127.0.0.1:9/nobody") as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            await _run(partner, control, "processing")
            await eventually(control.deliveries, lambda deliveries: len(deliveries) > 0)
    left = [task for task in asyncio.all_tasks() if "WebhookSender" in repr(task.get_coro())]
    assert left == []


async def test_a_flood_of_webhooks_comes_over_a_bounded_number_of_calls(receiver: Receiver) -> None:
    endpoint = Endpoint("we_1", "partner", receiver.url, "secret", datetime.now(UTC))
    flood = [Delivery(f"wd_{number}", endpoint, "order.completed", "o_1", b"{}") for number in range(5 * AT_ONCE)]
    sender = WebhookSender(SandboxClock(), lambda _: None, retry_scale=1, receiver_timeout=10)
    for delivery in flood:
        sender.send(delivery, delay=0)
    await receiver.wait_for(len(flood))
    await sender.close()
    assert receiver.most_at_once <= AT_ONCE
    assert len(receiver.received) == len(flood)
