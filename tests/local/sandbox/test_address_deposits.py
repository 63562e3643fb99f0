"""Deposits to reusable and standing addresses that do not become orders at once: held, indexed again, refunded."""

import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import BITCOIN, EVM, SPARK, Document, Partner, code_of
from tests.local.sandbox.test_resources import ACCUMULATION

STANDING = {"destination": {"chain": "spark", "asset": "BTC", "address": SPARK}, "slippageBps": 80}
PATH = "/v1/standing-deposit-addresses"
TX = "0x" + "77" * 32


async def _put(partner: Partner, ref: str = "customer-1", body: Document = STANDING) -> Document:
    answer = await partner.http.put(f"{PATH}/{ref}", json=body, headers={"X-Idempotency-Key": f"put-{ref}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _patch(partner: Partner, ref: str, *, enabled: bool) -> Document:
    key = {"X-Idempotency-Key": f"patch-{ref}-{enabled}"}
    return (await partner.http.patch(f"{PATH}/{ref}", json={"enabled": enabled}, headers=key)).json()


async def _deposits(partner: Partner, ref: str = "customer-1", **query: int) -> list[Document]:
    return (await partner.http.get(f"{PATH}/{ref}/deposits", params=query)).json()["deposits"]


async def _row(partner: Partner, status: str, ref: str = "customer-1") -> Document:
    async def read() -> list[Document]:
        return await _deposits(partner, ref)

    return (await eventually(read, lambda rows: bool(rows) and rows[0]["status"] == status))[0]


async def _accumulation(partner: Partner) -> Document:
    return (await partner.post("/v1/accumulation-addresses", ACCUMULATION)).json()


async def test_a_standing_address_has_an_address_on_each_source_chain(shared_partner: Partner) -> None:
    address = await _put(shared_partner, "many-chains")
    assert {"base", "polygon", "solana", "tron", "bitcoin"} <= address["addresses"].keys()
    assert "spark" not in address["addresses"]
    assert address["addresses"]["base"] == address["addresses"]["polygon"]
    assert (await shared_partner.http.get(f"{PATH}/many-chains")).json() == address
    assert await _put(shared_partner, "many-chains") == address


async def test_an_instruction_never_changes(shared_partner: Partner) -> None:
    await _put(shared_partner, "fixed")
    other = await shared_partner.http.put(
        f"{PATH}/fixed", json={**STANDING, "slippageBps": 5}, headers={"X-Idempotency-Key": "other"}
    )
    assert code_of(other) == (409, "instruction_conflict")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({**STANDING, "sourceChain": "base"}, "sourceChain"),
        ({**STANDING, "destination": {**STANDING["destination"], "memo": "x"}}, "destination.memo"),
        ({**STANDING, "destination": {"chain": "spark", "asset": "BTC", "address": EVM}}, "destination.address"),
        ({**STANDING, "slippageBps": 10_001}, "slippageBps"),
        ({**STANDING, "refundAddresses": {"base": SPARK}}, "refundAddresses.base"),
    ],
)
async def test_a_wrong_field_of_a_standing_address_is_named(
    shared_partner: Partner, body: Document, named: str
) -> None:
    answer = await shared_partner.http.put(f"{PATH}/w", json=body, headers={"X-Idempotency-Key": f"wrong-{named}"})
    assert answer.status_code == 400
    assert named in answer.json()["error"]["message"]


async def test_a_deposit_to_a_standing_address_becomes_an_order(partner: Partner, control: SandboxControl) -> None:
    address = (await _put(partner))["addresses"]["polygon"]
    proof = await control.deposit(deposit_address=address, chain="polygon", asset="USDT", amount=9_000_000)
    row = await _row(partner, "completed")
    assert (row["chain"], row["asset"], row["sourceTxId"]) == ("polygon", "USDT", proof["txHash"])
    order = (await partner.status(id=row["orderId"])).json()["order"]
    assert (order["quoteId"], order["depositAddress"], order["slippageBps"]) == (None, address, 80)


async def test_deposits_come_by_pages_newest_first(partner: Partner, control: SandboxControl) -> None:
    address = (await _put(partner))["addresses"]["base"]
    for amount in (1_000_000, 2_000_000, 3_000_000):
        await control.deposit(deposit_address=address, chain="base", asset="USDC", amount=amount)
    first = (await partner.http.get(f"{PATH}/customer-1/deposits", params={"limit": 2})).json()
    assert ([row["amount"] for row in first["deposits"]], first["nextOffset"]) == (["3000000", "2000000"], 2)
    assert [row["amount"] for row in await _deposits(partner, limit=2, offset=2)] == ["1000000"]


async def test_deposits_are_held_while_the_address_is_disabled(partner: Partner, control: SandboxControl) -> None:
    address = (await _put(partner))["addresses"]["base"]
    assert (await _patch(partner, "customer-1", enabled=False))["enabled"] is False
    await control.deposit(deposit_address=address, chain="base", amount=5_000_000)
    assert ((await _row(partner, "held"))["code"], await control.orders()) == ("address_disabled", [])
    await _patch(partner, "customer-1", enabled=True)
    assert (await _row(partner, "completed"))["orderId"]


async def test_a_held_deposit_is_refunded_to_the_named_address(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("held_deposit")
    address = (await _put(partner))["addresses"]["base"]
    await control.deposit(deposit_address=address, chain="base", amount=5_000_000)
    row = await _row(partner, "held")
    assert row["code"] == "standing_route_unavailable"
    body = {"depositIds": [row["id"]], "refundAddress": EVM}
    answer = await partner.post(f"{PATH}/customer-1/resolve", body)
    assert (answer.status_code, answer.json()["status"]) == (202, "refund_requested")
    refunded = await _row(partner, "refunded")
    assert refunded["refundTxId"]
    assert (await partner.post(f"{PATH}/customer-1/resolve", body)).json()["batchId"] == answer.json()["batchId"]
    elsewhere = await partner.post(f"{PATH}/customer-1/resolve", {**body, "refundAddress": "0x" + "cd" * 20})
    assert code_of(elsewhere) == (409, "instruction_conflict")


async def test_a_deposit_that_is_an_order_is_not_refunded(partner: Partner, control: SandboxControl) -> None:
    address = (await _put(partner))["addresses"]["base"]
    await control.deposit(deposit_address=address, chain="base", amount=5_000_000)
    row = await _row(partner, "completed")
    body = {"depositIds": [row["id"]], "refundAddress": EVM}
    assert code_of(await partner.post(f"{PATH}/customer-1/resolve", body)) == (409, "refund_not_available")
    wrong = {"depositIds": [row["id"]], "refundAddress": BITCOIN}
    assert code_of(await partner.post(f"{PATH}/customer-1/resolve", wrong)) == (400, "invalid_refund_address")


@pytest.mark.parametrize(("decision", "status"), [("accept", "processing"), ("decline", "confirming")])
async def test_the_offer_for_a_standing_deposit_is_decided(
    partner: Partner, control: SandboxControl, decision: str, status: str
) -> None:
    await control.set_scenario("zeroconf_offer")
    address = (await _put(partner))["addresses"]["bitcoin"]
    await control.deposit(deposit_address=address, amount=200_000)

    async def read() -> list[Document]:
        return await _deposits(partner)

    rows = await eventually(read, lambda rows: bool(rows) and "zeroconfOffer" in rows[0])
    offer = rows[0]["zeroconfOffer"]
    assert int(offer["creditSats"]) + int(offer["feeSats"]) == int(offer["depositSats"]) == 200_000
    path = f"{PATH}/customer-1/deposits/{rows[0]['id']}/zeroconf/{decision}"
    assert code_of(await partner.post(path, {"offerId": "zc_other"})) == (409, "standing_zeroconf_offer_conflict")
    assert (await partner.post(path, {"offerId": offer["id"]})).status_code == 200
    moves = [move["status"] for move in (await control.orders())[0]["moves"]]
    assert moves[:3] == ["processing", "awaiting_approval", status]
    assert code_of(await partner.post(path, {"offerId": offer["id"]})) == (409, "standing_zeroconf_offer_conflict")


@pytest.mark.parametrize("call", ["reindex", "sync"])
async def test_a_missed_deposit_becomes_an_order_when_indexed_again(
    partner: Partner, control: SandboxControl, call: str
) -> None:
    await control.set_scenario("missed_deposit")
    address = await _accumulation(partner)
    await control.deposit(deposit_address=address["depositAddress"], amount=5_000_000)
    assert await control.orders() == []
    answer = await partner.post(f"/v1/accumulation-addresses/{address['depositAddress']}/{call}", {})
    assert answer.json()["accumulationAddressId"] == address["accumulationAddressId"]
    await eventually(control.orders, lambda orders: [order["status"] for order in orders] == ["completed"])


@pytest.mark.parametrize(
    ("asset", "amount", "code"),
    [("USDC", 1_000, "amount_too_small"), ("USDT", 5_000_000, "standing_route_unavailable")],
)
async def test_dust_and_a_wrong_token_are_no_orders(
    partner: Partner, control: SandboxControl, asset: str, amount: int, code: str
) -> None:
    address = await _accumulation(partner)
    await control.deposit(deposit_address=address["depositAddress"], asset=asset, amount=amount)
    assert [deposit["held"] for deposit in await control.deposits()] == [code]
    await partner.post(f"/v1/accumulation-addresses/{address['accumulationAddressId']}/reindex", {})
    assert await control.orders() == []


async def test_a_wrong_token_is_refunded_to_the_addresss_own_refund_address(
    partner: Partner, control: SandboxControl
) -> None:
    address = await _accumulation(partner)
    proof = await control.deposit(deposit_address=address["depositAddress"], asset="USDT", amount=5_000_000)
    path = f"/v1/accumulation-addresses/{address['accumulationAddressId']}/refund"
    assert code_of(await partner.post(path, {"sourceTxHash": TX})) == (404, "not_found")
    assert (await partner.post(path, {"sourceTxHash": proof["txHash"]})).json()["status"] == "refund_requested"
    orders = await eventually(control.orders, lambda orders: [each["status"] for each in orders] == ["refunded"])
    assert (orders[0]["sourceAsset"], orders[0]["refundAmount"]) == ("USDT", "5000000")


async def test_one_transaction_may_pay_two_addresses(partner: Partner, control: SandboxControl) -> None:
    first, second = await _accumulation(partner), await _accumulation(partner)
    for address in (first, second):
        await control.deposit(deposit_address=address["depositAddress"], amount=5_000_000, txHash=TX)
    orders = await eventually(control.orders, lambda orders: len(orders) == 2)
    assert {order["depositAddress"] for order in orders} == {first["depositAddress"], second["depositAddress"]}
    assert {order["sourceTxHash"] for order in orders} == {TX}
