"""What the ledger adds to the truth: the last record of an order that cannot be asked, and news after its end.

The ledger is never needed: where it is missing or does not answer, there is simply nothing to add.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baton.ledger.ledger import Ledger
    from baton.orders.answers import Snapshot

PATIENCE = 2.0
"""Seconds that one look may take."""


async def last_record(url: str, workflow_id: str) -> "Snapshot | None":
    """Return an order as it was last recorded, or None."""
    from baton.ledger.errors import LedgerError
    from baton.orders.answers import Snapshot

    try:
        async with existing_ledger(url) as ledger:
            row = await ledger.order(workflow_id) if ledger else None
            return Snapshot.model_validate(row.snapshot) if row else None
    except (LedgerError, ValueError):  # a row of another version may not read as a snapshot
        return None


async def with_late_news(url: str, snapshot: "Snapshot") -> "Snapshot":
    """Return the snapshot of a closed order with the statuses that webhooks told after its end."""
    from baton.ledger.errors import LedgerError
    from baton.ledger.rows import LATE
    from baton.ledger.timeline import in_order
    from baton.orders.observation import Transition
    from baton.orders.record import transition_rows

    try:
        async with existing_ledger(url) as ledger:
            told = await ledger.transitions(snapshot.workflow_id) if ledger else []
    except LedgerError:
        return snapshot
    late = [row for row in told if row.source == LATE]
    story = in_order([*transition_rows(snapshot), *late])
    merged = [Transition(status=row.status, at=row.at, source=row.source) for row in story]
    return snapshot.model_copy(update={"transitions": merged}) if late else snapshot


@asynccontextmanager
async def existing_ledger(url: str, patience: float = PATIENCE) -> "AsyncIterator[Ledger | None]":
    """Open the ledger; None where there is none, for looking must not make one.

    Args:
        url: The ledger's URL.
        patience: Seconds that one look may take.

    Raises:
        LedgerError: It cannot be opened.
    """
    from baton.ledger.engine import is_sqlite, parse_url
    from baton.ledger.ledger import Ledger

    parsed = parse_url(url)
    if is_sqlite(parsed) and not await asyncio.to_thread(Path(str(parsed.database)).exists):
        yield None
        return
    async with await Ledger.open(url, timeout=patience) as ledger:
        yield ledger
