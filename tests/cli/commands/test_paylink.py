"""`baton paylink`: create, show, list, orders, disable."""

import json
import uuid

from tests.cli.command import Baton
from tests.cli.qr_reading import modules_of, read_drawing
from tests.end_to_end.test_pay_links import EVM, link, order_of_visit, visited
from tests.end_to_end.world import World
from tests.eventually import eventually


def options(reference: str) -> list[str]:
    return [
        *("--reference", reference, "--destination", "base:USDC", "--recipient-address", EVM),
        *("--amount-out", "25 USDC", "--label", "Tips", "--metadata", "table=7"),
    ]


def fresh() -> str:
    return f"tips-{uuid.uuid4().hex[:10]}"


async def test_a_link_is_created_shown_and_disabled(baton: Baton) -> None:
    reference = fresh()
    created = await baton("paylink", "create", *options(reference), "--json")
    assert created.code == 0
    url = created.json["created"]["short_url"]

    shown = await baton("paylink", "show", reference)
    assert shown.code == 0
    for part in (
        f"Pay link {reference}  enabled",
        url,
        "25 USDC (25000000 smallest units) for the recipient",
        "table",
        "Tips",
    ):
        assert part in shown.out

    disabled = await baton("paylink", "disable", reference, "--reason", "the season is over", "--json")
    assert (disabled.code, disabled.json["phase"]) == (0, "disabled")
    again = await baton("paylink", "disable", reference, "--json")
    assert (again.code, again.error["code"]) == (1, "source_closed")


async def test_a_link_file_makes_the_same_link_as_its_options(baton: Baton) -> None:
    reference = fresh()
    created = await baton("paylink", "create", *options(reference), "--json")

    again = await baton("paylink", "create", "--file", "-", "--json", stdin=json.dumps(link(reference=reference)))

    assert again.json == created.json


async def test_the_code_of_a_link_holds_its_short_url(baton: Baton) -> None:
    reference = fresh()
    created = await baton("paylink", "create", *options(reference), "--json")

    shown = await baton("paylink", "show", reference, "--qr")

    assert read_drawing(shown.out) == modules_of(created.json["created"]["short_url"])


async def test_a_disabled_link_has_no_code(baton: Baton) -> None:
    reference = fresh()
    await baton("paylink", "create", *options(reference))
    await baton("paylink", "disable", reference)

    shown = await baton("paylink", "show", reference, "--qr")

    assert shown.code == 1
    assert "no code: the link is disabled, and cannot be paid" in shown.err


async def test_a_shown_link_has_its_orders_and_their_sums(world: World, baton: Baton) -> None:
    created = await world.baton.create_pay_link(link())
    paid, unpaid = await visited(world, created), await visited(world, created)
    order, _ = await order_of_visit(world, paid[1]), await order_of_visit(world, unpaid[1])
    await world.sandbox.deposit(deposit_address=paid[0])
    await world.baton.wait(order.reference)

    async def counts() -> dict[str, int]:
        shown = await baton("paylink", "show", created.reference, "--json")
        totals = shown.json["totals"]["by_standing"] if len(shown.json["orders"]) == 2 else []
        return {total["standing"]: total["orders"] for total in totals}

    assert await eventually(counts, lambda found: found == {"awaiting_payment": 1, "completed": 1})
    shown = await baton("paylink", "show", created.reference)
    assert "25 USDC on base" in shown.out
    assert order.reference in shown.out.replace("\n", "")
    listed = await baton("list", "--source", created.reference, "--json")
    assert {line["source"] for line in listed.lines} == {f"paylink/{created.reference}"}


async def test_a_link_is_shown_without_sums_where_there_is_no_ledger(baton: Baton) -> None:
    reference = fresh()
    await baton("paylink", "create", *options(reference))

    shown = await baton("paylink", "show", reference, BATON_LEDGER_URL="sqlite:////nowhere/ledger.db")

    assert shown.code == 0
    assert "the ledger cannot be read, so the sums are left out" in shown.err


async def test_links_and_their_orders_are_listed(baton: Baton) -> None:
    reference = fresh()
    await baton("paylink", "create", *options(reference))

    async def listed() -> bool:
        answer = await baton("paylink", "list", "--phase", "enabled", "--limit", "1000", "--json")
        return reference in [line["reference"] for line in answer.lines]

    await eventually(listed)
    nothing = await baton("paylink", "orders", reference)
    assert (nothing.code, nothing.err) == (0, "no order came of it yet\n")


async def test_an_unknown_link_is_refused(baton: Baton) -> None:
    answer = await baton("paylink", "show", "nobody-knows-it", "--json")

    assert (answer.code, answer.error["code"]) == (1, "source_unknown")


async def test_wrong_options_of_a_link_are_wrong_usage(alone: Baton) -> None:
    both = await alone("paylink", "create", *options("r"), "--amount-fiat-usd", "5.00", "--json")
    shape = await alone("paylink", "create", "--reference", "r", "--destination", "base", "--json")

    assert (both.code, shape.code) == (2, 2)
    assert both.error["message"].startswith("amountOut: cannot be combined with amountFiatUsd")
    assert "is not CHAIN:ASSET" in shape.error["message"]
