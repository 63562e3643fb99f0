"""SQLite answers every figure from one index: with a million rows, reading the rows themselves would take minutes."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from baton.ledger.ledger import Ledger
from tests.ledger.examples import NOON, minute, order

Question = Callable[[Ledger], Awaitable[object]]

SINCE, UNTIL = minute(-60), minute(60)
QUESTIONS: dict[str, tuple[str, Question]] = {
    "started": ("baton_orders_by_age", lambda ledger: ledger.figures.started(SINCE, UNTIL, None)),
    "started by an account": ("baton_orders_by_account", lambda ledger: ledger.figures.started(SINCE, UNTIL, ["a"])),
    "ended": ("baton_orders_by_end", lambda ledger: ledger.figures.ended(SINCE, UNTIL, None)),
    "ended of an account": ("baton_orders_by_end", lambda ledger: ledger.figures.ended(SINCE, UNTIL, ["a"])),
    "times": ("baton_orders_by_end", lambda ledger: ledger.figures.delivery_times(SINCE, UNTIL, ["a"])),
    "open": ("baton_orders_by_change", lambda ledger: ledger.figures.open_now(["a"])),
    "attention": ("baton_orders_by_attention", lambda ledger: ledger.figures.attention(["a"])),
    "raised": ("baton_events_by_attention", lambda ledger: ledger.figures.raised(SINCE, UNTIL, ["a"])),
    "activity": ("baton_orders_by_change", lambda ledger: ledger.figures.activity(SINCE, ["expired"])),
}


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with await Ledger.open(f"sqlite:///{tmp_path}/plans.db") as ledger:
        for number in range(50):
            closed = {"closed_at": NOON, "outcome": "completed"} if number % 2 else {"attention": "overdue"}
            await ledger.write_order(order(f"order/a/{number}", account="a", **closed), [])
        yield ledger


@contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """Record the statements that are run, with their values."""
    statements: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        statements.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("index", "ask"), QUESTIONS.values(), ids=QUESTIONS)
async def test_a_figure_comes_from_its_index(filled: Ledger, tmp_path: Path, index: str, ask: Question) -> None:
    with recorded() as statements:
        await ask(filled)
    asked = [one for one in statements if one[0].lstrip().upper().startswith("SELECT")]

    with closing(sqlite3.connect(tmp_path / "plans.db")) as connection:
        plans = [
            " ".join(str(step[-1]) for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values))
            for statement, values in asked
        ]
    assert index in plans[0], plans
    if index != "baton_events_by_attention":  # its rows have the reason
        assert f"COVERING INDEX {index}" in plans[0], plans
