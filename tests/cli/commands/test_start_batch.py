"""`baton start --batch`: all rows are checked first, each order is placed once, and an interrupted run continues."""

import asyncio
import csv
import json
import os
import signal
from pathlib import Path

import pytest

from tests.cli.command import Baton
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually

ROWS = int(os.environ.get("BATON_BATCH_ROWS", "90"))
"""Rows of the long batch, two thirds of which are to do when it is killed: enough that it never ends before.

`BATON_BATCH_ROWS=1000` takes some minutes, most of them to replay the histories.
"""
BAD = 10
SECONDS = 150.0

HEADER = "reference,sourceChain,sourceAsset,destinationChain,destinationAsset,amount,recipientAddress,metadata.batch"


def row(reference: str, *, amount: str = "100 USDC", batch: str = "b") -> str:
    return f"{reference},base,USDC,spark,BTC,{amount},{SPARK},{batch}"


def write(baton: Baton, name: str, *lines: str) -> Path:
    file = baton.folder / name
    file.write_text("\n".join(lines) + "\n")
    return file


async def orders_in(world: World, batch: str) -> list[str]:
    """Return the references of a batch's orders in the ledger."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        query = {"metadata[batch]": batch, "limit": "100", **({"cursor": cursor} if cursor else {})}
        page = (await world.http.get("/v1/orders", params=query)).json()
        found += [order["reference"] for order in page["orders"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def written(results: Path) -> int:
    """Return how many lines a command has written so far."""
    return results.read_text().count("\n") if results.exists() else 0


async def test_a_killed_batch_that_is_started_again_places_every_good_row_once(world: World, baton: Baton) -> None:
    good = [row(f"big-{number}", batch="big") for number in range(ROWS - BAD)]
    bad = [row(f"bad-{number}", amount="-1", batch="big") for number in range(BAD)]
    write(baton, "big.csv", HEADER, *good[: ROWS // 3], *bad, *good[ROWS // 3 :])
    command = ("start", "--batch", "big.csv", "--skip-bad", "--results", "results.csv", "--json")
    results = baton.folder / "results.csv"
    before = len(await world.sandbox.quotes())

    async with baton.running(*command) as process:
        await eventually(lambda: written(results), lambda lines: lines > ROWS // 3, within=SECONDS)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    cut_short = written(results)
    async with baton.running(*command) as process:
        output, _ = await asyncio.wait_for(process.communicate(), SECONDS)

    placed = await eventually(lambda: orders_in(world, "big"), lambda found: len(found) >= ROWS - BAD, within=30)
    assert ROWS // 3 < cut_short < ROWS
    assert sorted(placed) == sorted(f"big-{number}" for number in range(ROWS - BAD))
    assert len(await world.sandbox.quotes()) - before == ROWS - BAD
    with results.open(newline="") as file:
        states = [line["state"] for line in csv.DictReader(file)]
    assert states.count("invalid") == BAD
    assert states.count("placed") + states.count("placed_before") == ROWS - BAD
    assert [json.loads(line)["state"] for line in output.decode().splitlines()] == states
    assert process.returncode == 1


async def test_every_wrong_row_is_named_and_nothing_is_started(world: World, baton: Baton) -> None:
    write(baton, "orders.csv", HEADER, row("fine-1", batch="none"), row("x y", batch="none"), row("z", amount="ten"))

    refused = await baton("start", "--batch", "orders.csv")

    assert refused.code == 2
    assert "2 of 3 rows are wrong" in refused.err
    assert "line 3: reference" in refused.err
    assert "line 4: amount" in refused.err
    assert await orders_in(world, "none") == []


async def test_rows_without_a_reference_are_placed_once_however_often(world: World, baton: Baton) -> None:
    unnamed = row("", batch="unnamed")
    write(baton, "orders.csv", HEADER, unnamed, unnamed, row("", amount="200 USDC", batch="unnamed"))

    first = await baton("start", "--batch", "orders.csv", "--json")
    write(baton, "orders.csv", HEADER, row("", amount="200 USDC", batch="unnamed"), unnamed, unnamed)
    again = await baton("start", "--batch", "orders.csv", "--json")

    assert [line["state"] for line in first.lines] == ["placed"] * 3
    assert [line["state"] for line in again.lines] == ["placed_before"] * 3
    assert {line["reference"] for line in first.lines} == {line["reference"] for line in again.lines}
    assert len({line["deposit_address"] for line in first.lines}) == 3


async def test_json_lines_from_stdin_are_placed_with_their_nested_fields(world: World, baton: Baton) -> None:
    documents = [world.document(policy={"maxRequotes": 7}), world.document(metadata={"cart.id": "7"})]

    started = await baton("start", "--batch", "-", "--json", stdin="\n".join(map(json.dumps, documents)))

    assert (started.code, [line["state"] for line in started.lines]) == (0, ["placed", "placed"])
    assert (await world.baton.snapshot(documents[0]["reference"])).policy.max_requotes == 7
    assert (await world.baton.snapshot(documents[1]["reference"])).metadata == {"cart.id": "7"}


async def test_a_json_text_may_have_separators_of_lines_as_they_are(world: World, baton: Baton) -> None:
    document = world.document(metadata={"note": "one\u2028two\x85three"})
    lines = json.dumps(document, ensure_ascii=False)

    started = await baton("start", "--batch", "-", "--json", stdin=f"{lines}\r\n\r\n")

    assert [line["state"] for line in started.lines] == ["placed"]
    assert (await world.baton.snapshot(document["reference"])).metadata == document["metadata"]


async def test_the_default_account_makes_the_same_order_named_or_not(world: World, baton: Baton) -> None:
    write(baton, "orders.csv", HEADER, row("", amount="123 USDC", batch="accounts"))

    first = await baton("start", "--batch", "orders.csv", "--json")
    again = await baton("start", "--batch", "orders.csv", "--account", "default", "--json")

    assert [line["state"] for line in (*first.lines, *again.lines)] == ["placed", "placed_before"]


async def test_results_never_replace_the_batch_itself(baton: Baton) -> None:
    batch = write(baton, "orders.csv", HEADER, row("fine-3"))
    text = batch.read_text()

    answer = await baton("start", "--batch", "orders.csv", "--results", "orders.csv", "--json")

    assert (answer.code, batch.read_text()) == (2, text)
    assert "names the batch itself" in answer.error["message"]


async def test_a_row_that_orchestra_refuses_is_named_and_the_others_are_placed(world: World, baton: Baton) -> None:
    refused = row("refused-1", batch="mixed").replace("spark,BTC", "spark,NONE")
    write(baton, "orders.csv", HEADER, row("fine-2", batch="mixed"), refused)

    started = await baton("start", "--batch", "orders.csv", "--json")

    states = {line["reference"]: (line["state"], line["code"]) for line in started.lines}
    assert states["fine-2"] == ("placed", None)
    assert states["refused-1"] == ("refused", "unsupported_route")
    assert started.code == 1


async def test_options_about_one_order_do_not_go_with_a_batch(baton: Baton) -> None:
    answer = await baton("start", "--batch", "orders.csv", "--amount", "100")
    alone = await baton("start", "--skip-bad")

    assert (answer.code, alone.code) == (2, 2)
    assert "--amount is about one order" in answer.err
    assert "--skip-bad and --results belong to --batch" in alone.err


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the first line has no columns"),
        ("reference,reference\na,b", "names reference twice"),
        ("policy,policy.maxRequotes\nx,7", "another column fills a part of it"),
        ("reference\na,b", "has 2 cells, and the first line 1"),
        ("reference,\na,b", "the column of 'b' has no name"),
        ("reference;amount\na;7", "the first line separates its columns by ';'"),
        ('reference,note\na,b\nc,"d\ne,f\n', "the row that begins on line 3 cannot be read"),
        pytest.param(f"reference\n{'x' * 200_000}\n", "the row that begins on line 2 cannot be read", id="long-cell"),
        pytest.param(f"policy.depositWindow\n{'9' * 5_000}\n", "depositWindow", id="long-number"),
    ],
)
async def test_a_table_that_is_none_is_refused_with_the_remedy(baton: Baton, text: str, complaint: str) -> None:
    (baton.folder / "orders.csv").write_text(text)

    answer = await baton("start", "--batch", "orders.csv", "--json")

    assert answer.code == 2
    assert complaint in answer.error["message"]
