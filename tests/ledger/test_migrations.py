"""The migrations: they make the schema of the code, keep every row of older ledgers, and happen once or not at all."""

import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from baton.ledger import migrator
from baton.ledger.column_types import metadata
from baton.ledger.database import Database
from baton.ledger.errors import LedgerOutdated, LedgerTooNew, LedgerUnavailable
from baton.ledger.inspection import upgrade_sql
from baton.ledger.ledger import Ledger
from baton.ledger.schema import SCHEMA_VERSION
from baton.ledger.setup import REVISIONS, SchemaVersion
from tests.ledger.examples import ORDER, order, quote, timeline, watch
from tests.ledger.old_ledgers import columns, connected, contents, definitions, make_old_ledger, run_script

VERSIONS = (1, 6, 10)
NEW = "order/default/invoice-9"
LATER = Path(__file__).parent / "later_versions"
OPTIONS = {"version_table": REVISIONS.name}


@pytest.fixture
def later_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a migration that a later version of Baton might have."""
    monkeypatch.setattr(migrator, "FOLDERS", [*migrator.FOLDERS, LATER])


async def open_once(url: str) -> None:
    async with await Ledger.open(url):
        pass


def differences(url: str) -> list[object]:
    """Return what Alembic finds different between a database and the tables of the code."""
    with connected(url) as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts=OPTIONS), metadata)
        return [each for each in found if "baton_" in str(each)]


async def test_the_migrations_make_the_tables_of_the_code(ledger_url: str) -> None:
    await open_once(ledger_url)
    assert await asyncio.to_thread(differences, ledger_url) == []


async def test_the_migrations_make_what_the_tables_say_to_the_letter(ledger_url: str) -> None:
    await open_once(ledger_url)
    made = [line for line in definitions(ledger_url) if REVISIONS.name not in line]
    with connected(ledger_url) as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert made == [line for line in definitions(ledger_url) if REVISIONS.name not in line]


def test_the_newest_migration_makes_the_version_of_the_code() -> None:
    assert migrator.known_versions()[-1] == SCHEMA_VERSION


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_older_ledger_keeps_every_row_and_gets_the_schema(ledger_url: str, version: int) -> None:
    make_old_ledger(ledger_url, version)
    had = {table: names for table, names in columns(ledger_url).items() if table != "baton_payments"}
    rows = contents(ledger_url, had)
    assert all(rows.values())

    await open_once(ledger_url)

    kept = contents(ledger_url, had)
    assert {table: found - kept[table] for table, found in rows.items() if found - kept[table]} == {}
    assert await asyncio.to_thread(differences, ledger_url) == []


async def test_a_ledger_of_the_version_before_gets_what_it_lacks(ledger_url: str) -> None:
    database = Database(ledger_url, 5)
    await database.upgrade(SCHEMA_VERSION - 1)
    await database.close()
    assert await asyncio.to_thread(differences, ledger_url) != []
    await open_once(ledger_url)
    assert await asyncio.to_thread(differences, ledger_url) == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_orders_go_on_in_a_ledger_that_was_upgraded(ledger_url: str, version: int) -> None:
    make_old_ledger(ledger_url, version)
    async with await Ledger.open(ledger_url) as ledger:
        assert await ledger.is_complete()
        known = await ledger.order("order/default/invoice-1")
        assert known is not None
        assert (known.reference, known.amount_in) == ("invoice-1", 10**24 + 1)
        assert await ledger.find_workflow("default", deposit_address="0xabc9") is None
        ended = known.model_copy(update={"phase": "closed", "revision": known.revision + 1})
        await ledger.write_order(ended, timeline("completed"))
        assert await ledger.order(ended.workflow_id) == ended
        await ledger.write_order(order(NEW), timeline("processing", workflow_id=NEW))
        await ledger.index_quote(quote(quote_id="q_9", workflow_id=NEW, deposit_address="0xABC9"))
        await ledger.watching.watch(watch(quote_id="q_9", workflow_id=NEW))
        assert await ledger.order(NEW) == order(NEW)
        assert await ledger.find_workflow("default", deposit_address="0xabc9") == NEW
        await ledger.ping()


async def test_a_ledger_of_this_version_made_without_alembic_is_adopted(ledger_url: str) -> None:
    async with await Ledger.open(ledger_url) as ledger:
        await ledger.write_order(order(), timeline("processing"))
    before = definitions(ledger_url)
    run_script(ledger_url, "DROP TABLE baton_alembic_version")

    async with await Ledger.open(ledger_url) as ledger:
        await ledger.ping()
        assert await ledger.order(ORDER) == order()
    assert definitions(ledger_url) == before


async def test_a_migration_that_fails_half_way_leaves_the_ledger_as_it_was(ledger_url: str) -> None:
    make_old_ledger(ledger_url, 6)
    # The last index that is made has the name of a table that is there.
    run_script(ledger_url, "CREATE TABLE baton_sources_by_recipient (theirs integer)")
    before, had = definitions(ledger_url), columns(ledger_url)
    rows = contents(ledger_url, had)

    with pytest.raises(LedgerUnavailable, match="baton_sources_by_recipient"):
        await Ledger.open(ledger_url)

    assert (definitions(ledger_url), contents(ledger_url, had)) == (before, rows)
    run_script(ledger_url, "DROP TABLE baton_sources_by_recipient")
    await open_once(ledger_url)
    assert await asyncio.to_thread(differences, ledger_url) == []


@pytest.mark.parametrize("request_of_source", ["null", "[]", '{"recipientAddress": 7}'])
async def test_a_row_that_no_baton_wrote_does_not_stop_an_upgrade(ledger_url: str, request_of_source: str) -> None:
    await upgrade_with_request(ledger_url, request_of_source)


async def test_a_row_with_broken_json_does_not_stop_an_upgrade(tmp_path: Path) -> None:
    await upgrade_with_request(f"sqlite:///{tmp_path}/state/ledger.db", "{broken")


async def upgrade_with_request(url: str, request: str) -> None:
    """Upgrade a ledger whose addresses have a request that names no recipient."""
    make_old_ledger(url, 6)
    run_script(url, f"UPDATE baton_sources SET request = '{request}'")
    await open_once(url)
    assert await asyncio.to_thread(differences, url) == []
    assert contents(url, {"baton_sources": ["recipient"]}) == {"baton_sources": {("None",)}}


@pytest.mark.usefixtures("later_migrations")
async def test_a_later_migration_changes_columns_and_keeps_the_rows(ledger_url: str) -> None:
    make_old_ledger(ledger_url, 10)
    database = Database(ledger_url, 5)
    await database.upgrade(SCHEMA_VERSION + 1)
    await database.close()

    assert contents(ledger_url, {"baton_watches": ["quote", "chain"]}) == {
        "baton_watches": {("quote_id-1", "base"), ("quote_id-2", "tron")}
    }
    assert any("baton_watches_by_quote" in line for line in definitions(ledger_url))
    with pytest.raises(LedgerTooNew, match=rf"has schema version {SCHEMA_VERSION + 1} but this Baton knows only up to"):
        await Ledger.open(ledger_url)


@pytest.mark.usefixtures("later_migrations")
async def test_an_older_baton_finds_every_later_version_in_its_own_table(ledger_url: str) -> None:
    database = Database(ledger_url, 5)
    await database.upgrade(SCHEMA_VERSION + 1)
    await database.close()
    assert contents(ledger_url, {"baton_schema_version": ["version"]}) == {
        "baton_schema_version": {(str(version),) for version in [*migrator.known_versions(), SCHEMA_VERSION + 1]}
    }


@pytest.mark.usefixtures("later_migrations")
async def test_all_migrations_of_an_upgrade_fail_together(ledger_url: str) -> None:
    make_old_ledger(ledger_url, 10)
    run_script(ledger_url, "ALTER TABLE baton_cursors ADD COLUMN scanned_by text")
    before = definitions(ledger_url)
    database = Database(ledger_url, 5)
    with pytest.raises(LedgerUnavailable, match="scanned_by"):
        await database.upgrade(SCHEMA_VERSION + 1)
    await database.close()
    assert definitions(ledger_url) == before


async def test_a_ledger_does_not_go_back_to_an_older_version(ledger_url: str) -> None:
    await open_once(ledger_url)
    before = definitions(ledger_url)
    with connected(ledger_url) as connection, pytest.raises(NotImplementedError, match="restore a backup"):
        command.downgrade(migrator._configuration(connection), "base")
    assert definitions(ledger_url) == before


@pytest.mark.parametrize("version", [None, 1, 10])
async def test_the_printed_sql_makes_what_the_upgrade_makes(ledger_url: str, version: int | None) -> None:
    run_script(ledger_url, "SELECT 1")
    if version:
        make_old_ledger(ledger_url, version)
    before = definitions(ledger_url)
    script = await upgrade_sql(ledger_url, 5, SCHEMA_VERSION)
    assert definitions(ledger_url) == before

    run_script(ledger_url, script)

    async with await Ledger.open(ledger_url, upgrades="command") as ledger:
        await ledger.ping()
        assert await ledger.is_complete() is bool(version)
    assert await asyncio.to_thread(differences, ledger_url) == []


async def test_an_older_ledger_is_refused_where_only_the_command_upgrades(ledger_url: str) -> None:
    make_old_ledger(ledger_url, 10)
    before = definitions(ledger_url)
    with pytest.raises(LedgerOutdated, match=r"has schema version 10 .* run `baton ledger upgrade`"):
        await Ledger.open(ledger_url, upgrades="command")
    assert definitions(ledger_url) == before


async def test_an_empty_database_is_refused_where_only_the_command_upgrades(ledger_url: str) -> None:
    with pytest.raises(LedgerOutdated, match=r"has no schema .* run `baton ledger upgrade`"):
        await Ledger.open(ledger_url, upgrades="command")


def test_a_version_says_whether_alembic_keeps_it() -> None:
    assert str(SchemaVersion(11, recorded=False)) == "11 (made without Alembic)"
    assert SchemaVersion(11, recorded=False).lacks(11)
    assert not SchemaVersion(11, recorded=True).lacks(11)
    assert not SchemaVersion(12, recorded=False).lacks(11)
