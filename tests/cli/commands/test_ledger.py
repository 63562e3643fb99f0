"""`baton ledger`: restores the ledger from Temporal, and mends rows that differ."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow
from baton.ledger.schema import SCHEMA_VERSION
from tests.cli.command import Baton
from tests.end_to_end.world import World
from tests.eventually import eventually


async def test_rebuild_restores_the_orders_and_completes_a_new_ledger(
    world: World, baton: Baton, tmp_path: Path
) -> None:
    placed = await world.place()
    url = f"sqlite:///{tmp_path / 'new.db'}"

    async def listed() -> bool:
        return placed.reference in {line.reference for line in await world.baton.list_orders(limit=500)}

    await eventually(listed)

    done = await baton("ledger", "rebuild", "--json", BATON_LEDGER_URL=url)

    assert done.code == 0
    assert done.json["complete"]
    assert done.json["read"] == done.json["written"] > 0
    async with await Ledger.open(url) as restored:
        assert await restored.is_complete()
        assert await restored.find_workflow("default", quote_id=placed.quote_id) == placed.workflow_id
    assert "orders read from Temporal" in (await baton("ledger", "rebuild", BATON_LEDGER_URL=url)).out


async def test_check_exits_1_until_a_row_that_differs_is_mended(world: World, baton: Baton, home: Path) -> None:
    placed = await world.place()
    await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None)
    with closing(sqlite3.connect(home / "ledger.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM baton_orders WHERE workflow_id = ?", (placed.workflow_id,))

    async def reported() -> bool:
        found = await baton("ledger", "check", "--json")
        lines = [each for each in found.json["differences"] if each["workflow_id"] == placed.workflow_id]
        return [(each["kind"], each["mended"]) for each in lines] == [("missing", False)] and found.code == 1

    await eventually(reported)
    mended = await baton("ledger", "check", "--repair")

    assert placed.workflow_id in mended.out
    assert await world.ledger.order(placed.workflow_id)


async def test_without_temporal_the_ledger_commands_exit_3(alone: Baton) -> None:
    for name in ("rebuild", "check"):
        failed = await alone("ledger", name, "--json")
        assert (failed.code, failed.error["code"]) == (3, "temporal_unavailable")


async def test_prune_counts_asks_and_deletes_what_temporal_has_forgotten(baton: Baton, world: World) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=800)
    for name in ("pruned-1", "pruned-2"):
        await world.ledger.write_order(
            OrderRow(
                workflow_id=f"order/default/{name}",
                account="default",
                reference=name,
                phase="closed",
                outcome="completed",
                created_at=long_ago,
                updated_at=long_ago,
                closed_at=long_ago,
                revision=1,
            ),
            [],
        )
    counted = await baton("ledger", "prune", "--older-than", "700", "--dry-run")
    assert counted.out.startswith("2 orders ended before ")
    refused = await baton("ledger", "prune", "--older-than", "700", "--json")
    assert (refused.code, refused.error["code"]) == (2, "unconfirmed")
    assert await world.ledger.order("order/default/pruned-1") is not None
    done = await baton("ledger", "prune", "--older-than", "700", "--yes", "--json")
    assert (done.json["found"], done.json["deleted"]) == (2, 2)
    assert await world.ledger.order("order/default/pruned-1") is None


async def test_prune_leaves_what_temporal_still_has(baton: Baton) -> None:
    done = await baton("ledger", "prune", "--older-than", "1")
    assert done.code == 2
    assert "--older-than: Temporal keeps ended orders for" in done.err


async def test_upgrade_creates_a_ledger_that_only_the_command_may_make(alone: Baton, tmp_path: Path) -> None:
    settings = {"BATON_LEDGER_URL": f"sqlite:///{tmp_path}/new.db", "BATON_LEDGER_UPGRADE": "command"}
    absent = await alone("ledger", "version", "--json", **settings)
    assert (absent.code, absent.json["state"], absent.json["version"]) == (1, "absent", 0)
    refused = await alone("export", "--output", str(tmp_path / "orders.csv"), "--json", **settings)
    assert (refused.code, "run `baton ledger upgrade`" in refused.error["message"]) == (3, True)

    shown = await alone("ledger", "upgrade", "--dry-run", **settings)
    assert "CREATE TABLE baton_orders" in shown.out
    made = await alone("ledger", "upgrade", "--json", **settings)
    assert (made.code, made.json["before"], made.json["version"], made.json["upgraded"]) == (0, 0, SCHEMA_VERSION, True)

    current = await alone("ledger", "version", **settings)
    assert (current.code, f"has schema version {SCHEMA_VERSION};" in current.out) == (0, True)
    assert (await alone("ledger", "upgrade", "--json", **settings)).json["upgraded"] is False


async def test_upgrade_names_the_versions_that_it_knows(alone: Baton, tmp_path: Path) -> None:
    unknown = await alone("ledger", "upgrade", "--to", "4", BATON_LEDGER_URL=f"sqlite:///{tmp_path}/new.db")
    assert (unknown.code, "--to: 4 is no schema version of this Baton" in unknown.err) == (2, True)


async def test_upgrade_of_a_ledger_of_a_newer_baton_says_so(alone: Baton, tmp_path: Path) -> None:
    settings = {"BATON_LEDGER_URL": f"sqlite:///{tmp_path}/new.db"}
    await alone("ledger", "upgrade", **settings)
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection, connection:
        connection.execute("UPDATE baton_alembic_version SET version_num = '0099'")
    for arguments in ((), ("--dry-run",)):
        newer = await alone("ledger", "upgrade", *arguments, **settings)
        assert (newer.code, "has schema version 99 but this Baton knows only up to" in newer.err) == (3, True)


async def test_backup_copies_a_ledger_in_use_and_overwrites_nothing(world: World, baton: Baton, tmp_path: Path) -> None:
    placed = await world.place()
    await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None)
    copy = tmp_path / "copy.db"
    done = await baton("ledger", "backup", str(copy), "--json")
    assert (done.code, done.json["bytes"]) == (0, copy.stat().st_size)
    assert copy.stat().st_mode & 0o777 == 0o600
    async with await Ledger.open(f"sqlite:///{copy}") as restored:
        assert await restored.order(placed.workflow_id) == await world.ledger.order(placed.workflow_id)
    again = await baton("ledger", "backup", str(copy))
    assert (again.code, "is there already" in again.err) == (2, True)
