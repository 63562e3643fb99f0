"""A ledger of schema version 1 is upgraded when it is opened, and loses nothing."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE

import pytest
import pytest_asyncio

from baton.ledger.ledger import Ledger
from baton.ledger.schema import SCHEMA_VERSION
from tests.ledger.conftest import Execute
from tests.ledger.examples import NOON, ORDER, delivery, deposit, minute, order, payment, quote, timeline, watch
from tests.ledger.test_sources import source
from tests.paths import ROOT

NEW_TABLES = (
    "baton_asked_payments",
    "baton_watches",
    "baton_deposits",
    "baton_cursors",
    "baton_properties",
    "baton_sources",
    "baton_source_addresses",
    "baton_order_keys",
)
NEW_INDEXES = (
    "baton_orders_by_end",
    "baton_orders_by_change",
    "baton_orders_by_attention",
    "baton_events_by_attention",
)
PROCESSES = 6
DEADLINE = 110.0

OPEN_AND_WATCH = """
import asyncio, os, sys
from datetime import UTC, datetime
from baton.ledger.ledger import Ledger
from baton.ledger.rows import WatchRow

async def main(url, number):
    async with await Ledger.open(url, timeout=30) as ledger:
        await ledger.watching.watch(WatchRow(
            account="default", quote_id=number, workflow_id="w", chain="base", address="a", since=datetime.now(UTC)
        ))
        await ledger.index_order("default", number, "w")

# Forked after the imports, so that only one process pays for them; each waits until all are there.
url, processes = sys.argv[1], int(sys.argv[2])
wait, go = os.pipe()
pids = []
for number in range(processes):
    pids.append(os.fork())
    if pids[-1] == 0:
        os.read(wait, 1)
        sys.exit(asyncio.run(main(url, str(number))))
os.write(go, b"." * processes)
print([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids])
"""


@pytest_asyncio.fixture
async def old_url(ledger_url: str, execute: Execute) -> str:
    """Return the URL of a ledger of version 1 with rows."""
    async with await Ledger.open(ledger_url) as ledger:
        await ledger.write_order(order(), timeline("processing"))
        await ledger.index_quote(quote(deposit_address="0xABC"))
        await ledger.record_delivery(delivery())
    for statement in (
        *(f"DROP TABLE {table}" for table in NEW_TABLES),
        "DROP INDEX baton_quote_index_by_address_key",
        "ALTER TABLE baton_quote_index DROP COLUMN address_key",
        "ALTER TABLE baton_orders DROP COLUMN published_at",
        "DROP INDEX baton_orders_by_source",
        "ALTER TABLE baton_orders DROP COLUMN source",
        *(f"DROP INDEX {index}" for index in NEW_INDEXES),
        "ALTER TABLE baton_orders DROP COLUMN delivery_ms",
        "ALTER TABLE baton_deliveries DROP COLUMN body",
        "CREATE TABLE baton_payments (account text, order_id text, payer text, workflow_id text, cents bigint, "
        "asked_at timestamp with time zone)",
        *(
            f"INSERT INTO baton_payments VALUES ('default', 'ord_{number}', 'customer-7', 'order/default/1', "
            f"{number}, '2026-03-01 12:0{number}:00.000000')"
            for number in (1, 2)
        ),
        "DROP TABLE baton_alembic_version",
        "DELETE FROM baton_schema_version",
        "INSERT INTO baton_schema_version VALUES (1, '2026-01-01 00:00:00.000000')",
    ):
        await asyncio.to_thread(execute, ledger_url, statement)
    return ledger_url


async def check_old_rows(ledger: Ledger) -> None:
    assert await ledger.order(ORDER) == order()
    assert await ledger.transitions(ORDER) == timeline("processing")
    assert await ledger.find_workflow("default", quote_id="q_1") == ORDER
    assert [row.event for row in await ledger.deliveries(ORDER)] == ["order.completed"]


async def test_an_older_ledger_works_once_opened_and_keeps_its_rows(old_url: str) -> None:
    async with await Ledger.open(old_url) as ledger:
        await check_old_rows(ledger)
        await ledger.watching.watch(watch())
        await ledger.watching.record("base", [deposit()], "block 7", NOON)
        await ledger.ping()
    async with await Ledger.open(old_url) as reopened:
        await check_old_rows(reopened)
        assert await reopened.watching.watches("base") == [watch()]
        assert await reopened.watching.known("base", [], []) == [deposit()]
        assert await reopened.payers.payments("default", "customer-7", NOON, besides="") == [
            payment(1, cents=2, asked_at=minute(2))
        ]


async def test_an_older_ledger_counts_as_complete_once_upgraded(old_url: str) -> None:
    async with await Ledger.open(old_url) as ledger:
        assert await ledger.is_complete()


async def test_the_quotes_of_an_older_ledger_are_found_by_address(old_url: str) -> None:
    async with await Ledger.open(old_url) as ledger:
        assert await ledger.find_workflow("default", deposit_address="0xabc") == ORDER


async def test_the_orders_of_an_upgraded_ledger_are_listed_by_source(old_url: str) -> None:
    async with await Ledger.open(old_url) as ledger:
        await ledger.write_order(order("order/default/2", source="address/shop-7"), [])
        assert [row.reference for row in await ledger.orders(sources=["address/shop-7"])] == ["2"]


async def test_an_upgraded_ledger_has_the_indexes_of_the_figures(old_url: str, execute: Execute) -> None:
    async with await Ledger.open(old_url) as ledger:
        await ledger.write_order(order("order/default/2", closed_at=NOON, delivery_ms=1500), [])
        assert [times.p50 for times in await ledger.figures.delivery_times(NOON, minute(1), None)] == [1500]
    for index in NEW_INDEXES:  # what is not there cannot be dropped
        await asyncio.to_thread(execute, old_url, f"DROP INDEX {index}")


async def test_every_applied_schema_version_is_recorded(old_url: str, execute: Execute) -> None:
    async with await Ledger.open(old_url):
        pass
    # A row that exists cannot be inserted again, on either engine: this shows that it is there.
    for version in (1, 11, SCHEMA_VERSION):
        statement = f"INSERT INTO baton_schema_version VALUES ({version}, '2026-01-01 00:00:00.000000')"
        with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
            await asyncio.to_thread(execute, old_url, statement)


async def test_six_processes_that_open_an_older_ledger_at_once_can_all_write(old_url: str) -> None:
    command = (sys.executable, "-c", OPEN_AND_WATCH, old_url, str(PROCESSES))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE, start_new_session=True)
    try:
        out, err = await asyncio.wait_for(process.communicate(), DEADLINE)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()

    assert (process.returncode, out.decode(), err) == (0, f"{[0] * PROCESSES}\n", b"")
    async with await Ledger.open(old_url) as ledger:
        await check_old_rows(ledger)
        assert {row.quote_id for row in await ledger.watching.watches("base")} == set(map(str, range(PROCESSES)))
        assert [await ledger.find_workflow("default", order_id=str(number)) for number in range(PROCESSES)] == [
            "w"
        ] * PROCESSES


async def test_an_upgrade_writes_the_recipient_of_every_address(ledger_url: str, execute: Execute) -> None:
    till = source(orchestra_id="acc_1", recipient="spark1payee", request={"recipientSparkAddress": "spark1payee"})
    wallet = source("own-1", orchestra_id="own-1", request={"destination": {"address": "0xpayee"}})
    async with await Ledger.open(ledger_url) as ledger:
        for row in (till, wallet):
            await ledger.sources.write(row)
    for statement in (
        "DROP INDEX baton_sources_by_recipient",
        "ALTER TABLE baton_sources DROP COLUMN recipient",
        "DROP TABLE baton_alembic_version",
        "DELETE FROM baton_schema_version",
        "INSERT INTO baton_schema_version VALUES (6, '2026-01-01 00:00:00.000000')",
    ):
        await asyncio.to_thread(execute, ledger_url, statement)
    async with await Ledger.open(ledger_url) as upgraded:
        assert await upgraded.sources.source("default", "address", till.reference) == till
        assert await upgraded.sources.source("default", "address", "own-1") == wallet
