"""`baton bulk`: it lists, asks, does one act to many orders, and says what became of each."""

import csv

from baton.orders.models import Outcome
from tests.cli.command import Baton, interrupt
from tests.end_to_end.world import World
from tests.eventually import eventually


async def placed_in(world: World, group: str, number: int = 3) -> list[str]:
    """Place orders of a group; return their references once the ledger lists them."""
    placed = [await world.place(metadata={"group": group}) for _ in range(number)]
    for order in placed:
        await eventually(lambda order=order: world.ledger.order(order.workflow_id))
    return [order.reference for order in placed]


async def test_a_dry_run_lists_the_orders_and_changes_nothing(world: World, baton: Baton) -> None:
    references = await placed_in(world, "listed")

    listed = await baton("bulk", "cancel", "--metadata", "group=listed", "--dry-run", "--json")
    for_people = await baton("bulk", "cancel", "--metadata", "group=listed", "--dry-run")

    assert (listed.code, {line["reference"] for line in listed.lines}) == (0, set(references))
    assert all(reference in for_people.out for reference in references)
    assert "3 orders; nothing was done" in for_people.err
    assert (await world.baton.snapshot(references[0])).outcome is None


async def test_what_nobody_confirms_is_not_done(world: World, baton: Baton) -> None:
    (reference,) = await placed_in(world, "unconfirmed", 1)

    refused = await baton("bulk", "cancel", "--reference", reference)

    assert refused.code == 2
    assert "give --yes or --dry-run" in refused.err
    assert (await world.baton.snapshot(reference)).outcome is None


async def test_nothing_is_done_if_its_results_could_not_be_written(world: World, baton: Baton) -> None:
    (reference,) = await placed_in(world, "unwritable", 1)

    refused = await baton("bulk", "cancel", "--reference", reference, "--yes", "--csv", "no/such/folder.csv", "--json")

    assert (refused.code, refused.error["code"]) == (2, "unwritable")
    assert (await world.baton.snapshot(reference)).outcome is None


async def test_each_order_has_a_result_row_and_one_refusal_exits_with_one(world: World, baton: Baton) -> None:
    first, second = await placed_in(world, "rows", 2)
    order = await world.place(scenario="stepped", metadata={"group": "rows"})
    await world.deposit_and_report(order)
    await eventually(lambda: world.ledger.order(order.workflow_id))
    paid, choice = order.reference, ("--metadata", "group=rows")

    done = await baton("bulk", "cancel", *choice, "--yes", "--note", "over", "--csv", "rows.csv", "--json")

    states = {line["reference"]: (line["state"], line["code"]) for line in done.lines}
    assert states == {first: ("done", None), second: ("done", None), paid: ("refused", "deposit_known")}
    assert done.code == 1
    with (baton.folder / "rows.csv").open(newline="") as file:
        assert {row["reference"]: row["state"] for row in csv.DictReader(file)} == {
            reference: state for reference, (state, _) in states.items()
        }
    (bulk_id,) = {line["bulk"] for line in done.lines}
    shown = await baton("bulk", "results", bulk_id, "--state", "refused")
    assert paid in shown.out
    assert "a deposit is known, so the order can no longer be cancelled" in shown.out
    acts = await baton("acts", "--bulk", bulk_id, "--json")
    assert {act["note"] for act in acts.lines} == {"over"}
    assert {act["by"].split(":")[0] for act in acts.lines} == {"cli"}


async def test_ctrl_c_stops_a_bulk_and_resuming_it_does_the_rest(world: World, baton: Baton) -> None:
    references = await placed_in(world, "slow", 8)
    choice = ("--metadata", "group=slow", "--yes", "--rate", "2")
    command = ("bulk", "close", "--as", "expired", "--note", "given up", *choice)

    async with baton.running(*command) as process:
        await eventually(lambda: closed(world, references), lambda count: count > 0)
        code = await interrupt(process)
        _, told = await process.communicate()

    assert code == 130
    assert "continues" in told.decode()
    bulk_id = told.decode().split("`baton bulk resume ")[1].split("`")[0]
    await eventually(lambda: baton("bulk", "status", bulk_id, "--json"), lambda status: not status.json["running"])
    assert await closed(world, references) < 8
    resumed = await baton("bulk", "resume", bulk_id, "--json")
    assert (resumed.code, {line["state"] for line in resumed.lines}) == (0, {"done"})
    assert await closed(world, references) == 8
    listed = await baton("bulk", "list", "--json")
    assert next(line for line in listed.lines if line["id"] == bulk_id)["progress"]["done"] == 8


async def closed(world: World, references: list[str]) -> int:
    """Return how many of these orders were closed by hand."""
    orders = [await world.baton.snapshot(reference) for reference in references]
    return sum(order.outcome is Outcome.EXPIRED for order in orders)


async def test_a_bulk_without_a_filter_is_refused(baton: Baton) -> None:
    refused = await baton("bulk", "refresh", "--yes", "--json")

    assert (refused.code, refused.error["code"]) == (2, "invalid_argument")
    assert "give at least one" in refused.error["message"]


async def test_filters_that_choose_no_order_do_nothing(baton: Baton) -> None:
    nothing = await baton("bulk", "refresh", "--metadata", "group=nobody", "--yes")

    assert (nothing.code, "0 orders; nothing was done" in nothing.err) == (0, True)


async def test_one_order_is_closed_adopted_and_its_acts_are_shown(world: World, baton: Baton) -> None:
    (reference,) = await placed_in(world, "single", 1)

    closed_by_hand = await baton("close", reference, "--as", "cancelled", "--note", "ticket 7", "--json")

    assert (closed_by_hand.code, closed_by_hand.json["outcome"]) == (0, "cancelled")
    shown = await baton("show", reference)
    assert "ticket 7" in shown.out
    assert "by cli:" in shown.out
    unknown = await baton("adopt", "ord_nobody_has", "--json")
    assert (unknown.code, unknown.error["code"]) == (1, "order_not_at_orchestra")
