"""A ledger is restored from an older dump while orders run, by the commands of docs/backup.md."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.notifications.feed import EventFeed
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.ownership.owners import Owners
from baton.recovery import keeper
from tests.end_to_end.ledger_loss import lookups, post_status, written
from tests.end_to_end.world import World, running_world
from tests.paths import ROOT
from tests.postgres import PrivatePostgres, find_binaries, postgres
from tests.temporal_server import temporal_server

__all__ = ["postgres"]

PAGE = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
DEADLINE = 60.0


def commands(section: str) -> list[str]:
    """Return the commands that the page shows under a heading."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    return [line for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


@pytest.fixture(scope="module")
async def world(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Run Baton on PostgreSQL, with a worker that leaves the rebuild to the command, and a forgetful gateway."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeper, "CHECK_INTERVAL", 3600.0)
        patch.setattr(Owners, "_remember", lambda *_: None)
        folder, url = tmp_path_factory.mktemp("backup"), postgres.create_database()
        async with temporal_server() as temporal, running_world(temporal, folder, ledger_url=url) as running:
            yield running


async def run(lines: list[str], world: World, folder: Path) -> None:
    """Run commands of the page in a folder, in order."""
    assert lines
    path = f"{Path(sys.executable).parent}:{find_binaries()}:{os.environ['PATH']}"
    variables = {
        "PATH": path,
        "BATON_LEDGER_URL": world.ledger_url,
        "TEMPORAL_ADDRESS": world.environment.client.service_client.config.target_host,
    }
    script = "\n".join(line.removeprefix("$ ") for line in lines)
    process = await asyncio.create_subprocess_exec(
        "bash", "-euc", script, cwd=folder, env=os.environ | variables, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await asyncio.wait_for(process.communicate(), DEADLINE)
    assert process.returncode == 0, errors.decode()


async def completed(world: World) -> Placement:
    placed = await world.place()
    await world.deposit_and_report(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    await written(world, placed, "completed")
    return placed


async def tracked(world: World) -> Placement:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, phase="tracking")
    await written(world, placed, "processing")
    return placed


async def event_ids(world: World) -> list[str]:
    return [event.id for event in await world.ledger.events.after(0, limit=500)]


async def test_a_ledger_from_yesterday_is_made_whole_while_orders_run(world: World, tmp_path: Path) -> None:
    backup = [line for line in commands("PostgreSQL") if "BATON_LEDGER_URL" in line]
    restore = commands("The ledger from yesterday")
    before = [await completed(world), await tracked(world)]
    await run(backup, world, tmp_path)
    after = [await completed(world), await tracked(world)]
    found = [await lookups(world, each) for each in (*before, *after)]
    ids = await event_ids(world)
    cursor = (await EventFeed(world.ledger).page("latest")).cursor

    *replacing, rebuild = restore
    await run(replacing, world, tmp_path)
    assert await world.ledger.order(after[0].workflow_id) is None
    late = str((await world.snapshot(after[1])).order_id)
    assert await post_status(world, late, "bridging") == (503, "ledger_incomplete")
    during, _ = await asyncio.gather(completed(world), run([rebuild], world, tmp_path))

    assert await world.ledger.is_complete()
    assert [await lookups(world, each) for each in (*before, *after)] == found
    assert (await world.ledger.order(during.workflow_id)) is not None
    again = await event_ids(world)
    assert len(again) == len(set(again))
    assert set(ids) <= set(again)
    page = await EventFeed(world.ledger).page(cursor, limit=500)
    assert (page.gap, [event.id for event in page.events]) == (True, again)
    assert await post_status(world, late, "bridging") == (200, None)
    await world.until(after[1], status="bridging")
    lines = await world.baton.list_orders(limit=500)
    assert {line.reference for line in lines} == {each.reference for each in (*before, *after, during)}
