"""Each deposit to a reusable address becomes exactly one order, whoever reports it first."""

import asyncio

import pytest

from baton.chains.deposits import DepositState
from baton.errors import OrderRefused
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.rules.address_deposits import REASONS_OF_HELD
from baton.orders.rules.attention import AttentionReason
from baton.sources.answers import SourceSnapshot
from tests.end_to_end.address_deposits import (
    EVM,
    PAID,
    advance,
    orders_of,
    pay,
    refund,
    resolved_elsewhere,
    show,
    shown,
    standing,
    until_disabled,
    until_orders,
)
from tests.end_to_end.test_addresses import accumulation, liquidation
from tests.end_to_end.world import World
from tests.eventually import eventually

TX = "0x" + "5c" * 32
MANY = 20
"""So many at once that they overtake each other; `make bench BENCH=sources` makes a thousand deposits."""


async def _first(world: World, address: SourceSnapshot) -> Snapshot:
    return (await eventually(lambda: orders_of(world, address), bool))[0]


async def _attended(world: World, address: SourceSnapshot, reason: AttentionReason) -> Snapshot:
    def raised(orders: list[Snapshot]) -> bool:
        return bool(orders) and reason in [attention.reason for attention in orders[0].attentions]

    return (await eventually(lambda: orders_of(world, address), raised))[0]


async def _at_orchestra(world: World, address: SourceSnapshot) -> list[str]:
    """Return the statuses of Orchestra's orders of an address on base."""
    made = await world.sandbox.orders()
    return [order["status"] for order in made if order["depositAddress"] == address.addresses["base"]]


async def _completed_at_orchestra(world: World, address: SourceSnapshot) -> None:
    """Wait until Orchestra has completed the order, so that a read finds its end and not a step on the way."""
    await eventually(lambda: _at_orchestra(world, address), lambda found: found == ["completed"])


async def test_a_deposit_becomes_an_order_of_its_address(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    proof = await pay(world, address)

    [order] = await until_orders(world, address, "completed")
    assert order.reference.startswith(f"~addr:{address.reference}:")
    assert order.source is not None
    assert (order.source.name, order.source.metadata) == (f"address/{address.reference}", {"shop": "7"})
    assert order.address_deposit is not None
    assert (order.address_deposit.tx_id, order.address_deposit.amount) == (proof["txHash"], PAID)
    assert (order.outcome, order.quote_id) == (Outcome.COMPLETED, None)


async def test_webhook_and_chain_lead_to_one_order(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    proof = await pay(world, address)
    assert await show(world, shown(address, proof["txHash"])) <= 1

    await until_orders(world, address, "completed")


async def test_the_chain_may_come_before_shuffled_and_doubled_webhooks(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    await world.sandbox.hold_webhooks()
    proof = await pay(world, address)
    assert await show(world, shown(address, proof["txHash"].upper().replace("0X", "0x"))) == 1
    await _first(world, address)
    await world.sandbox.release_webhooks("shuffled", copies=2, seed=7)

    [order] = await until_orders(world, address, "completed")
    assert order.address_deposit is not None
    assert order.address_deposit.shown is not None


async def test_without_webhooks_reads_find_the_order_of_a_seen_deposit(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    fault = await world.sandbox.webhook_fault("drop")
    proof = await pay(world, address)
    await show(world, shown(address, proof["txHash"]))
    order = await _first(world, address)
    await _completed_at_orchestra(world, address)
    await advance(world, order, minutes=2)

    await until_orders(world, address, "completed")
    await world.sandbox.remove_webhook_fault(fault)


async def test_many_deposits_at_once_are_as_many_orders(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    proofs = await asyncio.gather(*(pay(world, address, PAID + extra) for extra in range(5)))
    await show(world, *(shown(address, proof["txHash"], PAID + n) for n, proof in enumerate(proofs)))

    orders = await until_orders(world, address, *["completed"] * 5)
    assert len({order.order_id for order in orders}) == 5


async def test_one_transaction_pays_two_addresses_and_each_has_its_order(world: World) -> None:
    first, second = [await world.baton.create_address(accumulation()) for _ in range(2)]
    fault = await world.sandbox.webhook_fault("drop")
    for address, amount in ((first, PAID), (second, 2 * PAID)):
        await pay(world, address, amount, txHash=TX)
        await show(world, shown(address, TX, amount))
    for address in (first, second):
        order = await _first(world, address)
        await _completed_at_orchestra(world, address)
        await advance(world, order, minutes=2)

    [one], [other] = [await until_orders(world, address, "completed") for address in (first, second)]
    await world.sandbox.remove_webhook_fault(fault)
    assert one.order_id != other.order_id
    assert (one.amount_in, other.amount_in) == (PAID, 2 * PAID)


async def test_each_output_of_a_bitcoin_transaction_is_an_order(world: World) -> None:
    address = await world.baton.create_address(liquidation())
    txid = "ab" * 32
    for output, amount in ((0, 100_000), (1, 200_000)):
        await pay(world, address, amount, bitcoinTxid=txid, bitcoinVout=output)
        seen = shown(address, txid, amount, chain="bitcoin", symbol="BTC", decimals=8, index=str(output))
        await show(world, seen)

    orders = await until_orders(world, address, "completed", "completed")
    deposits = [order.address_deposit for order in orders]
    assert {(deposit.output, order.amount_in) for deposit, order in zip(deposits, orders, strict=True) if deposit} == {
        (0, 100_000),
        (1, 200_000),
    }
    assert all(order.reference.startswith("~addr:") for order in orders)


async def test_dust_and_unknown_tokens_make_no_order(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    dust = shown(address, TX, 9)
    unknown = shown(address, "0x" + "5d" * 32, asset="0xfree", symbol=None)

    assert await show(world, dust, unknown) == 0
    assert await orders_of(world, address) == []


async def test_a_wrong_token_asks_a_person_and_is_refunded_on_request(world: World) -> None:
    address = await world.baton.create_address(accumulation(refundAddresses={"base": EVM}))
    proof = await pay(world, address, asset="USDT")
    await show(world, shown(address, proof["txHash"], symbol="USDT", asset="0xusdt"))
    order = await _attended(world, address, AttentionReason.WRONG_TOKEN_DEPOSIT)

    await refund(world, order, note="the payer asked")
    [refunded] = await eventually(lambda: orders_of(world, address), lambda orders: orders[0].outcome is not None)
    assert (refunded.outcome, refunded.status) == (Outcome.REFUNDED, "refunded")
    assert refunded.refund is not None


async def test_a_deposit_to_a_disabled_address_asks_a_person(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    await world.baton.disable_address(address.reference)
    await until_disabled(world, address)
    proof = await pay(world, address)
    await show(world, shown(address, proof["txHash"]))

    order = await _attended(world, address, AttentionReason.DEPOSIT_TO_DISABLED_ADDRESS)
    assert proof["txHash"] in order.attentions[0].message
    assert order.phase is Phase.TRACKING


async def test_a_missed_deposit_is_indexed_again_after_the_planned_time(world: World) -> None:
    document = accumulation(recipientSparkAddress="spark1pgssmissedmissedmissed0000")
    await world.sandbox.set_scenario("missed_deposit", recipient=document["recipientSparkAddress"])
    address = await world.baton.create_address(document)
    proof = await pay(world, address)
    await show(world, shown(address, proof["txHash"]))
    order = await _first(world, address)
    assert order.waiting_for is not None
    assert order.waiting_for.what == "Orchestra to make an order of the deposit"
    await advance(world, order, minutes=11)

    await until_orders(world, address, "completed")


async def test_a_deposit_without_an_order_raises_attention_with_its_proof(world: World) -> None:
    address = await world.baton.create_address(liquidation())
    txid = "cd" * 32
    await show(world, shown(address, txid, 90_000, chain="bitcoin", symbol="BTC", decimals=8))
    order = await _first(world, address)
    await advance(world, order, minutes=11)

    order = await _attended(world, address, AttentionReason.DEPOSIT_WITHOUT_ORDER)
    assert order.attention is not None
    assert "0.0009 BTC (90000 smallest units)" in order.attention.message
    assert txid in order.attention.message
    with pytest.raises(OrderRefused, match="liquidation"):
        await refund(world, order, note="give it back", refund_address="bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh")
    await resolved_elsewhere(world, order)


async def test_a_held_deposit_asks_a_person_and_goes_where_that_person_says(world: World) -> None:
    address = await world.baton.create_address(standing("spark1pgssheldheldheldheld00000"))
    await world.sandbox.set_scenario("held_deposit", recipient="spark1pgssheldheldheldheld00000")
    proof = await pay(world, address, chain="base")
    await show(world, shown(address, proof["txHash"]))
    order = await _first(world, address)
    await advance(world, order, minutes=2)
    order = await _attended(world, address, AttentionReason.DEPOSIT_HELD)
    assert "standing_route_unavailable" in order.attentions[0].message

    await refund(world, order, note="the payer asked", refund_address=EVM)
    await until_orders(world, address, "refunded")


async def test_the_policy_refunds_a_held_deposit_by_itself(world: World) -> None:
    recipient = "spark1pgsspolicypolicypolicy0000"
    document = standing(recipient, refundAddresses={"base": EVM}, policy={"refundHeld": True})
    address = await world.baton.create_address(document)
    await world.sandbox.set_scenario("held_deposit", recipient=recipient)
    proof = await pay(world, address, chain="base")
    await show(world, shown(address, proof["txHash"]))
    order = await _first(world, address)
    await advance(world, order, minutes=11)

    [order] = await until_orders(world, address, "refunded")
    assert not REASONS_OF_HELD & {attention.reason for attention in order.attentions}


async def test_one_standing_address_takes_deposits_on_several_chains(world: World) -> None:
    address = await world.baton.create_address(standing("spark1pgssmanymanymanymany00000"))
    assert address.addresses["base"] == address.addresses["polygon"]
    for chain in ("base", "polygon"):
        await pay(world, address, chain=chain, asset="USDC", txHash=TX)

    orders = await until_orders(world, address, "completed", "completed")
    assert {order.source_chain for order in orders} == {"base", "polygon"}


async def test_a_deposit_that_disappears_asks_and_comes_back(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    seen = shown(address, "0x" + "6e" * 32)
    await show(world, seen)
    await _first(world, address)
    gone = seen.model_copy(update={"state": DepositState.GONE})
    await show(world, gone, before=seen)
    order = await _attended(world, address, AttentionReason.DEPOSIT_GONE)
    assert order.waiting_for is not None
    assert order.waiting_for.what == "the deposit to come back on its chain"

    await show(world, seen, before=gone)
    [order] = await eventually(lambda: orders_of(world, address), lambda orders: not orders[0].attentions)
    await show(world, gone, before=seen)
    await _attended(world, address, AttentionReason.DEPOSIT_GONE)
    await advance(world, order, hours=25)
    [order] = await eventually(lambda: orders_of(world, address), lambda orders: orders[0].outcome is not None)
    assert (order.outcome, order.reason and order.reason.code) == (Outcome.EXPIRED, "deposit_gone")


async def test_twenty_deposits_to_one_address_are_twenty_orders(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    proofs = await asyncio.gather(*(pay(world, address, PAID + extra) for extra in range(MANY)))
    for _ in range(2):
        await show(world, *(shown(address, proof["txHash"], PAID + n) for n, proof in enumerate(proofs)))

    def complete(orders: list[Snapshot]) -> bool:
        return len(orders) >= MANY and all(order.outcome is not None for order in orders)

    orders = await eventually(lambda: orders_of(world, address), complete)
    assert sorted(order.amount_in or 0 for order in orders) == [PAID + extra for extra in range(MANY)]
    assert len({order.order_id for order in orders}) == MANY


async def test_twenty_addresses_with_a_deposit_each_have_an_order_each(world: World) -> None:
    addresses = await asyncio.gather(*(world.baton.create_address(accumulation()) for _ in range(MANY)))
    await asyncio.gather(*(pay(world, address) for address in addresses))

    found = await asyncio.gather(*(until_orders(world, address, "completed") for address in addresses))
    assert len({order.order_id for [order] in found}) == MANY
