"""Bulks, their orders and results, for people. Pure."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, QUIET, table
from baton.cli.views.values import NOTHING, clean

if TYPE_CHECKING:
    from baton.bulk.status import BulkStatus
    from baton.ledger.bulk_rows import BulkOrderRow
    from baton.ledger.rows import OrderRow


def chosen_table(rows: Iterable["OrderRow"]) -> RenderableType:
    """Return a table of the orders that a bulk would touch."""
    lines = table("reference", "account", "phase", "status", "attention", "opened, UTC")
    for row in rows:
        opened = f"{row.created_at:%Y-%m-%d %H:%M}"
        texts = (row.reference, row.account, row.phase, row.status or NOTHING, row.attention or NOTHING, opened)
        lines.add_row(*(Text(clean(text)) for text in texts))
    return lines


def results_table(rows: Iterable["BulkOrderRow"]) -> RenderableType:
    """Return a table of the orders of a bulk, with what became of the act."""
    lines = table("reference", "account", "result", "why")
    for row in rows:
        style = QUIET if row.state == "done" else LOUD
        lines.add_row(
            Text(clean(row.reference)), clean(row.account), Text(row.state, style=style), Text(clean(row.message or ""))
        )
    return lines


def bulks_table(found: Iterable["BulkStatus"]) -> RenderableType:
    """Return a table of bulks."""
    lines = table("id", "at, UTC", "by", "act", "orders", "state")
    for status in found:
        at = f"{status.created_at:%Y-%m-%d %H:%M}"
        lines.add_row(status.id, at, clean(status.by), status.act, str(status.orders), state_of(status))
    return lines


def state_of(status: "BulkStatus") -> Text:
    """Return how far a bulk is, in words."""
    if status.running:
        return Text(f"runs: {status.progress.words}", style="cyan")
    if status.stopped:
        return Text(f"stopped: {status.progress.words}", style=LOUD)
    return Text(status.progress.words, style=LOUD if status.progress.refused + status.progress.failed else "green")
