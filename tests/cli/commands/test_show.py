"""`baton show`: the truth, and where nobody can be asked, what the ledger last knew."""

from datetime import timedelta

from baton.ledger.rows import DeliveryRow
from baton.orders.answers import Placement
from tests.cli.command import Baton
from tests.end_to_end.world import World


async def test_an_order_tells_what_it_waits_for_and_how_its_deposit_is_reported(world: World, baton: Baton) -> None:
    placed = await world.place()

    for_programs = await baton("show", placed.reference, "--json")
    for_people = await baton("show", placed.reference)

    told = for_programs.json
    assert (for_programs.code, for_people.code) == (0, 0)
    assert (told["phase"], told["status"], told["outcome"], told["attention"]) == ("awaiting_deposit",) + (None,) * 3
    assert (told["quote_id"], told["order_id"], told["transitions"]) == (placed.quote_id, None, [])
    assert told["waiting_for"]["who"] == "payer"
    assert told["from_ledger"] is False
    assert "a deposit\n" in for_people.out
    assert "the payer\n" in for_people.out
    assert f"baton deposit {placed.reference} --tx-hash HASH\n" in for_people.out


async def test_a_closed_order_tells_its_money_and_its_timeline(world: World, baton: Baton) -> None:
    placed = await _completed(world)

    told = (await baton("show", placed.reference, "--json")).json
    read = (await baton("show", placed.reference)).out

    assert (told["phase"], told["outcome"]) == ("closed", "completed")
    statuses = [one["status"] for one in told["transitions"]]
    assert statuses == ["processing", "bridging", "swapping", "delivering", "completed"]
    assert f"{told['amount_out']} BTC (smallest units)\n" in read
    places = [read.index(f"  {status} ") for status in statuses[:-1]]
    assert places == sorted(places)


async def test_news_after_the_end_stands_in_the_timeline_of_a_closed_order(world: World, baton: Baton) -> None:
    placed = await _completed(world)
    snapshot = await world.snapshot(placed)
    assert snapshot.closed_at
    after = snapshot.closed_at + timedelta(minutes=5)
    news = DeliveryRow(
        account=placed.account,
        workflow_id=placed.workflow_id,
        order_id=snapshot.order_id,
        event="order.refunding",
        status="refunding",
        received_at=after,
        disposition="late",
    )
    assert await world.ledger.record_late(news, after)

    told = (await baton("show", placed.reference, "--json")).json
    read = (await baton("show", placed.reference)).out

    assert [one["status"] for one in told["transitions"]][-2:] == ["completed", "refunding"]
    assert "told after the end" in read
    without = await baton("show", placed.reference, "--json", BATON_LEDGER_URL="postgresql://127.0.0.1:1/none")
    assert [one["status"] for one in without.json["transitions"]][-1] == "completed"


async def test_where_temporal_is_away_the_ledger_tells_the_last_record_and_says_so(world: World, baton: Baton) -> None:
    placed = await _completed(world)

    for_programs = await baton("show", placed.reference, "--json", TEMPORAL_ADDRESS="127.0.0.1:1")
    for_people = await baton("show", placed.reference, TEMPORAL_ADDRESS="127.0.0.1:1")

    assert (for_programs.code, for_people.code) == (0, 0)
    assert for_programs.json["from_ledger"] is True
    assert for_programs.json["outcome"] == "completed"
    assert "as last recorded; Temporal cannot be reached at 127.0.0.1:1" in for_people.out


async def test_an_order_that_temporal_no_longer_keeps_is_told_from_the_ledger(world: World, baton: Baton) -> None:
    placed = await _completed(world)

    told = await baton("show", placed.reference, "--json", TEMPORAL_NAMESPACE="temporal-system")

    assert told.code == 0
    assert (told.json["from_ledger"], told.json["outcome"]) == (True, "completed")


async def test_an_order_that_nobody_knows_is_a_refusal_with_a_remedy(baton: Baton) -> None:
    asked = await baton("show", "never-placed", "--json")

    assert asked.code == 1
    assert asked.error["code"] == "order_unknown"
    assert "baton list" in asked.error["message"]


async def test_looking_for_a_ledger_makes_none(alone: Baton) -> None:
    asked = await alone("show", "invoice-42", "--json")

    assert asked.code == 3
    assert asked.error["code"] == "temporal_unavailable"
    assert list(alone.folder.iterdir()) == []


async def _completed(world: World) -> Placement:
    placed = await world.place()
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    return placed
