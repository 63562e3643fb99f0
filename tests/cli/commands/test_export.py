"""`baton export`: one row an order, with exact amounts and its transactions."""

import csv
import io
from datetime import UTC, datetime, timedelta

from baton.orders.answers import Placement
from tests.cli.command import Baton
from tests.end_to_end.world import World
from tests.eventually import eventually


def begins() -> str:
    return (datetime.now(UTC) - timedelta(hours=1)).isoformat()


async def written(world: World, placed: Placement, outcome: str | None) -> None:
    """Wait until the ledger has the order with this outcome."""
    await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row and row.outcome == outcome)


async def test_a_completed_order_is_exported_with_amounts_and_transactions(baton: Baton, world: World) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)
    snapshot = await world.until(placed, outcome="completed")
    await written(world, placed, "completed")
    answer = await baton("export", "--from", begins())
    (row,) = [row for row in csv.DictReader(io.StringIO(answer.out)) if row["reference"] == placed.reference]
    assert (row["received"], row["received_units"], row["source_asset"]) == ("100000000", "100", "USDC")
    assert row["out"] == str(snapshot.amount_out)
    assert row["destination_tx"] == snapshot.spark_tx_hash
    assert row["deposit_tx"] == snapshot.proof["txHash"]
    assert (row["outcome"], row["refund"], answer.code) == ("completed", "", 0)


async def test_json_has_one_order_a_line_and_a_file_gets_all_rows(baton: Baton, world: World) -> None:
    placed = await world.place()
    await written(world, placed, None)
    lines = (await baton("export", "--from", begins(), "--json")).lines
    answer = await baton("export", "--from", begins(), "--output", "books.csv")
    rows = list(csv.DictReader((baton.folder / "books.csv").read_text().splitlines()))
    assert placed.reference in [line["reference"] for line in lines]
    assert [row["reference"] for row in rows] == [line["reference"] for line in lines]
    assert f"{len(rows)} orders placed from" in answer.err


async def test_a_file_that_cannot_be_written_is_named(baton: Baton) -> None:
    answer = await baton("export", "--output", "nowhere/books.csv")
    assert answer.code == 2
    assert "--output nowhere/books.csv: cannot be written" in answer.err
