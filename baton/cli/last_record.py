"""What the ledger adds to `baton show`: the last record of an order, and statuses that arrived after its end.

The ledger is never required: if it is missing or does not answer, nothing is added.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baton.ledger.ledger import Ledger
    from baton.orders.answers import Snapshot

TIMEOUT = 2.0
"""Seconds that one query of the ledger may take."""


async def last_record(url: str, workflow_id: str) -> "Snapshot | None":
    """Return the order as the ledger last recorded it, or None."""
    from baton.ledger.errors import LedgerError
    from baton.orders.answers import Snapshot

    try:
        async with existing_ledger(url) as ledger:
            row = await ledger.order(workflow_id) if ledger else None
            return Snapshot.model_validate(row.snapshot) if row else None
    except (LedgerError, ValueError):  # a row of another version may not read as a snapshot
        return None


async def with_late_statuses(url: str, snapshot: "Snapshot") -> "Snapshot":
    """Return the snapshot of a closed order with the statuses that webhooks reported after its end."""
    from baton.ledger.errors import LedgerError
    from baton.ledger.rows import LATE
    from baton.ledger.timeline import in_order
    from baton.orders.observation import Transition
    from baton.orders.record import transition_rows

    try:
        async with existing_ledger(url) as ledger:
            rows = await ledger.transitions(snapshot.workflow_id) if ledger else []
    except LedgerError:
        return snapshot
    late = [row for row in rows if row.source == LATE]
    timeline = in_order([*transition_rows(snapshot), *late])
    merged = [Transition(status=row.status, at=row.at, source=row.source) for row in timeline]
    return snapshot.model_copy(update={"transitions": merged}) if late else snapshot


@asynccontextmanager
async def existing_ledger(url: str, query_timeout: float = TIMEOUT) -> "AsyncIterator[Ledger | None]":
    """Open the ledger; yield None if there is none, because a command that only reads must not create one.

    Args:
        url: The ledger's URL.
        query_timeout: Seconds that one query may take.

    Raises:
        LedgerError: It cannot be opened.
    """
    from baton.ledger.engine import is_sqlite, parse_url
    from baton.ledger.ledger import Ledger
    from baton.settings import load_settings

    parsed = parse_url(url)
    if is_sqlite(parsed) and not await asyncio.to_thread(Path(str(parsed.database)).exists):
        yield None
        return
    upgrades = load_settings().ledger_upgrade
    async with await Ledger.open(url, timeout=query_timeout, upgrades=upgrades) as ledger:
        yield ledger
