"""Failures of the ledger: one clear sentence, in time, without the password, and without lasting damage."""

import asyncio
import signal
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from baton.ledger.engine import build_postgresql_engine, parse_url
from baton.ledger.errors import LedgerRefused, LedgerUnavailable, LedgerUrlError
from baton.ledger.ledger import Ledger
from tests.ledger.conftest import Execute, Locking
from tests.ledger.examples import ORDER, delivery, order, quote, timeline
from tests.postgres import PrivatePostgres, private_postgres

PASSWORD = "correct-horse"
IN_TIME = 4.0
"""Seconds: more than a busy machine needs for a wait of half a second, less than the 15 of thirty waits in a row."""

UNREACHABLE = f"postgresql://baton:{PASSWORD}@127.0.0.1:1/baton"


@pytest.fixture(scope="module")
def fragile(postgres: PrivatePostgres) -> Iterator[PrivatePostgres]:
    """Yield a second server; it depends on the shared one, which skips the test if there are no binaries."""
    assert postgres.process is not None
    with private_postgres() as server:
        yield server


@pytest.fixture
def own_postgres(fragile: PrivatePostgres) -> PrivatePostgres:
    """Return a running server that a test may pause and stop without affecting other tests."""
    if fragile.process is None:
        fragile.start()
    return fragile


async def test_an_unreachable_server_is_one_clear_sentence() -> None:
    with pytest.raises(LedgerUnavailable) as caught:
        await Ledger.open(UNREACHABLE)
    text = str(caught.value)
    assert text.startswith("the ledger at postgresql://baton@127.0.0.1:1/baton is unavailable: ")
    assert "refused" in text
    assert "\n" not in text
    assert "psycopg" not in "".join(traceback.format_exception(caught.value))


async def test_no_error_and_no_repr_contains_the_password(own_postgres: PrivatePostgres) -> None:
    url = own_postgres.url().replace("baton@", f"baton:{PASSWORD}@")
    async with await Ledger.open(url) as ledger:
        assert PASSWORD not in repr(ledger)
        own_postgres.stop()
        with pytest.raises(LedgerUnavailable) as stopped:
            await ledger.ping()
    with pytest.raises(LedgerUnavailable) as refused:
        await Ledger.open(UNREACHABLE)
    for error in (stopped.value, refused.value):
        assert PASSWORD not in "".join(traceback.format_exception(error))


async def test_a_file_that_cannot_be_created_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LedgerUnavailable, match=r"the ledger at sqlite:///.*/file/ledger.db is unavailable: "):
        await Ledger.open(f"sqlite:///{tmp_path}/file/ledger.db")


async def test_a_folder_in_place_of_the_file_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="is a directory"):
        await Ledger.open(f"sqlite:///{tmp_path}")


async def test_a_file_that_is_not_a_database_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be read as one\n" * 100)
    with pytest.raises(LedgerUnavailable, match="file is not a database"):
        await Ledger.open(f"sqlite:///{tmp_path}/notes.txt")


async def test_a_write_times_out_while_the_lock_is_held_and_succeeds_afterwards(
    ledger_url: str, locked: Locking
) -> None:
    async with await Ledger.open(ledger_url, timeout=0.5) as ledger:
        with locked(ledger_url):
            started = time.monotonic()
            with pytest.raises(LedgerUnavailable, match=r"locked|no answer within 0\.5 s"):
                await ledger.write_order(order(), timeline("processing"))
            assert time.monotonic() - started < IN_TIME
        assert await ledger.order(ORDER) is None
        assert await ledger.write_order(order(), timeline("processing"))
        assert await ledger.order(ORDER) == order()


async def test_many_writes_that_wait_for_a_lock_all_time_out_and_later_ones_pass(
    ledger_url: str, locked: Locking
) -> None:
    async with await Ledger.open(ledger_url, timeout=0.5) as ledger:
        with locked(ledger_url):
            started = time.monotonic()
            writes = (ledger.write_order(order(f"order/a/{n}"), []) for n in range(30))
            results = await asyncio.gather(*writes, return_exceptions=True)
            assert time.monotonic() - started < IN_TIME
        assert all(isinstance(result, LedgerUnavailable) for result in results)
        for _ in range(3):
            await ledger.write_order(order(), [])


async def test_a_cancelled_write_leaves_the_ledger_usable(ledger_url: str, locked: Locking) -> None:
    async with await Ledger.open(ledger_url, timeout=2) as ledger:
        with locked(ledger_url):
            write = asyncio.ensure_future(ledger.write_order(order(), []))
            await asyncio.wait({write}, timeout=0.1)
            write.cancel()
            with pytest.raises(asyncio.CancelledError):
                await write
        assert await ledger.write_order(order(revision=2), [])


async def test_a_ledger_works_again_when_its_server_is_back(own_postgres: PrivatePostgres) -> None:
    async with await Ledger.open(own_postgres.create_database()) as ledger:
        await ledger.index_quote(quote())
        own_postgres.stop()
        for call in (
            lambda: ledger.find_workflow("default", quote_id="q_1"),
            lambda: ledger.write_order(order(), []),
            lambda: ledger.record_delivery(delivery()),
        ):
            with pytest.raises(LedgerUnavailable):
                await call()
        own_postgres.start()
        assert await ledger.find_workflow("default", quote_id="q_1") == ORDER


async def test_a_server_restart_between_two_calls_causes_no_error(own_postgres: PrivatePostgres) -> None:
    async with await Ledger.open(own_postgres.create_database()) as ledger:
        await ledger.index_quote(quote())
        own_postgres.stop()
        own_postgres.start()
        assert await ledger.find_workflow("default", quote_id="q_1") == ORDER


async def test_a_silent_server_makes_opening_time_out(own_postgres: PrivatePostgres) -> None:
    url = own_postgres.create_database()
    assert own_postgres.process is not None
    own_postgres.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(LedgerUnavailable, match=r"no answer within 0\.3 s"):
        await Ledger.open(url, timeout=0.3)
    assert time.monotonic() - started < 2
    own_postgres.process.send_signal(signal.SIGCONT)
    async with await Ledger.open(url) as ledger:
        await ledger.ping()


@pytest.mark.parametrize("value", [object(), float("nan"), {1: "a"}, (1, 2)])
def test_a_snapshot_that_is_not_json_is_refused_before_it_is_written(value: object) -> None:
    with pytest.raises(ValidationError, match="snapshot"):
        order(snapshot={"value": value})


async def test_a_row_that_the_database_refuses_fails_without_naming_its_data(
    ledger_url: str, ledger: Ledger, execute: Execute
) -> None:
    await asyncio.to_thread(execute, ledger_url, "CREATE UNIQUE INDEX ours ON baton_deliveries (account)")
    await ledger.record_delivery(delivery())
    with pytest.raises(LedgerRefused, match="refused the row") as caught:
        await ledger.record_delivery(delivery())
    assert delivery().account not in str(caught.value)


async def test_a_value_no_column_can_take_is_refused_and_rolled_back(ledger: Ledger) -> None:
    with pytest.raises(LedgerRefused, match="refused the row") as caught:
        await ledger.write_order(order(), [timeline("processing")[0].model_copy(update={"at": "SECRET"})])
    assert "SECRET" not in str(caught.value)
    assert await ledger.order(ORDER) is None


async def test_a_write_that_fails_half_way_changes_nothing(ledger_url: str, ledger: Ledger, execute: Execute) -> None:
    await ledger.write_order(order(), timeline("processing"))
    await asyncio.to_thread(execute, ledger_url, "ALTER TABLE baton_transitions RENAME TO renamed")
    with pytest.raises(LedgerUnavailable, match="baton_transitions"):
        await ledger.write_order(order(revision=2), timeline("processing", "completed"))
    assert await ledger.order(ORDER) == order()


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("", "it looks like sqlite:///"),
        ("ledger.db", "it looks like sqlite:///"),
        (f"postgresql://baton:{PASSWORD}@host:port/baton", "it looks like"),
        ("mysql://baton@host/baton", "the ledger cannot use mysql"),
        ("postgresql+asyncpg://baton@host/baton", "the ledger cannot use postgresql+asyncpg"),
        ("sqlite://", "needs a plain file"),
        ("sqlite:///:memory:", "needs a plain file"),
        ("sqlite:///file:ledger?mode=memory&uri=true", "needs a plain file"),
        ("sqlite://ledger.db", "three slashes"),
        (f"postgresql://baton:{PASSWORD}@{PASSWORD}@host/baton", "write it as %40"),
        ("postgresql://baton@host/baton?prepare_threshold=off", "is a number, or none"),
    ],
)
async def test_an_unusable_url_is_refused_with_the_remedy(url: str, remedy: str) -> None:
    with pytest.raises(LedgerUrlError) as caught:
        await Ledger.open(url)
    assert remedy in str(caught.value)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
async def test_every_usual_scheme_of_a_postgresql_url_is_accepted(scheme: str, postgres: PrivatePostgres) -> None:
    async with await Ledger.open(postgres.url().replace("postgresql", scheme, 1)) as ledger:
        await ledger.ping()


@pytest.mark.parametrize(
    ("query", "threshold"), [("", 5), ("?prepare_threshold=none", None), ("?prepare_threshold=1", 1)]
)
async def test_a_url_says_whether_statements_are_prepared(
    query: str, threshold: int | None, postgres: PrivatePostgres
) -> None:
    engine = build_postgresql_engine(parse_url(postgres.url() + query), 5, 1)
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
    await engine.dispose()
    assert driver is not None
    assert driver.prepare_threshold == threshold


async def test_a_postgresql_url_may_name_a_unix_socket(postgres: PrivatePostgres) -> None:
    url = f"postgresql://baton@/postgres?host={postgres.folder}&port={postgres.port}"
    async with await Ledger.open(url) as ledger:
        assert repr(ledger) == f"Ledger(postgresql://baton@{postgres.folder}/postgres)"


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:pgA1b2C3d4E5@127.0.0.1:1/ledger", "postgresql://me@127.0.0.1:1/ledger?password=pgA1b2C3d4E5"],
)
def test_a_reason_that_repeats_the_password_has_it_blanked_out(url: str) -> None:
    parse_url(url)
    error = LedgerUnavailable("the ledger", "FATAL: no access with PGA1B2C3D4E5")
    assert (error.reason, "[secret]" in str(error)) == ("FATAL: no access with [secret]", True)
