"""`baton list`, `cancel` and `refresh`."""

import json
import uuid

from tests.cli.command import Baton
from tests.end_to_end.world import World
from tests.eventually import eventually


async def test_orders_are_listed_newest_first_and_filtered(world: World, baton: Baton) -> None:
    older, newer, cancelled = await world.place(), await world.place(), await world.place()
    await world.baton.cancel(cancelled.reference)

    async def listed(*options: str) -> list[str]:
        return [line["reference"] for line in (await baton("list", "--json", *options)).lines]

    await eventually(lambda: listed("--limit", "2"), lambda seen: seen == [newer.reference, older.reference])
    options = ("--phase", "closed", "--outcome", "cancelled", "--no-attention")
    shown = await eventually(lambda: listed(*options), lambda seen: cancelled.reference in seen)
    assert newer.reference not in shown


async def test_the_order_table_has_one_line_for_each_order(world: World, baton: Baton) -> None:
    placed = await world.place()

    async def line() -> str:
        table = (await baton("list", "--limit", "1")).out
        return next((line for line in table.splitlines() if placed.reference in line), "")

    shown = await eventually(line)
    assert "awaiting deposit" in shown
    assert "base:USDC>spark:BTC" in shown


async def test_an_account_without_orders_lists_nothing(baton: Baton) -> None:
    account = f"nobody-{uuid.uuid4().hex[:8]}"
    for_programs = await baton("list", "--account", account, "--json")
    for_people = await baton("list", BATON_ACCOUNT=account)

    assert (for_programs.code, for_programs.out) == (0, "")
    assert (for_people.code, for_people.out) == (0, "")
    assert "no orders found" in for_people.err


async def test_an_order_with_a_known_deposit_cannot_be_cancelled(world: World, baton: Baton) -> None:
    open_order, paid = await world.place(), await world.place(scenario="stepped")
    await world.deposit_and_report(paid)

    cancelled = await baton("cancel", open_order.reference, "--json")
    refused = await baton("cancel", paid.reference, "--json")
    again = await baton("cancel", open_order.reference)

    assert (cancelled.code, cancelled.json["outcome"]) == (0, "cancelled")
    assert (refused.code, refused.error["code"]) == (1, "deposit_known")
    assert again.code == 1
    assert again.err.startswith("error: the order is closed")


async def test_a_refresh_reads_the_status_from_orchestra(world: World, baton: Baton) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, phase="tracking")
    fault = await world.sandbox.webhook_fault("drop")
    await world.sandbox.advance(placed.quote_id or "", "bridging")
    await world.sandbox.remove_webhook_fault(fault)

    refreshed = await baton("refresh", placed.reference, "--json")

    assert (refreshed.code, refreshed.json["status"]) == (0, "bridging")
    assert (await baton("refresh", placed.reference)).out.startswith(f"Order {placed.reference}  bridging\n")


async def test_deciding_without_an_open_offer_is_refused(world: World, baton: Baton) -> None:
    placed = await world.place()

    done = await baton("decide", placed.reference, "--accept")

    assert done.code == 1
    assert "no ZeroConf offer waits for an answer" in done.err


async def test_a_terminated_order_says_so_everywhere(world: World, baton: Baton) -> None:
    document = world.document()
    placed = await world.baton.place(document)
    await world.handle(placed).terminate(reason="by mistake")
    assert placed.deposit_address

    shown, as_json = await baton("show", placed.reference), await baton("show", placed.reference, "--json")
    refreshed = await baton("refresh", placed.reference, "--json")
    again = await baton("start", "--file", "-", stdin=json.dumps(document))
    watched = await baton("watch", placed.reference)

    assert "was terminated in Temporal" in shown.out
    assert "(by mistake)" in shown.out
    assert placed.deposit_address not in shown.out
    assert as_json.json["interrupted"]["how"] == "terminated"
    assert (refreshed.code, refreshed.error["code"]) == (1, "order_broken")
    assert (again.code, watched.code) == (1, 1)
    assert "was terminated in Temporal" in again.err
    assert placed.deposit_address not in again.out + again.err + watched.out


async def test_the_order_table_shows_which_orders_were_terminated(world: World, baton: Baton) -> None:
    placed = await world.place()
    await world.handle(placed).terminate()

    async def line() -> str:
        table = (await baton("list", "--limit", "200")).out
        return next((line for line in table.splitlines() if placed.reference in line), "")

    assert await eventually(line, lambda shown: "terminated" in shown)
