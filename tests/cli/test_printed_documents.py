"""What the commands print: documents as their schemas say, and text without a representation of Python objects."""

import json
import re
import shutil
import uuid
from dataclasses import asdict
from pathlib import Path

from baton.cli.json_schemas import PRINTED
from baton.encryption.keys import new_key
from baton.local.stack.progress import Progress, json_line
from baton.local.stack.showcase import SHOWPIECES
from baton.local.stack.state import StackState
from tests.cli.command import Baton, CommandResult
from tests.cli.printed import check_printed
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.replay.store import FOLDER

PYTHON = re.compile(r"<class|<\w+\.|datetime\.|timedelta\(|Decimal\(|UUID\(|\bNone\b|\bTrue\b|\bFalse\b|\{'|\['|=\w+\(")
EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
SPARK = "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2"


async def printed(baton: Baton, *arguments: str, **environment: str) -> CommandResult:
    """Run a command for people and for programs; no output has a representation of a Python object."""
    for_people = await baton(*arguments, **environment)
    for_programs = await baton(*arguments, "--json", **environment)
    assert PYTHON.findall(for_people.out + for_people.err) == []
    assert PYTHON.findall(for_programs.err) == []
    return for_programs


async def test_every_command_about_an_order_prints_what_its_schema_says(world: World, baton: Baton) -> None:
    placed = await world.place()
    paid = await world.place()
    await world.deposit_and_report(paid)
    await world.baton.wait(paid.reference)

    for order in (placed.reference, paid.reference, "nobody"):
        for command in ("show", "refresh", "cancel"):
            await printed(baton, command, order)
        await printed(baton, "deposit", order, "--tx-hash", "0xabc")
        await printed(baton, "decide", order, "--accept")
        await printed(baton, "reprice", order, "--reject")
        await printed(baton, "resolve", order, "--note", "looked")
    await printed(baton, "watch", paid.reference)
    await printed(baton, "list", "--limit", "200")


async def test_every_command_about_sources_prints_what_its_schema_says(world: World, baton: Baton) -> None:
    till, tips = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("till", "tips"))
    address = ("--source", "base:USDC", "--destination", "spark:BTC", "--recipient-address", SPARK)
    link = ("--destination", "base:USDC", "--recipient-address", EVM, "--amount-out", "25000000")
    await printed(baton, "address", "create", "--type", "accumulation", "--reference", till, *address)
    await printed(baton, "paylink", "create", "--reference", tips, *link)

    for kind, reference, orders in (("address", till, "deposits"), ("paylink", tips, "orders")):
        await eventually(lambda kind=kind: baton(kind, "list", "--json"), lambda listed: listed.out)
        await printed(baton, kind, "list")
        for command in ("show", orders):
            await printed(baton, kind, command, reference)
        await printed(baton, kind, "resolve", reference, "--note", "looked")
        await printed(baton, kind, "disable", reference)
    await printed(baton, "address", "refund", "nobody", "--note", "asked")


async def test_the_other_commands_print_what_their_schemas_say(world: World, baton: Baton, tmp_path: Path) -> None:
    api = {"ORCHESTRA_BASE_URL": world.account.base_url, "ORCHESTRA_API_KEY": "fn_sandbox", "BATON_HOME": str(tmp_path)}
    friend = f"friend-{uuid.uuid4().hex[:8]}"
    terms = ("--fee-bps", "100", "--chain", "base", "--asset", "USDC", "--address", EVM)
    await printed(baton, "affiliate", "register", friend, *terms)
    for command in ("balance", "claims", "claim", "disable"):
        await printed(baton, "affiliate", command, friend)
    for command in ("list", "report"):
        await printed(baton, "affiliate", command)
    await printed(baton, "routes", "--search", "usdb", **api)
    await printed(baton, "limits", "--source-chain", "base", "--destination-chain", "spark", **api)
    await printed(baton, "webhook", "list", **api)
    await printed(baton, "version")
    await printed(baton, "health", **api)
    await printed(baton, "size", "--orders-per-day", "100000")
    await printed(baton, "bulk", "stop", "nothing")
    await printed(baton, "payload-key", "new", "k1")
    await printed(baton, "payload-key", "list", BATON_PAYLOAD_KEYS=new_key("k1"))
    await printed(baton, "rehearse", "--jobs", "1", "--histories", str(one_history(tmp_path)))
    await baton("token", "new", "shop", "--json", **api)
    assert (await printed(baton, "token", "list", **api)).json["tokens"][0]["name"] == "shop"


def one_history(folder: Path) -> Path:
    """Return a folder with a single stored history."""
    target = folder / "histories"
    target.mkdir()
    shutil.copy(FOLDER / "stablecoin.json", target)
    return target


async def test_processes_write_their_log_as_json_on_demand(alone: Baton) -> None:
    for command in ("worker", "gateway"):
        async with alone.running(command, "--json") as process:
            assert process.stdout
            line = (await process.stdout.readline()).decode()
        check_printed([command], line)


def test_the_stack_and_the_demo_print_what_their_schemas_say() -> None:
    order = Progress(piece=SHOWPIECES[0], reference="demo-1", error="gave up")
    stack = StackState(1, "http://127.0.0.1:8080", "127.0.0.1:7233", None, None, "/tmp/stack.env")

    check_printed(["demo"], json_line(order, None))
    check_printed(["up"], json.dumps(asdict(stack)))


def test_every_command_is_held_against_its_schema() -> None:
    tested = "".join(file.read_text() for file in Path(__file__).parent.rglob("test_*.py"))

    assert [command for command in PRINTED if not all(f'"{word}"' in tested for word in command.split())] == []
