"""The queues of orders that wait: which orders are in them, and that closed orders are not read for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def order(reference: str, age: int, account: str = "default", **fields: Any) -> OrderRow:
    at = NOW - timedelta(hours=age)
    own = {"workflow_id": f"order/{account}/{reference}", "account": account, "reference": reference}
    return OrderRow(**own, phase="tracking", created_at=at, updated_at=at, revision=1, **fields)


async def write(ledger: Ledger, *rows: OrderRow) -> None:
    for row in rows:
        await ledger.write_order(row, [])


async def test_orders_that_need_a_person_come_oldest_first(ledger: Ledger) -> None:
    attentions = [{"reason": "overdue", "since": NOW.isoformat()}]
    snapshot = {"attentions": attentions, "amounts": {"in": {"amount": "100", "asset": "USDC"}}}
    await write(
        ledger,
        order("young", 1, attention="overdue", snapshot=snapshot),
        order("old", 2, attention="overdue"),
        order("calm", 3),
        order("ended", 4, attention="overdue", closed_at=NOW),
        order("late", 5, closed_at=NOW),
        order("other", 6, "shop", attention="overdue"),
    )
    found = await ledger.queues.attended(None, ["order/default/late"], amounts=True)
    assert [line.reference for line in found] == ["other", "late", "old", "young"]
    assert (found[-1].attentions, found[-1].amount) == (attentions, {"amount": "100", "asset": "USDC"})
    assert (found[1].attentions, found[1].amount) == ([], None)
    own = await ledger.queues.attended(["shop"], ["order/default/late"])
    assert [line.reference for line in own] == ["other"]


async def test_open_orders_have_what_they_wait_for(ledger: Ledger) -> None:
    waiting = {"what": "a deposit", "who": "payer", "until": NOW.isoformat(), "then": "it expires"}
    await write(
        ledger, order("open", 1, waiting_for=waiting), order("ended", 2, closed_at=NOW), order("other", 3, "shop")
    )
    found = await ledger.queues.waiting(["default"])
    assert [(line.reference, line.waiting_for) for line in found] == [("open", waiting)]


@pytest.mark.parametrize("accounts", [None, ["default"]])
async def test_no_queue_reads_all_orders_by_age_or_account(
    ledger: Ledger, accounts: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries: list[Any] = []

    async def note(query: Any) -> list[Any]:
        queries.append(query)
        return []

    database = ledger.queues._database
    read = database.read
    monkeypatch.setattr(database, "read", note)
    await ledger.queues.attended(accounts, ["order/default/late"])
    await ledger.queues.waiting(accounts)
    monkeypatch.setattr(database, "read", read)
    for query in queries:
        sql = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
        steps = " ".join(row["detail"] for row in await database.read(text(f"EXPLAIN QUERY PLAN {sql}")))  # type: ignore[arg-type]
        assert "baton_orders_by_age" not in steps
        assert "baton_orders_by_account" not in steps
        assert "SCAN baton_orders" not in steps
