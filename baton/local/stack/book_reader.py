"""Reads both sides' books after the demo: the sandbox's and the rows of Baton's ledger."""

import asyncio
import time

from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow
from baton.local.sandbox.control import SandboxControl
from baton.local.stack.books import Books
from baton.orders.models import Outcome

_PATIENCE = 10.0
"""Seconds that the last row may take after its order has ended."""
_POLL = 0.2
_PAGE = 500


async def read_books(sandbox: SandboxControl, ledger_url: str) -> Books:
    """Return the books, once every row of the ledger has an outcome or that takes too long.

    Raises:
        LedgerError: The ledger cannot be read.
        httpx.HTTPError: The sandbox does not answer.
    """
    async with await Ledger.open(ledger_url) as ledger:
        rows = await _ended_rows(ledger)
    return Books(
        orders=await sandbox.orders(),
        deposits=await sandbox.deposits(),
        quotes=await sandbox.quotes(),
        submits=await sandbox.requests("submit"),
        violations=await sandbox.violations(),
        rows=[row for row in rows if row.outcome != Outcome.SUPERSEDED],
    )


async def _ended_rows(ledger: Ledger) -> list[OrderRow]:
    deadline = time.monotonic() + _PATIENCE
    while True:
        rows = await _all_rows(ledger)
        if all(row.outcome for row in rows) or time.monotonic() > deadline:
            return rows
        await asyncio.sleep(_POLL)


async def _all_rows(ledger: Ledger) -> list[OrderRow]:
    rows = await ledger.orders(limit=_PAGE)
    while len(rows) % _PAGE == 0 and (more := rows and await ledger.orders(limit=_PAGE, before=rows[-1].workflow_id)):
        rows += more
    return rows
