"""`baton show`: an order as it is now, or as the ledger last recorded it."""

from datetime import timedelta

from baton.ledger.rows import DeliveryRow
from baton.orders.answers import Placement
from tests.cli.command import Baton
from tests.end_to_end.world import World


async def test_an_open_order_shows_its_wait_and_the_deposit_command(world: World, baton: Baton) -> None:
    placed = await world.place()

    for_programs = await baton("show", placed.reference, "--json")
    for_people = await baton("show", placed.reference)

    order = for_programs.json
    assert (for_programs.code, for_people.code) == (0, 0)
    assert (order["phase"], order["status"], order["outcome"], order["attention"]) == ("awaiting_deposit",) + (
        None,
    ) * 3
    assert (order["quote_id"], order["order_id"], order["transitions"]) == (placed.quote_id, None, [])
    assert order["waiting_for"]["who"] == "payer"
    assert order["from_ledger"] is False
    assert "a deposit\n" in for_people.out
    assert "the payer\n" in for_people.out
    assert f"baton deposit {placed.reference} --tx-hash HASH\n" in for_people.out


async def test_a_closed_order_shows_its_money_and_timeline(world: World, baton: Baton) -> None:
    placed = await _completed(world)

    order = (await baton("show", placed.reference, "--json")).json
    text = (await baton("show", placed.reference)).out

    assert (order["phase"], order["outcome"]) == ("closed", "completed")
    statuses = [transition["status"] for transition in order["transitions"]]
    assert statuses == ["processing", "bridging", "swapping", "delivering", "completed"]
    assert f"BTC ({order['amount_out']} smallest units)\n" in text
    places = [text.index(f"  {status} ") for status in statuses[:-1]]
    assert places == sorted(places)


async def test_a_status_after_the_end_is_shown_in_the_timeline(world: World, baton: Baton) -> None:
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

    order = (await baton("show", placed.reference, "--json")).json
    text = (await baton("show", placed.reference)).out

    assert [transition["status"] for transition in order["transitions"]][-2:] == ["completed", "refunding"]
    assert "reported after the end" in text
    without = await baton("show", placed.reference, "--json", BATON_LEDGER_URL="postgresql://127.0.0.1:1/none")
    assert [transition["status"] for transition in without.json["transitions"]][-1] == "completed"


async def test_without_temporal_show_prints_the_last_record_with_a_note(world: World, baton: Baton) -> None:
    placed = await _completed(world)

    for_programs = await baton("show", placed.reference, "--json", TEMPORAL_ADDRESS="127.0.0.1:1")
    for_people = await baton("show", placed.reference, TEMPORAL_ADDRESS="127.0.0.1:1")

    assert (for_programs.code, for_people.code) == (0, 0)
    assert for_programs.json["from_ledger"] is True
    assert for_programs.json["outcome"] == "completed"
    assert "as last recorded; Temporal cannot be reached at 127.0.0.1:1" in for_people.out


async def test_an_order_missing_in_temporal_is_shown_from_the_ledger(world: World, baton: Baton) -> None:
    placed = await _completed(world)

    order = await baton("show", placed.reference, "--json", TEMPORAL_NAMESPACE="temporal-system")

    assert order.code == 0
    assert (order.json["from_ledger"], order.json["outcome"]) == (True, "completed")


async def test_showing_an_unknown_order_is_refused_with_a_remedy(baton: Baton) -> None:
    answer = await baton("show", "never-placed", "--json")

    assert answer.code == 1
    assert answer.error["code"] == "order_unknown"
    assert "check the reference and the account" in answer.error["message"]


async def test_show_creates_no_ledger(alone: Baton) -> None:
    answer = await alone("show", "invoice-42", "--json")

    assert answer.code == 3
    assert answer.error["code"] == "temporal_unavailable"
    assert list(alone.folder.iterdir()) == []


async def _completed(world: World) -> Placement:
    placed = await world.place()
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    return placed
