"""`baton watch`: every change until the end, and the end in the exit code."""

import asyncio
import json

import pytest

from tests.cli.command import Baton, interrupt
from tests.cli.terminal import on_a_terminal, plain
from tests.end_to_end.world import World


async def test_each_change_is_a_line_and_the_last_one_tells_the_end(world: World, baton: Baton) -> None:
    placed = await world.place()
    async with baton.running("watch", placed.reference, "--every", "0.1", "--json") as process:
        assert process.stdout
        first = json.loads(await process.stdout.readline())
        await world.deposit_and_report(placed)
        rest = [json.loads(line) for line in (await process.stdout.read()).splitlines()]
        assert await process.wait() == 0

    assert (first["phase"], rest[-1]["phase"], rest[-1]["outcome"]) == ("awaiting_deposit", "closed", "completed")
    revisions = [(told["phase"], told["status"], told["revision"]) for told in [first, *rest]]
    assert len(set(revisions)) > 1


@pytest.mark.parametrize("scenario", ["refunded", "failed_slippage"])
async def test_an_order_that_did_not_complete_ends_the_watch_with_1(world: World, baton: Baton, scenario: str) -> None:
    placed = await world.place(scenario=scenario)
    await world.deposit_and_report(placed)

    watched = await baton("watch", placed.reference)

    assert watched.code == 1
    outcome = (await world.snapshot(placed)).outcome
    assert watched.out.splitlines()[-1].startswith(f"{placed.reference}: {outcome}")


async def test_without_a_terminal_people_get_a_line_for_each_change(world: World, baton: Baton) -> None:
    placed = await world.place()
    async with baton.running("watch", placed.reference, "--every", "0.1") as process:
        assert process.stdout
        first = (await process.stdout.readline()).decode()
        await world.deposit_and_report(placed)
        last = (await process.stdout.read()).decode().splitlines()[-1]

    assert first.startswith(f"{placed.reference}: awaiting deposit, waiting for a deposit from the payer until ")
    assert last == f"{placed.reference}: completed"


async def test_on_a_terminal_statuses_are_ticked_off(world: World, baton: Baton) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)

    code, screen = await on_a_terminal(baton, "watch", placed.reference, TERM="xterm")

    assert code == 0
    for status in ("processing", "bridging", "swapping", "delivering", "completed"):
        assert f"✓ {status}" in plain(screen)


async def test_ctrl_c_ends_the_watching_and_not_the_order(world: World, baton: Baton) -> None:
    placed = await world.place()
    async with baton.running("watch", placed.reference, "--json") as process:
        assert process.stdout
        assert process.stderr
        await process.stdout.readline()
        assert await interrupt(process) == 130
        assert (await process.stderr.read()).decode() == "stopped watching; the order goes on\n"

    assert (await world.snapshot(placed)).phase == "awaiting_deposit"


async def test_a_reader_that_goes_away_ends_the_watch_quietly(world: World, baton: Baton) -> None:
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


async def test_an_order_that_is_not_there_cannot_be_watched(baton: Baton) -> None:
    watched = await baton("watch", "never-placed", "--json")

    assert watched.code == 1
    assert watched.error["code"] == "order_unknown"
