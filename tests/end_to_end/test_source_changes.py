"""What the business changes about an address or a link, and a standing address that is enabled again."""

import asyncio
import sqlite3
from collections.abc import Callable

import pytest

from baton.blocking import BlockingBatonClient
from baton.errors import InvalidArgument, OrderRefused, SourceRefused
from baton.ledger.rows import SourceRow
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome
from baton.orders.rules.attention import AttentionReason
from baton.sources.answers import SourceSnapshot
from baton.sources.state import SourcePhase
from tests.end_to_end.address_deposits import EVM, orders_of, pay, show, shown, standing, until_disabled, until_orders
from tests.end_to_end.test_addresses import accumulation
from tests.end_to_end.test_pay_links import link, order_of_visit, visited
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually


async def test_orders_made_afterwards_carry_what_was_changed(world: World) -> None:
    document = accumulation()
    address = await world.baton.create_address(document)
    await pay(world, address)
    [before] = await until_orders(world, address, "completed")

    changed = await world.baton.update_address(
        address.reference, label="Till 8", metadata={"shop": "8"}, policy={"refundHeld": True}
    )
    await pay(world, address)

    orders = await until_orders(world, address, "completed", "completed")
    [after] = [order for order in orders if order.reference != before.reference]
    assert (changed.label, changed.metadata, changed.policy.refund_held) == ("Till 8", {"shop": "8"}, True)
    assert (changed.request, changed.created) == (address.request, address.created)
    assert _of(after) == ("Till 8", {"shop": "8"}, True)
    assert _of(before) == ("Till 7", {"shop": "7"}, False)
    assert (await world.baton.create_address(document)).label == "Till 8"


async def test_a_changed_link_gives_its_next_order_the_new_metadata(world: World) -> None:
    tips = await world.baton.create_pay_link(link())
    await world.baton.update_pay_link(tips.reference, metadata={"table": "8"})

    _, order_id = await visited(world, tips)

    order = await order_of_visit(world, order_id)
    assert order.source is not None
    assert (order.source.label, order.source.metadata) == ("Tips", {"table": "8"})


async def test_changes_follow_each_other_and_are_shown(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    await world.baton.update_address(address.reference, metadata={"shop": "8"})
    await world.baton.update_address(address.reference, label="Till 8")

    shown_now = await world.baton.address(address.reference)
    row = await world.ledger.sources.source("default", "address", address.reference)
    assert row is not None
    assert (shown_now.label, shown_now.metadata) == (row.label, row.metadata) == ("Till 8", {"shop": "8"})


async def test_a_change_that_cannot_be_is_refused_and_changes_nothing(world: World) -> None:
    tips = await world.baton.create_pay_link(link())
    with pytest.raises(InvalidArgument, match="all left out"):
        await world.baton.update_pay_link(tips.reference)
    with pytest.raises(InvalidArgument, match="metadata"):
        await world.baton.update_pay_link(tips.reference, metadata={"": "x"})
    with pytest.raises(InvalidArgument, match="noSuchField"):
        await world.baton.update_pay_link(tips.reference, policy={"noSuchField": 1})
    with pytest.raises(SourceRefused, match="no ZeroConf offer"):
        await world.baton.update_pay_link(tips.reference, policy={"zeroconf": {"mode": "ask"}})
    assert (await world.baton.pay_link(tips.reference)).metadata == tips.metadata

    await world.baton.disable_pay_link(tips.reference)
    with pytest.raises(SourceRefused, match="is closed"):
        await world.baton.update_pay_link(tips.reference, label="New")


async def test_a_standing_address_is_enabled_again_with_what_it_had(world: World) -> None:
    wallet = await world.baton.create_address(standing(SPARK, metadata={"customer": "7"}))
    await world.baton.update_address(wallet.reference, metadata={"customer": "8"})
    await world.baton.disable_address(wallet.reference)

    enabled = await world.baton.enable_address(wallet.reference)

    assert enabled.phase is SourcePhase.ENABLED
    assert (enabled.addresses, enabled.metadata) == (wallet.addresses, {"customer": "8"})
    assert await world.baton.enable_address(wallet.reference) == enabled
    row = await world.ledger.sources.at_address("default", wallet.addresses["base"], "base")
    assert row is not None
    assert (row.enabled, row.disabled_at) == (True, None)
    await pay(world, wallet, chain="base")
    await until_orders(world, wallet, "completed")
    assert (await world.baton.disable_address(wallet.reference)).phase is SourcePhase.DISABLED


async def test_a_deposit_while_disabled_becomes_an_order_once_enabled(world: World) -> None:
    wallet = await world.baton.create_address(standing(SPARK))
    await world.baton.disable_address(wallet.reference)
    proof = await pay(world, wallet, chain="base")
    await show(world, shown(wallet, proof["txHash"]))
    held = await _attended(world, wallet)
    assert [attention.reason for attention in held.attentions] == [AttentionReason.DEPOSIT_TO_DISABLED_ADDRESS]

    await world.baton.enable_address(wallet.reference)

    [order] = await until_orders(world, wallet, "completed")
    assert (order.reference, order.attentions) == (held.reference, [])


async def test_only_standing_addresses_can_be_enabled_again(world: World) -> None:
    till = await world.baton.create_address(accumulation())
    await world.baton.disable_address(till.reference)

    with pytest.raises(SourceRefused, match="standing addresses alone") as refused:
        await world.baton.enable_address(till.reference)

    assert refused.value.code == "not_enabled"


async def test_a_refused_enabling_leaves_the_address_disabled(world: World) -> None:
    wallet = await world.baton.create_address(standing(SPARK))
    await world.baton.disable_address(wallet.reference)
    await world.sandbox.fault("any", "error", status=409, code="operator_required")

    with pytest.raises(SourceRefused, match="operator_required"):
        await world.baton.enable_address(wallet.reference)

    assert (await world.baton.address(wallet.reference)).phase is SourcePhase.DISABLED
    assert (await world.baton.enable_address(wallet.reference)).phase is SourcePhase.ENABLED


async def test_the_blocking_client_changes_enables_and_refunds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", world.environment.client.service_client.config.target_host)
    till = await world.baton.create_address(accumulation(refundAddresses={"base": EVM}))
    wallet = await world.baton.create_address(standing(SPARK))
    proof = await pay(world, till, asset="USDT")
    await show(world, shown(till, proof["txHash"], symbol="USDT", asset="0xusdt"))
    order = await _attended(world, till)

    await asyncio.to_thread(_change_enable_and_refund, world, till, wallet, order)

    [refunded] = await eventually(lambda: orders_of(world, till), lambda orders: orders[0].outcome is not None)
    assert refunded.outcome is Outcome.REFUNDED


def _change_enable_and_refund(world: World, till: SourceSnapshot, wallet: SourceSnapshot, order: Snapshot) -> None:
    with BlockingBatonClient.connect() as blocking:
        assert blocking.update_address(till.reference, label="Till 9").label == "Till 9"
        assert blocking.disable_address(wallet.reference).phase is SourcePhase.DISABLED
        assert blocking.enable_address(wallet.reference).phase is SourcePhase.ENABLED
        standing_now = blocking.refund_deposit(order.reference, note="the payer asked")
        assert standing_now.phase in ("tracking", "closed")
        with pytest.raises(OrderRefused, match="refund"):
            blocking.refund_deposit(order.reference, note="and again")


async def _attended(world: World, address: SourceSnapshot) -> Snapshot:
    """Return the address's one order once it asks a person."""
    orders = await eventually(
        lambda: orders_of(world, address), lambda found: bool(found) and bool(found[0].attentions)
    )
    return orders[0]


def _of(order: Snapshot) -> tuple[str | None, dict[str, str], bool]:
    assert order.source is not None
    return order.source.label, order.source.metadata, order.policy.refund_held


async def test_an_address_that_another_reference_has_makes_its_orders(world: World) -> None:
    """Orchestra may answer two references with one address; here the ledger's row says so."""
    first, second = [await world.baton.create_address(accumulation()) for _ in range(2)]
    with sqlite3.connect(world.ledger_file) as connection:
        given = (first.reference, second.reference)
        connection.execute("UPDATE baton_source_addresses SET reference = ? WHERE reference = ?", given)

    await world.baton.update_address(second.reference, label="Till 8")

    async def attended() -> list[str]:
        return [raised.reason for raised in (await world.baton.address(second.reference)).attentions]

    assert await eventually(attended, bool) == ["address_held"]
    await pay(world, second)
    [order] = await until_orders(world, first, "completed")
    assert order.source is not None
    assert order.source.reference == first.reference
    assert await orders_of(world, second) == []

    await world.baton.disable_address(first.reference)
    await until_disabled(world, first)
    await world.baton.resolve_address(second.reference, note="the first one is closed")
    await eventually(lambda: world.ledger.sources.at_address("default", second.addresses["base"]), _is(second))
    assert await attended() == []


def _is(address: SourceSnapshot) -> Callable[[SourceRow | None], bool]:
    return lambda row: row is not None and row.reference == address.reference
