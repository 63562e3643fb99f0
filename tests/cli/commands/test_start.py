"""`baton start`: where to deposit, once and again, or why not."""

import json

from tests.cli.command import Baton
from tests.end_to_end.world import SPARK, World

ROUTE = ("--source-chain", "base", "--source-asset", "USDC", "--destination-chain", "spark", "--destination-asset")
ORDER = (*ROUTE, "BTC", "--recipient-address", SPARK)


async def test_a_started_order_tells_programs_where_to_deposit_and_again_tells_the_same(
    world: World, baton: Baton
) -> None:
    document = world.document()
    (baton.folder / "order.json").write_text(json.dumps(document))

    first = await baton("start", "--file", "order.json", "--json")
    again = await baton("start", "--file", "-", "--json", stdin=json.dumps(document))

    assert (first.code, again.code) == (0, 0)
    assert first.json == again.json
    told = first.json
    assert told["reference"] == document["reference"]
    assert told["workflow_id"] == f"order/default/{document['reference']}"
    assert told["amount_in"] == "100000000"
    assert await world.sandbox.deposit(deposit_address=told["deposit_address"], detect=False)
    assert told["expires_at"].endswith("Z")


async def test_options_fill_the_order_and_go_before_the_file(world: World, baton: Baton) -> None:
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


async def test_an_order_of_options_alone_gets_a_reference(world: World, baton: Baton) -> None:
    started = await baton("start", *ORDER, "--amount", "100000000", "--json")

    reference = started.json["reference"]
    assert reference.startswith("baton-")
    assert (await world.baton.snapshot(reference)).request.recipient_address == SPARK


async def test_people_read_what_to_send_where_until_when_and_what_comes_next(world: World, baton: Baton) -> None:
    document = world.document()
    started = await baton("start", "--file", "-", stdin=json.dumps(document))

    snapshot = await world.baton.snapshot(document["reference"])
    assert started.code == 0
    assert "100000000 USDC (smallest units) on base" in started.out
    assert f" {snapshot.deposit_address}\n" in started.out
    assert f"{snapshot.expires_at:%Y-%m-%d %H:%M:%S} UTC (in " in started.out
    assert f"baton deposit {document['reference']} --tx-hash HASH\n" in started.out


async def test_a_refused_quote_ends_with_1_and_the_partners_own_words(world: World, baton: Baton) -> None:
    text = json.dumps(world.document(sourceAsset="NOPE"))

    for_programs = await baton("start", "--file", "-", "--json", stdin=text)
    for_people = await baton("start", "--file", "-", stdin=text)

    assert (for_programs.code, for_people.code) == (1, 1)
    assert for_programs.json["phase"] == "closed"
    assert for_programs.error["code"] == "unsupported_route"
    assert for_people.out == ""
    assert f"unsupported_route: {for_programs.error['message']}" in for_people.err


async def test_another_order_under_a_taken_reference_is_refused(world: World, baton: Baton) -> None:
    document = world.document()
    await world.baton.place(document)

    refused = await baton("start", "--file", "-", "--amount", "5000000", "--json", stdin=json.dumps(document))

    assert refused.code == 1
    assert refused.error["code"] == "reference_conflict"


async def test_an_order_that_nobody_serves_is_named_so_that_asking_again_is_safe(world: World, baton: Baton) -> None:
    asked = await baton("start", *ORDER, "--amount", "1", "--account", "nobody", "--patience", "0.5", "--json")

    assert asked.code == 3
    assert asked.error["code"] == "no_worker"
    reference = asked.error["reference"]
    assert reference in asked.error["message"]
    assert (await world.baton.snapshot(reference, "nobody")).phase == "quoting"


async def test_a_started_order_can_be_watched_to_its_end(world: World, baton: Baton) -> None:
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


async def test_a_file_that_cannot_be_used_is_wrong_usage(baton: Baton) -> None:
    (baton.folder / "list.json").write_text("[1]")
    for file, complaint in {
        "missing.json": "missing.json cannot be read: No such file or directory",
        "list.json": "list.json must hold one JSON object: the order",
    }.items():
        answer = await baton("start", "--file", file, "--json")
        assert answer.code == 2
        assert answer.error["message"] == complaint
