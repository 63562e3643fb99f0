"""Opening a ledger: the first time, again, and by many processes at once."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from baton.ledger.errors import LedgerTooNew, LedgerUnavailable
from baton.ledger.ledger import Ledger
from baton.ledger.schema import SCHEMA_VERSION
from tests.ledger.conftest import Execute
from tests.ledger.examples import ORDER, order, quote, timeline


async def test_rows_are_there_after_reopening(ledger_url: str) -> None:
    async with await Ledger.open(ledger_url) as first:
        await first.write_order(order(), timeline("processing"))
        await first.index_quote(quote())
    async with await Ledger.open(ledger_url) as second:
        assert await second.order(ORDER) == order()
        assert await second.transitions(ORDER) == timeline("processing")
        assert await second.find_workflow("default", quote_id="q_1") == ORDER


async def test_ten_ledgers_that_open_an_empty_database_at_once_can_all_write(ledger_url: str) -> None:
    ledgers = await asyncio.gather(*(Ledger.open(ledger_url) for _ in range(10)))
    await asyncio.gather(*(ledger.index_order("a", f"ord_{n}", f"w{n}") for n, ledger in enumerate(ledgers)))
    for number in range(10):
        assert await ledgers[9 - number].find_workflow("a", order_id=f"ord_{number}") == f"w{number}"
    await asyncio.gather(*(ledger.close() for ledger in ledgers))


async def test_opening_waits_for_a_sqlite_file_that_another_process_sets_up(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE unrelated (x)")
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.ensure_future(Ledger.open(f"sqlite:///{file}"))
        done, _ = await asyncio.wait({opening}, timeout=0.2)
        other.execute("ROLLBACK")
    assert not done
    await (await opening).close()


async def test_a_ledger_of_a_newer_baton_is_refused(ledger_url: str, execute: Execute) -> None:
    async with await Ledger.open(ledger_url) as ledger:
        version = f"UPDATE baton_alembic_version SET version_num = '{SCHEMA_VERSION + 1:04}'"
        await asyncio.to_thread(execute, ledger_url, version)
        with pytest.raises(LedgerTooNew, match="run the newer Baton"):
            await ledger.ping()
    with pytest.raises(LedgerTooNew, match=f"has schema version {SCHEMA_VERSION + 1} but"):
        await Ledger.open(ledger_url)


async def test_a_table_of_the_business_named_orders_is_left_alone(ledger_url: str, execute: Execute) -> None:
    if ledger_url.startswith("sqlite"):
        Path(ledger_url.removeprefix("sqlite:///")).parent.mkdir()
    await asyncio.to_thread(execute, ledger_url, "CREATE TABLE orders (theirs integer)")
    async with await Ledger.open(ledger_url) as ledger:
        await ledger.write_order(order(), timeline("processing"))
        assert await ledger.order(ORDER) == order()


async def test_ping_fails_when_the_schema_is_gone(ledger_url: str, execute: Execute) -> None:
    async with await Ledger.open(ledger_url) as ledger:
        await ledger.ping()
        await asyncio.to_thread(execute, ledger_url, "DROP TABLE baton_alembic_version")
        with pytest.raises(LedgerUnavailable, match="baton_alembic_version"):
            await ledger.ping()


async def test_a_new_ledger_is_incomplete_until_it_is_marked(ledger_url: str) -> None:
    async with await Ledger.open(ledger_url) as ledger:
        assert not await ledger.is_complete()
    async with await Ledger.open(ledger_url) as ledger:
        assert not await ledger.is_complete()
        await ledger.mark_complete()
        await ledger.mark_complete()
        assert await ledger.is_complete()
    async with await Ledger.open(ledger_url) as ledger:
        assert await ledger.is_complete()


async def test_a_ledger_may_be_closed_twice(ledger_url: str) -> None:
    ledger = await Ledger.open(ledger_url)
    await ledger.close()
    await ledger.close()


async def test_a_sqlite_ledger_is_readable_by_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "home"
    async with await Ledger.open(f"sqlite:///{folder}/ledger.db") as ledger:
        await ledger.index_quote(quote())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_relative_sqlite_path_starts_at_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with await Ledger.open("sqlite:///.baton/ledger.db"):
        assert os.path.exists(tmp_path / ".baton" / "ledger.db")  # noqa: ASYNC240, PTH110


def test_rows_and_errors_can_be_imported_without_a_database_library() -> None:
    light = "baton.ledger.rows, baton.ledger.errors, baton.ledger.timeline"
    code = f"import sys, {light}; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
