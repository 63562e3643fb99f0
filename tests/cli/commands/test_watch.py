"""`baton watch`: every change until the order closes, and the outcome as exit code."""

import asyncio
import json

import pytest

from tests.cli.command import Baton, interrupt
from tests.cli.terminal import on_a_terminal, plain
from tests.end_to_end.world import World


async def test_json_watch_prints_each_change_and_ends_with_the_outcome(world: World, baton: Baton) -> None:
    placed = await world.place()
    async with baton.running("watch", placed.reference, "--every", "0.1", "--json") as process:
        assert process.stdout
        first = json.loads(await process.stdout.readline())
        await world.deposit_and_report(placed)
        rest = [json.loads(line) for line in (await process.stdout.read()).splitlines()]
        assert await process.wait() == 0

    assert (first["phase"], rest[-1]["phase"], rest[-1]["outcome"]) == ("awaiting_deposit", "closed", "completed")
    revisions = [(order["phase"], order["status"], order["revision"]) for order in [first, *rest]]
    assert len(set(revisions)) > 1


@pytest.mark.parametrize("scenario", ["refunded", "failed_slippage"])
async def test_watching_an_order_that_did_not_complete_exits_with_1(world: World, baton: Baton, scenario: str) -> None:
    placed = await world.place(scenario=scenario)
    await world.deposit_and_report(placed)

    watched = await baton("watch", placed.reference)

    assert watched.code == 1
    outcome = (await world.snapshot(placed)).outcome
    assert watched.out.splitlines()[-1].startswith(f"{placed.reference}: {outcome}")


async def test_watch_without_a_terminal_prints_a_line_for_each_change(world: World, baton: Baton) -> None:
    placed = await world.place()
    async with baton.running("watch", placed.reference, "--every", "0.1") as process:
        assert process.stdout
        first = (await process.stdout.readline()).decode()
        await world.deposit_and_report(placed)
        last = (await process.stdout.read()).decode().splitlines()[-1]

    assert first.startswith(f"{placed.reference}: awaiting deposit, waiting for a deposit from the payer until ")
    assert last.startswith(f"{placed.reference}: completed, delivered 0.00")


async def test_watch_on_a_terminal_ticks_off_each_status(world: World, baton: Baton) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)

    code, screen = await on_a_terminal(baton, "watch", placed.reference, TERM="xterm")

    assert code == 0
    for status in ("processing", "bridging", "swapping", "delivering", "completed"):
        assert f"✓ {status}" in plain(screen)


async def test_ctrl_c_stops_the_watch_and_not_the_order(world: World, baton: Baton) -> None:
    placed = await world.place()
    async with baton.running("watch", placed.reference, "--json") as process:
        assert process.stdout
        assert process.stderr
        await process.stdout.readline()
        assert await interrupt(process) == 130
        assert (await process.stderr.read()).decode() == "stopped watching; the order continues\n"

    assert (await world.snapshot(placed)).phase == "awaiting_deposit"


async def test_a_closed_pipe_ends_the_watch_without_an_error(world: World, baton: Baton) -> None:
    placed = await world.place()
    shell = f"{{ {baton.command('watch', placed.reference, '--every', '0.1', '--json')}; }} | head -1"
    process = await asyncio.create_subprocess_shell(
        shell,
        cwd=baton.folder,
        env=dict(baton.environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    await process.stdout.readline()
    await world.deposit_and_report(placed)
    _, complaint = await asyncio.wait_for(process.communicate(), 20)

    assert complaint.decode() == ""


async def test_watching_an_unknown_order_is_refused(baton: Baton) -> None:
    watched = await baton("watch", "never-placed", "--json")

    assert watched.code == 1
    assert watched.error["code"] == "order_unknown"
