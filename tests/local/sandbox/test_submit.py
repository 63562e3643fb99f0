"""How a quote and its deposit become an order, once; and how the order is read."""

import asyncio
from typing import Any

import pytest

from baton.local.sandbox.control import SandboxControl, SandboxRefused
from baton.local.sandbox.engine.assets import DOLLAR
from baton.orchestra.models import OrderOfQuote, OrderStatus, Submitted
from tests.eventually import eventually
from tests.local.sandbox.partner import (
    BITCOIN_TO_USDC,
    EVM,
    EXACT_OUT,
    LIGHTNING_TO_USDB,
    SOLANA_TO_BASE,
    SPARK_TO_USDC,
    USDC_TO_BTC,
    Document,
    Partner,
    code_of,
)

SHAPES = [
    (USDC_TO_BTC, {"txHash", "sourceAddress"}),
    (SOLANA_TO_BASE, {"txHash", "sourceAddress"}),
    (SPARK_TO_USDC, {"sparkTxHash"}),
    (BITCOIN_TO_USDC, {"bitcoinTxid", "bitcoinVout"}),
    (LIGHTNING_TO_USDB, {"lightningReceiveRequestId"}),
]


@pytest.mark.parametrize(("body", "fields"), SHAPES)
async def test_a_proof_has_the_fields_of_its_chain_and_is_accepted(
    partner: Partner, control: SandboxControl, body: Document, fields: set[str]
) -> None:
    quote = await partner.quote(body)
    proof = await control.deposit(deposit_address=quote["depositAddress"])
    submitted = Submitted.model_validate((await partner.submit(quote, proof)).json())
    assert set(proof) == fields
    assert submitted.order_id.startswith("ord_")
    assert submitted.status == "processing"


@pytest.mark.parametrize(
    ("body", "proof", "named"),
    [
        (USDC_TO_BTC, {}, "txHash"),
        (USDC_TO_BTC, {"sparkTxHash": "x"}, "txHash"),
        (USDC_TO_BTC, {"txHash": "0x1", "bitcoinTxid": "x"}, "bitcoinTxid"),
        (USDC_TO_BTC, {"txHash": "0x1", "bitcoinVout": 0}, "bitcoinVout"),
        (USDC_TO_BTC, {"txHash": 5}, "txHash"),
        (USDC_TO_BTC, {"txHash": "0x1", "sourceAddress": 5}, "sourceAddress"),
        (BITCOIN_TO_USDC, {"bitcoinTxid": "x", "bitcoinVout": -1}, "bitcoinVout"),
        (BITCOIN_TO_USDC, {"txHash": "x"}, "bitcoinTxid"),
        (LIGHTNING_TO_USDB, {"txHash": "x"}, "lightningReceiveRequestId"),
    ],
)
async def test_a_proof_with_fields_of_another_chain_is_refused(
    shared_partner: Partner, body: Document, proof: Document, named: str
) -> None:
    answer = await shared_partner.submit(await shared_partner.quote(body), proof)
    assert code_of(answer) == (400, "invalid_request")
    assert named in answer.json()["error"]["message"]


async def test_a_submit_for_an_unknown_quote_is_not_found(shared_partner: Partner) -> None:
    assert code_of(await shared_partner.submit({"quoteId": "q_none"}, {"txHash": "0x1"})) == (404, "not_found")


async def test_a_submit_without_a_quote_is_invalid(shared_partner: Partner) -> None:
    answer = await shared_partner.post("/v1/orchestration/submit", {"txHash": "0x1"})
    assert code_of(answer) == (400, "invalid_request")


async def test_a_deposit_that_is_not_visible_yet_is_not_found(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote()
    proof = await control.deposit(quote["quoteId"], visible_after=600)
    assert code_of(await partner.submit(quote, proof)) == (404, "tx_not_found")
    await control.advance_clock(600)
    assert (await partner.submit(quote, proof)).status_code == 200


async def test_a_submit_for_an_unpaid_invoice_is_not_found(partner: Partner) -> None:
    quote = await partner.quote(LIGHTNING_TO_USDB)
    proof = {"lightningReceiveRequestId": quote["lightningReceiveRequestId"]}
    assert code_of(await partner.submit(quote, proof)) == (404, "tx_not_found")


async def test_another_output_of_the_transaction_is_not_found(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote(BITCOIN_TO_USDC)
    proof = await control.deposit(quote["quoteId"], bitcoinVout=3)
    assert code_of(await partner.submit(quote, {**proof, "bitcoinVout": 0})) == (404, "vout_not_found")
    without = {"bitcoinTxid": proof["bitcoinTxid"]}
    assert (await partner.submit(quote, without)).status_code == 200


async def test_two_outputs_of_one_transaction_pay_two_quotes(partner: Partner, control: SandboxControl) -> None:
    quotes = [await partner.quote(BITCOIN_TO_USDC) for _ in range(2)]
    txid = "c" * 64
    proofs = [
        await control.deposit(quote["quoteId"], bitcoinTxid=txid, bitcoinVout=vout) for vout, quote in enumerate(quotes)
    ]
    answers = [await partner.submit(quote, proof) for quote, proof in zip(quotes, proofs, strict=True)]
    assert len({answer.json()["orderId"] for answer in answers}) == 2


async def test_a_deposit_pays_only_its_own_quote(partner: Partner, control: SandboxControl) -> None:
    paid, other = await partner.quote(), await partner.quote()
    proof = await control.deposit(paid["quoteId"])
    assert code_of(await partner.submit(other, proof)) == (400, "invalid_request")
    with pytest.raises(SandboxRefused, match="conflict"):
        await control.deposit(other["quoteId"], txHash=proof["txHash"].upper().replace("X", "x"))


async def test_a_second_submit_returns_the_first_order(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote()
    proof = await control.deposit(quote["quoteId"])
    answers = await asyncio.gather(*(partner.submit(quote, proof) for _ in range(5)))
    other = await partner.submit(quote, {"txHash": "0xother"})
    assert len({answer.json()["orderId"] for answer in (*answers, other)}) == 1
    assert len(await control.orders()) == 1


async def test_a_sender_that_contradicts_the_chain_holds_the_order_for_review(
    partner: Partner, control: SandboxControl
) -> None:
    quote = await partner.quote()
    proof = await control.deposit(quote["quoteId"])
    await partner.submit(quote, {**proof, "sourceAddress": EVM})
    [order] = await eventually(control.orders, lambda orders: orders[0]["internalStatus"] == "paused")
    assert order["status"] == "processing"
    assert (await partner.order(quote))["status"] == "processing"


async def test_a_detected_deposit_becomes_an_order_without_a_submit(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote()
    await control.deposit(quote["quoteId"], detect=True)
    order = await partner.wait_until(quote, "completed")
    proof = {"txHash": order["sourceTxHash"]}
    assert (await partner.submit(quote, proof)).json() == {"orderId": order["id"], "status": "completed"}


async def test_a_submit_and_a_detection_make_one_order(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote()
    proof = await control.deposit(quote["quoteId"], detect=True, visible_after=60)
    await control.advance_clock(60)
    await partner.submit(quote, proof)
    await control.advance_clock(60)
    await partner.wait_until(quote, "completed")
    assert len(await control.orders()) == 1


async def test_a_smaller_deposit_is_reconciled(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote()
    await partner.submit(quote, await control.deposit(quote["quoteId"], amount=50_000_000))
    order = await partner.wait_until(quote, "completed")
    stages = (await partner.status(id=order["id"])).json()["stages"]
    assert (order["amountIn"], order["feeAmount"]) == ("50000000", "50000")
    assert int(order["amountOut"]) == int(quote["estimatedOut"]) // 2
    assert "amount_reconciled" in [stage["name"] for stage in stages]


@pytest.mark.parametrize(("price", "end"), [(96_741, "completed"), (97_200, "completed"), (97_300, "refunded")])
async def test_a_late_deposit_is_repriced_within_the_slippage_bound(
    partner: Partner, control: SandboxControl, price: int, end: str
) -> None:
    quote = await partner.quote()
    await control.advance_clock(121)
    await control.set_prices(BTC=price * DOLLAR)
    await partner.submit(quote, await control.deposit(quote["quoteId"]))
    order = await partner.wait_until(quote, end)
    if end == "refunded":
        assert (order["errorCode"], order["refundAmount"]) == ("slippage_exceeded", "100000000")
        assert order["amountOut"] is None
    else:
        assert int(order["amountOut"]) == 99_900_000 * 100 * DOLLAR // (price * DOLLAR)


async def test_a_timely_deposit_keeps_its_price_when_the_market_moves(
    partner: Partner, control: SandboxControl
) -> None:
    quote = await partner.quote()
    await control.set_prices(BTC=200_000 * DOLLAR)
    await partner.submit(quote, await control.deposit(quote["quoteId"]))
    assert (await partner.wait_until(quote, "completed"))["amountOut"] == quote["estimatedOut"]


@pytest.mark.parametrize(
    ("extra", "end"), [("least", "completed"), ("most", "completed"), (-1, "refunded"), (+1, "refunded")]
)
async def test_an_exact_out_deposit_must_lie_within_its_bounds(
    partner: Partner, control: SandboxControl, extra: Any, end: str
) -> None:
    quote = await partner.quote(EXACT_OUT)
    least, most = int(quote["requiredAmountIn"]), int(quote["maxAcceptedAmountIn"])
    amount = {"least": least, "most": most, -1: least - 1, 1: most + 1}[extra]
    await partner.submit(quote, await control.deposit(quote["quoteId"], amount=amount))
    order = await partner.wait_until(quote, end)
    assert order["paymentIntent"]["actualAmountIn"] == str(amount)
    if end == "completed":
        assert order["amountOut"] == EXACT_OUT["amount"]
    else:
        assert order["refundAmount"] == str(amount)
        assert order["errorCode"] == "slippage_exceeded"


async def test_an_order_is_found_by_its_id_its_quote_and_its_transaction(
    partner: Partner, control: SandboxControl
) -> None:
    quote = await partner.quote()
    proof = await control.deposit(quote["quoteId"])
    assert code_of(await partner.status(quoteId=quote["quoteId"])) == (404, "not_found")
    order_id = (await partner.submit(quote, proof)).json()["orderId"]
    await partner.wait_until(quote, "completed")
    queries = [
        {"id": order_id},
        {"quoteId": quote["quoteId"]},
        {"txHash": proof["txHash"].upper().replace("X", "x"), "sourceChain": "base"},
    ]
    answers = [(await partner.status(**query)).json() for query in queries]
    assert answers[0] == answers[1] == answers[2]
    assert OrderStatus.model_validate(answers[0]).order.id == order_id


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"id": "ord_1", "quoteId": "q_1"},
        {"txHash": "0x1"},
        {"sourceChain": "base"},
        {"id": "ord_1", "sourceChain": "base"},
    ],
)
async def test_a_status_query_needs_exactly_one_key(shared_partner: Partner, query: dict[str, str]) -> None:
    assert code_of(await shared_partner.status(**query)) == (400, "invalid_query")


@pytest.mark.parametrize("query", [{"id": "ord_1"}, {"quoteId": "q_1"}, {"txHash": "0x1", "sourceChain": "base"}])
async def test_the_status_of_an_unknown_order_is_not_found(shared_partner: Partner, query: dict[str, str]) -> None:
    assert code_of(await shared_partner.status(**query)) == (404, "not_found")


async def test_the_order_of_a_quote_is_null_until_a_deposit_is_seen(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote()
    query = {"quoteId": quote["quoteId"]}
    path = "/v1/orchestration/order"
    before = (await partner.http.get(path, params=query)).json()
    await control.deposit(quote["quoteId"], detect=True)
    order = await partner.wait_until(quote, "completed")
    await control.advance_clock(121)
    after = (await partner.http.get(path, params=query)).json()
    assert (before["order"], before["quote"]["expired"]) == (None, False)
    assert (after["order"]["id"], after["quote"]["expired"]) == (order["id"], True)
    assert OrderOfQuote.model_validate(after).quote.id == quote["quoteId"]


async def test_the_order_of_an_unknown_quote_is_not_found(shared_partner: Partner) -> None:
    answer = await shared_partner.http.get("/v1/orchestration/order", params={"quoteId": "q_1"})
    nothing = await shared_partner.http.get("/v1/orchestration/order")
    assert code_of(answer) == (404, "not_found")
    assert code_of(nothing) == (400, "invalid_query")
