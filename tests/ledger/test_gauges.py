"""What a scrape reads costs nothing for ended orders: each question takes an index of open rows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from baton.ledger.database import Database
from baton.ledger.gauges import GaugeTables
from baton.ledger.ledger import Ledger


class RecordedDatabase:
    """A database that remembers its queries."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.queries: list[Any] = []

    async def read(self, *queries: Any) -> Any:
        self.queries.extend(queries)
        return await self._database.read(*queries)

    async def plan(self, query: Any) -> str:
        """Return how SQLite answers a query."""
        text = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})

        def explain(connection: Any) -> str:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
            return "; ".join(str(row[3]) for row in rows)

        return await self._database.write(explain)


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
async def test_no_question_reads_ended_orders_but_those_that_it_names(ledger: Ledger) -> None:
    recorded = RecordedDatabase(ledger._database)
    tables: Any = GaugeTables(recorded)  # type: ignore[arg-type]
    await tables.read(datetime.now(UTC), after=0, ended={"order/default/left-alone": ["overdue"]})
    plans = [await recorded.plan(query) for query in recorded.queries if "FROM baton_orders" in str(query)]

    by_name = [plan for plan in plans if plan.endswith("(workflow_id=?)")]
    assert (len(by_name), len(plans) > 3) == (1, True)
    for plan in set(plans) - set(by_name):
        assert any(f"baton_orders_by_{index}" in plan for index in ("change", "attention", "hold")), plan
