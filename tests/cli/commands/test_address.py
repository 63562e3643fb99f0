"""`baton address`: create, show, list, deposits, disable."""

import json
import uuid

from tests.cli.command import Baton
from tests.end_to_end.address_deposits import advance, pay, until_orders
from tests.end_to_end.test_addresses import EVM, accumulation
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually


def options(reference: str) -> list[str]:
    return [
        *("--type", "accumulation", "--reference", reference, "--source", "base:USDC", "--destination", "spark:BTC"),
        *("--recipient-address", SPARK, "--metadata", "shop=7", "--refund-address", f"base:{EVM}"),
    ]


def fresh() -> str:
    return f"till-{uuid.uuid4().hex[:10]}"


async def test_an_address_is_created_shown_and_disabled(baton: Baton) -> None:
    reference = fresh()
    created = await baton("address", "create", *options(reference), "--json")
    assert created.code == 0
    address = created.json["created"]["addresses"]["base"]

    shown = await baton("address", "show", reference)
    assert shown.code == 0
    for part in (f"Accumulation address {reference}  enabled", address, "fee", "slippage", "shop", "Fixed at creation"):
        assert part in shown.out

    disabled = await baton("address", "disable", reference, "--reason", "the shop closed", "--json")
    assert (disabled.code, disabled.json["phase"]) == (0, "disabled")
    again = await baton("address", "disable", reference, "--json")
    assert (again.code, again.error["code"]) == (1, "source_closed")


async def test_a_file_makes_the_same_address_as_its_options(baton: Baton) -> None:
    reference = fresh()
    created = await baton("address", "create", *options(reference), "--json")
    document = baton.folder / "address.json"
    fields = accumulation(reference=reference, refundAddresses={"base": EVM})
    document.write_text(json.dumps({k: v for k, v in fields.items() if k not in ("feeBps", "label")}))

    again = await baton("address", "create", "--file", str(document), "--json")

    assert again.json == created.json


async def test_another_address_under_the_reference_is_refused_by_field(baton: Baton) -> None:
    reference = fresh()
    await baton("address", "create", *options(reference))

    refused = await baton("address", "create", *options(reference), "--slippage-bps", "70", "--json")

    assert (refused.code, refused.error["code"]) == (1, "reference_conflict")
    assert "slippageBps: nothing created, 70 requested" in refused.error["message"]


async def test_addresses_and_their_orders_are_listed(world: World, baton: Baton) -> None:
    reference = fresh()
    await baton("address", "create", *options(reference))

    async def listed() -> bool:
        answer = await baton("address", "list", "--phase", "enabled", "--limit", "1000", "--json")
        return reference in [line["reference"] for line in answer.lines]

    await eventually(listed)
    nothing = await baton("address", "deposits", reference)
    assert (nothing.code, nothing.err) == (0, f"no deposit to {reference} is known\n")


async def test_the_sweep_of_a_deposit_arrives_by_webhook_and_is_shown(world: World, baton: Baton) -> None:
    reference = fresh()
    await baton("address", "create", *options(reference))
    address = await world.baton.address(reference)
    await pay(world, address, scenario="stepped")
    [order] = await until_orders(world, address, "processing")
    assert order.order_id is not None
    await world.sandbox.advance(order.order_id)
    [order] = await until_orders(world, address, "bridging")

    [made] = [made for made in await world.sandbox.orders() if made["id"] == order.order_id]
    reads = [call for call in await world.sandbox.requests("status") if order.order_id in str(call)]
    assert (order.sweep_tx_hash, reads) == (made["sweepTxHash"], [])
    await advance(world, order, minutes=5)  # the list follows a status that stands for a while
    listed = await eventually(
        lambda: baton("address", "deposits", reference, "--json"),
        lambda answer: [line["status"] for line in answer.lines] == ["bridging"],
    )
    assert listed.lines[0]["reference"] == order.reference

    await baton("refresh", order.reference)
    shown = await eventually(lambda: baton("show", order.reference), lambda answer: "Stages" in answer.out)
    for part in ("sweep tx", made["sweepTxHash"], "deposit confirmed", "swept", "bridging"):
        assert part in shown.out


async def test_an_address_is_changed_by_options_and_a_policy_file(baton: Baton) -> None:
    reference = fresh()
    await baton("address", "create", *options(reference))
    policy = baton.folder / "policy.json"
    policy.write_text('{"refundHeld": true}', encoding="utf-8")

    changed = await baton(
        *("address", "update", reference, "--label", "Till 8", "--metadata", "shop=8"),
        *("--policy", str(policy), "--json"),
    )

    assert (changed.json["label"], changed.json["metadata"]) == ("Till 8", {"shop": "8"})
    assert changed.json["policy"]["refund_held"] is True
    nothing = await baton("address", "update", reference)
    assert (nothing.code, "all left out" in nothing.err) == (2, True)
    await baton("address", "disable", reference)
    refused = await baton("address", "enable", reference, "--json")
    assert (refused.code, refused.error["code"]) == (1, "not_enabled")


async def test_an_unknown_address_is_refused(baton: Baton) -> None:
    answer = await baton("address", "show", "nobody-knows-it", "--json")
    assert (answer.code, answer.error["code"]) == (1, "source_unknown")


async def test_wrong_options_of_an_address_are_wrong_usage(alone: Baton) -> None:
    for given, complaint in (
        ([], "type: must be one of accumulation, liquidation, standing"),
        (["--type", "liquidation", "--source", "base:USDC"], "--source is for --type accumulation; leave it out"),
        (["--type", "accumulation", "--source", "base"], "--source: 'base' is not CHAIN:ASSET"),
        ([*options("x"), "--metadata", "shop"], "--metadata: 'shop' is not NAME=VALUE"),
        ([*options("x"), "--slippage-bps", "5000"], "slippageBps is 5000; use 0 to 1000"),
        (["--type", "standing", "--destination", "base:USDC"], "--destination and --recipient-address belong together"),
    ):
        answer = await alone("address", "create", *given)
        assert answer.code == 2, given
        assert answer.err.startswith(f"error: {complaint}"), answer.err
