"""Deposits that are late, second, too small, too large, or replaced by another transaction."""

import json

import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import BITCOIN_TO_USDC, EXACT_OUT, USDC_TO_BTC, Document, Partner, Receiver, code_of
from tests.sandbox_server import running_sandbox

SIX_HOURS = 6 * 3_600


async def _paid(partner: Partner, control: SandboxControl, scenario: str, body: Document = USDC_TO_BTC) -> Document:
    await control.set_scenario(scenario)
    quote = await partner.quote(body)
    return quote | {"proof": await _pay_and_submit(partner, control, quote)}


async def _pay_and_submit(partner: Partner, control: SandboxControl, quote: Document) -> Document:
    proof = await control.deposit(quote["quoteId"])
    await partner.submit(quote, proof)
    return proof


async def _orders(control: SandboxControl, count: int) -> list[Document]:
    return await eventually(
        control.orders, lambda orders: len(orders) == count and all(order["completedAt"] for order in orders[1:])
    )


@pytest.mark.parametrize(("scenario", "amount"), [("underpaid", 90_000_000), ("overpaid", 110_000_000)])
async def test_another_amount_is_accepted_and_the_order_recomputed(
    partner: Partner, control: SandboxControl, scenario: str, amount: int
) -> None:
    quote = await _paid(partner, control, scenario)
    order = await partner.wait_until(quote, "completed")
    stages = [stage["name"] for stage in (await partner.status(id=order["id"])).json()["stages"]]
    assert (order["amountIn"], order["feeAmount"]) == (str(amount), str(amount // 1_000))
    assert abs(int(order["amountOut"]) - int(quote["estimatedOut"]) * amount // 100_000_000) <= 1
    assert "amount_reconciled" in stages


@pytest.mark.parametrize("scenario", ["underpaid", "overpaid"])
async def test_another_amount_for_an_exact_output_is_refunded(
    partner: Partner, control: SandboxControl, scenario: str
) -> None:
    quote = await _paid(partner, control, scenario, EXACT_OUT)
    order = await partner.wait_until(quote, "refunded")
    assert order["refundAmount"] == order["paymentIntent"]["actualAmountIn"] != quote["requiredAmountIn"]


async def test_a_second_deposit_stays_unclaimed(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "happy")
    first = await partner.wait_until(quote, "completed")
    proof = await control.deposit(quote["quoteId"], detect=True)
    await control.advance_clock(3_600)
    assert (await partner.submit(quote, proof)).json()["orderId"] == first["id"]
    assert [deposit["orderId"] for deposit in await control.deposits()] == [first["id"], None]
    query = {"txHash": proof["txHash"], "sourceChain": "base"}
    assert code_of(await partner.status(**query)) == (404, "not_found")


async def test_a_second_deposit_can_become_a_second_order(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "second_deposit_second_order")
    first = await partner.wait_until(quote, "completed")
    proof = await control.deposit(quote["quoteId"])
    _, second = await _orders(control, 2)
    assert (second["quoteId"], second["sourceTxHash"]) == (quote["quoteId"], proof["txHash"])
    assert (second["id"] != first["id"], second["status"]) == (True, "completed")
    assert (await partner.order(quote))["id"] == first["id"]
    assert len(await control.deposits()) == 2


async def test_a_late_deposit_resumes_an_unfulfilled_order(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    quote = await _paid(partner, control, "unfulfilled")
    stopped = await partner.wait_until(quote, "unfulfilled")
    await control.advance_clock(SIX_HOURS - 60)
    proof = await control.deposit(quote["quoteId"], amount=50_000_000)
    order = await partner.wait_until(quote, "completed")
    assert (order["id"], order["amountIn"]) == (stopped["id"], "50000000")
    assert order["sourceTxHash"] == proof["txHash"]
    events = [json.loads(webhook.body)["event"] for webhook in await receiver.wait_for(6)]
    assert {"order.unfulfilled", "order.completed"} <= set(events)
    assert await control.violations() == []


async def test_a_deposit_after_six_hours_does_not_resume_an_unfulfilled_order(
    partner: Partner, control: SandboxControl
) -> None:
    quote = await _paid(partner, control, "unfulfilled")
    await partner.wait_until(quote, "unfulfilled")
    await control.advance_clock(SIX_HOURS + 60)
    await control.deposit(quote["quoteId"])
    await control.advance_clock(3_600)
    assert (await partner.order(quote))["status"] == "unfulfilled"
    assert (await control.deposits())[1]["orderId"] is None


@pytest.mark.parametrize(("scenario", "announced"), [("rbf_replaced", True), ("rbf_replaced_silently", False)])
async def test_a_replaced_deposit_stops_its_order_and_a_successor_completes(
    partner: Partner, control: SandboxControl, receiver: Receiver, scenario: str, announced: bool
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    quote = await _paid(partner, control, scenario, BITCOIN_TO_USDC)
    original, successor = await _orders(control, 2)
    assert (original["status"], successor["status"]) == ("unfulfilled", "completed")
    assert original["supersededByOperationId"] == successor["id"]
    assert successor["recoveredFromOperationId"] == original["id"]
    assert quote["proof"]["bitcoinTxid"] == original["sourceTxHash"] != successor["sourceTxHash"]
    events = [json.loads(webhook.body) for webhook in await receiver.wait_for(9 if announced else 8)]
    superseded = [event["data"] for event in events if event["event"] == "order.superseded"]
    assert [data["supersededByOperationId"] for data in superseded] == ([successor["id"]] if announced else [])
    ids = {event["data"]["recoveredFromOperationId"] for event in events if event["data"]["id"] == successor["id"]}
    assert ids == {original["id"]}
    assert await control.violations() == []


async def test_a_replaced_transaction_is_no_longer_on_the_chain(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "rbf_replaced", BITCOIN_TO_USDC)
    _, successor = await _orders(control, 2)
    [deposit] = await control.deposits()
    assert deposit["bitcoinTxid"] == successor["sourceTxHash"] != quote["proof"]["bitcoinTxid"]
    query = {"txHash": successor["sourceTxHash"], "sourceChain": "bitcoin"}
    assert (await partner.status(**query)).json()["order"]["id"] == successor["id"]
    assert (await partner.order(quote))["id"] != successor["id"]


async def test_an_order_moved_by_hand_is_not_replaced() -> None:
    async with running_sandbox(step_seconds=600, scenario="rbf_replaced") as (base_url, slow):
        partner = Partner(base_url)
        async with partner.http:
            quote = await partner.quote(BITCOIN_TO_USDC)
            await partner.submit(quote, await slow.deposit(quote["quoteId"]))
            await slow.advance(quote["quoteId"], "confirming")
            await slow.advance_clock(3_600)
            assert [order["status"] for order in await slow.orders()] == ["confirming"]


async def test_only_bitcoin_deposits_are_replaced(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "rbf_replaced")
    await partner.wait_until(quote, "completed")
    assert len(await control.orders()) == 1
