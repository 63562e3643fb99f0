"""A SQLite ledger whose file is deleted or replaced while processes have it open, or that nobody may write."""

import asyncio
import logging
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from baton.ledger.errors import LedgerDamaged, LedgerReadOnly, LedgerUnavailable
from baton.ledger.ledger import Ledger
from tests.ledger.examples import ORDER, order, quote, timeline
from tests.unprivileged import unprivileged_folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the ledger's file will be."""
    return tmp_path / "ledger.db"


def open_ledger(file: Path) -> Any:
    return Ledger.open(f"sqlite:///{file}")


def delete(file: Path, also: tuple[str, ...] = ("-wal", "-shm")) -> None:
    for suffix in ("", *also):
        file.with_name(file.name + suffix).unlink()


def put_in_place(other: Path, file: Path) -> None:
    other.replace(file)


async def test_a_deleted_file_is_created_again_by_the_next_operation(file: Path) -> None:
    async with await open_ledger(file) as worker, await open_ledger(file) as gateway:
        await worker.index_quote(quote())
        assert await gateway.find_workflow("default", quote_id="q_1") == ORDER
        delete(file)
        assert await gateway.find_workflow("default", quote_id="q_1") is None
        await worker.index_quote(quote())
        assert await gateway.find_workflow("default", quote_id="q_1") == ORDER
    async with await open_ledger(file) as later:
        assert await later.find_workflow("default", quote_id="q_1") == ORDER


async def test_many_operations_at_once_survive_the_deletion_of_the_file(file: Path) -> None:
    async with await open_ledger(file) as worker, await open_ledger(file) as gateway:
        await worker.index_quote(quote())
        delete(file)
        await asyncio.gather(
            *((worker, gateway)[n % 2].index_order("default", f"ord_{n}", f"w{n}") for n in range(40)),
            *((worker, gateway)[n % 2].find_workflow("default", order_id="ord_1") for n in range(40)),
        )
        found = [await worker.find_workflow("default", order_id=f"ord_{n}") for n in range(40)]
    assert found == [f"w{n}" for n in range(40)]


async def test_writes_that_wait_at_the_close_reach_the_file_that_is_there(file: Path) -> None:
    ledger = await open_ledger(file)
    await ledger.index_quote(quote())
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writes = [asyncio.create_task(ledger.index_order("default", "ord_0", "w0"))]
        await asyncio.wait(writes, timeout=0.1)  # for the lock
        writes += [asyncio.create_task(ledger.index_order("default", f"ord_{n}", f"w{n}")) for n in range(1, 20)]
        await asyncio.wait(writes, timeout=0.1)  # for the first write
        delete(file)
        closed = asyncio.create_task(ledger.close())
        await asyncio.wait([closed], timeout=0.1)
    await closed
    results = await asyncio.gather(*writes, return_exceptions=True)

    async with await open_ledger(file) as later:
        found = [await later.find_workflow("default", order_id=f"ord_{n}") for n in range(20)]
    assert found == [None if isinstance(result, Exception) else f"w{n}" for n, result in enumerate(results)]
    assert found[-1] == "w19"


async def test_the_new_file_is_readable_by_its_user_alone_and_incomplete(file: Path) -> None:
    async with await open_ledger(file) as ledger:
        await ledger.mark_complete()
        delete(file)
        assert not await ledger.is_complete()
        await ledger.index_quote(quote())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}


async def test_a_deletion_is_logged_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with await open_ledger(file) as ledger:
        delete(file)
        with caplog.at_level(logging.WARNING):
            await asyncio.gather(*(ledger.ping() for _ in range(5)))
    assert [record.getMessage() for record in caplog.records] == [
        f"the ledger's file was deleted or replaced; opened sqlite:///{file} again"
    ]


async def test_the_log_of_a_deleted_file_is_not_applied_to_the_new_one(file: Path) -> None:
    async with await open_ledger(file) as worker, await open_ledger(file) as gateway:
        await worker.write_order(order(), timeline("processing"))
        delete(file, also=())
        assert await gateway.order(ORDER) is None
        await worker.write_order(order(status="completed"), timeline("completed"))
        assert await gateway.order(ORDER) == order(status="completed")


async def test_a_file_put_in_the_place_of_another_is_used(file: Path, tmp_path: Path) -> None:
    async with await open_ledger(tmp_path / "backup.db") as backup:
        await backup.write_order(order(), timeline("processing"))
    async with await open_ledger(file) as worker, await open_ledger(file) as gateway:
        await worker.index_quote(quote())
        put_in_place(tmp_path / "backup.db", file)
        assert await gateway.order(ORDER) == order()
        await worker.index_order("default", "ord_1", ORDER)
        assert await gateway.find_workflow("default", order_id="ord_1") == ORDER
        assert await gateway.find_workflow("default", quote_id="q_1") is None


async def copy_of_a_complete_ledger(file: Path, copy: Path) -> None:
    """Leave a complete ledger at `file`, and a copy of it that has its rows in one file."""
    async with await open_ledger(file) as ledger:
        await ledger.mark_complete()
    shutil.copyfile(file, copy)


async def test_an_older_copy_in_the_place_of_a_ledger_is_incomplete(file: Path, tmp_path: Path) -> None:
    await copy_of_a_complete_ledger(file, tmp_path / "copy.db")
    async with await open_ledger(file) as worker, await open_ledger(file) as gateway:
        assert await gateway.is_complete()
        put_in_place(tmp_path / "copy.db", file)
        assert not await gateway.is_complete()
        assert not await worker.is_complete()


async def test_a_copy_that_was_completed_since_is_trusted_by_who_notices_late(file: Path, tmp_path: Path) -> None:
    await copy_of_a_complete_ledger(file, tmp_path / "copy.db")
    async with await open_ledger(file) as worker, await open_ledger(file) as gateway:
        await gateway.ping()
        put_in_place(tmp_path / "copy.db", file)
        await worker.ping()
        await worker.mark_complete()
        assert await gateway.is_complete()


async def test_a_file_emptied_in_place_is_created_again(file: Path) -> None:
    async with await open_ledger(file) as worker, await open_ledger(file) as gateway:
        await worker.mark_complete()
        await worker.index_quote(quote())
        await asyncio.to_thread(file.write_bytes, b"")
        assert await gateway.find_workflow("default", quote_id="q_1") is None
        assert not await worker.is_complete()
        await worker.index_quote(quote())
        assert await gateway.find_workflow("default", quote_id="q_1") == ORDER


async def test_a_file_emptied_while_no_process_ran_opens_as_a_new_one(file: Path) -> None:
    for path, content in ((file, b""), (file.with_name(f"{file.name}-wal"), b"left over")):
        await asyncio.to_thread(path.write_bytes, content)
    async with await open_ledger(file) as ledger:
        assert not await ledger.is_complete()


async def test_a_file_that_is_no_database_is_refused_with_the_remedy(file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"no database " * 1000)
    async with await open_ledger(file) as ledger:
        put_in_place(tmp_path / "other", file)
        with pytest.raises(LedgerDamaged, match="not a database; delete its file, and Baton makes a new one"):
            await ledger.index_quote(quote())
        delete(file, also=())
        await ledger.index_quote(quote())
        assert await ledger.find_workflow("default", quote_id="q_1") == ORDER


async def test_a_missing_folder_is_not_created_again(tmp_path: Path) -> None:
    async with await open_ledger(tmp_path / "disk" / "ledger.db") as ledger:
        put_in_place(tmp_path / "disk", tmp_path / "elsewhere")
        with pytest.raises(LedgerUnavailable, match="no such file or directory"):
            await ledger.index_quote(quote())
        assert not await asyncio.to_thread((tmp_path / "disk").exists)
        put_in_place(tmp_path / "elsewhere", tmp_path / "disk")
        await ledger.index_quote(quote())


async def test_a_read_only_file_is_refused_at_the_start_in_one_sentence() -> None:
    with unprivileged_folder() as folder:
        file = folder / "ledger.db"
        file.touch(0o400)
        with pytest.raises(LedgerReadOnly) as refused:
            await open_ledger(file)
    assert str(refused.value) == (f"the ledger at sqlite:///{file} is unavailable: the file is read-only for this user")


async def test_a_read_only_folder_is_refused_at_the_start_in_one_sentence() -> None:
    with unprivileged_folder() as folder:
        (folder / "ledger.db").touch(0o600)
        folder.chmod(0o500)
        with pytest.raises(LedgerReadOnly, match="its folder is read-only for this user"):
            await open_ledger(folder / "ledger.db")


async def test_operations_on_a_file_that_became_read_only_fail_in_words() -> None:
    with unprivileged_folder() as folder:
        async with await open_ledger(folder / "ledger.db") as ledger:
            (folder / "copy.db").touch(0o400)
            put_in_place(folder / "copy.db", folder / "ledger.db")
            for operation in (ledger.index_quote(quote()), ledger.find_workflow("default", quote_id="q_1")):
                with pytest.raises(LedgerUnavailable, match="the file is read-only for this user"):
                    await operation
