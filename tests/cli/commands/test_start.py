"""`baton start`: where to deposit, the same each time, or why the order was refused."""

import json

import pytest

from baton.errors import OrderRefused
from baton.orders.document import read_document
from tests.cli.command import Baton
from tests.end_to_end.world import SPARK, World

ROUTE = ("--source-chain", "base", "--source-asset", "USDC", "--destination-chain", "spark", "--destination-asset")
ORDER = (*ROUTE, "BTC", "--recipient-address", SPARK)


async def test_starting_an_order_twice_prints_the_same_deposit_as_json(world: World, baton: Baton) -> None:
    document = world.document()
    (baton.folder / "order.json").write_text(json.dumps(document))

    first = await baton("start", "--file", "order.json", "--json")
    again = await baton("start", "--file", "-", "--json", stdin=json.dumps(document))

    assert (first.code, again.code) == (0, 0)
    assert {**first.json, "replayed": True} == again.json
    printed = first.json
    assert printed["reference"] == document["reference"]
    assert printed["workflow_id"] == f"order/default/{document['reference']}"
    assert printed["amount_in"] == "100000000"
    assert await world.sandbox.deposit(deposit_address=printed["deposit_address"], detect=False)
    assert printed["expires_at"].endswith("Z")


async def test_options_override_the_order_file(world: World, baton: Baton) -> None:
    document = world.document()
    file = json.dumps({**document, "policy": {"maxRequotes": 7}})

    started = await baton(
        "start", "--file", "-", "--amount", "250000000", "--slippage-bps", "40", "--on-quote-expiry", "requote",
        "--json", stdin=file,
    )  # fmt: skip

    assert started.json["amount_in"] == "250000000"
    snapshot = await world.baton.snapshot(document["reference"])
    assert snapshot.request.slippage_bps == 40
    assert (snapshot.policy.on_quote_expiry.value, snapshot.policy.max_requotes) == ("requote", 7)


async def test_an_order_from_options_gets_a_generated_reference(world: World, baton: Baton) -> None:
    started = await baton("start", *ORDER, "--amount", "100000000", "--json")

    reference = started.json["reference"]
    assert reference.startswith("baton-")
    assert (await world.baton.snapshot(reference)).request.recipient_address == SPARK


async def test_a_started_order_shows_what_to_send_and_the_next_command(world: World, baton: Baton) -> None:
    document = world.document()
    started = await baton("start", "--file", "-", stdin=json.dumps(document))

    snapshot = await world.baton.snapshot(document["reference"])
    assert started.code == 0
    assert "100 USDC (100000000 smallest units) on base" in started.out
    assert f" {snapshot.deposit_address}\n" in started.out
    assert f"{snapshot.expires_at:%Y-%m-%d %H:%M:%S} UTC (in " in started.out
    assert f"baton deposit {document['reference']} --tx-hash HASH\n" in started.out


async def test_a_refused_quote_exits_with_1_and_orchestras_message(world: World, baton: Baton) -> None:
    text = json.dumps(world.document(sourceAsset="NOPE"))

    for_programs = await baton("start", "--file", "-", "--json", stdin=text)
    for_people = await baton("start", "--file", "-", stdin=text)

    assert (for_programs.code, for_people.code) == (1, 1)
    assert for_programs.json["phase"] == "closed"
    assert for_programs.error["code"] == "unsupported_route"
    assert for_people.out == ""
    assert f"unsupported_route: {for_programs.error['message']}" in for_people.err


async def test_a_completed_order_started_again_prints_its_placement(world: World, baton: Baton) -> None:
    document = world.document()
    placed = await world.baton.place(document)
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)

    again = await baton("start", "--file", "-", "--json", stdin=json.dumps(document))

    assert again.code == 0
    assert (again.json["quote_id"], again.json["outcome"]) == (placed.quote_id, "completed")
    assert "error" not in again.json


async def test_a_cancelled_order_started_again_ends_with_1(world: World, baton: Baton) -> None:
    document = world.document()
    placed = await world.baton.place(document)
    await world.baton.cancel(placed.reference)

    again = await baton("start", "--file", "-", "--json", stdin=json.dumps(document))

    assert again.code == 1
    assert (again.json["quote_id"], again.json["outcome"]) == (placed.quote_id, "cancelled")
    assert again.error["code"] == "cancelled"


async def test_another_order_under_a_taken_reference_is_refused(world: World, baton: Baton) -> None:
    document = world.document()
    await world.baton.place(document)

    refused = await baton("start", "--file", "-", "--amount", "5000000", "--json", stdin=json.dumps(document))

    assert refused.code == 1
    assert refused.error["code"] == "reference_conflict"


async def test_an_order_without_a_worker_names_its_reference_for_the_retry(world: World, baton: Baton) -> None:
    answer = await baton("start", *ORDER, "--amount", "1", "--account", "nobody", "--patience", "0.5", "--json")

    assert answer.code == 3
    assert answer.error["code"] == "no_worker"
    reference = answer.error["reference"]
    assert reference in answer.error["message"]
    assert (await world.baton.snapshot(reference, "nobody")).phase == "quoting"


async def test_start_with_watch_follows_the_order_until_it_closes(world: World, baton: Baton) -> None:
    async with baton.running("start", "--file", "-", "--watch", "--json") as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(world.document()).encode())
        process.stdin.write_eof()
        placed = json.loads(await process.stdout.readline())
        await world.sandbox.deposit(placed["quote_id"], detect=True)
        lines = (await process.stdout.read()).splitlines()
        assert await process.wait() == 0
    assert json.loads(lines[-1])["outcome"] == "completed"


async def test_an_unusable_order_file_is_wrong_usage(baton: Baton) -> None:
    (baton.folder / "list.json").write_text("[1]")
    for file, complaint in {
        "missing.json": "missing.json cannot be read: No such file or directory",
        "list.json": "list.json must hold one JSON object: the order",
    }.items():
        answer = await baton("start", "--file", file, "--json")
        assert answer.code == 2
        assert answer.error["message"] == complaint


async def test_an_order_may_be_started_in_whole_units_of_its_own_chain(world: World, baton: Baton) -> None:
    route = ("--source-chain", "bsc", "--source-asset", "USDC", "--destination-chain", "spark", "--destination-asset")
    order = (*route, "BTC", "--recipient-address", SPARK)
    api = {"ORCHESTRA_BASE_URL": world.account.base_url, "ORCHESTRA_API_KEY": "fn_sandbox"}

    started = await baton("start", *order, "--amount", "100.5 USDC", "--json", **api)

    assert started.json["amount_in"] == "100500000000000000000"
    assert started.json["amounts"]["in"]["display"] == "100.5"


async def test_whole_units_need_no_account_on_the_machine_that_starts_the_order(world: World, baton: Baton) -> None:
    started = await baton("start", *ORDER, "--amount", "100 USDC", "--json", ORCHESTRA_BASE_URL="http://127.0.0.1:1")

    assert (started.code, started.json["amount_in"]) == (0, "100000000")
    assert "the decimals are those of Baton's own catalogue" in started.err


async def test_too_many_decimals_are_refused_by_name(baton: Baton) -> None:
    refused = await baton("start", *ORDER, "--amount", "1.0000001 USDC", ORCHESTRA_BASE_URL="http://127.0.0.1:1")

    assert refused.code == 2
    assert "amount: 1.0000001 has 7 decimals and USDC on base has 6; round it (--amount)" in refused.err


async def test_whole_units_with_other_decimals_than_the_routes_are_refused(world: World) -> None:
    wrong = read_document({**world.document(), "amount": "100 USDC"}, lambda chain, asset: 18)

    with pytest.raises(
        OrderRefused, match="it was read with 18 decimals of USDC on base, and Orchestra states 6"
    ) as no:
        await world.baton.place(wrong)
    assert no.value.code == "decimals_differ"
