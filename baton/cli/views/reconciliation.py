"""How `baton reconcile` shows what it found."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from baton.cli.views.values import clean
from baton.reconciliation.reconciled_order import ReconciledOrder
from baton.reconciliation.verdicts import BookVerdict

_WORDS = {
    BookVerdict.AGREEING: "agree",
    BookVerdict.NOT_DUE: "not yet due",
    BookVerdict.WRONG: "wrong",
    BookVerdict.UNKNOWN_HERE: "unknown here",
    BookVerdict.UNKNOWN_THERE: "unknown there",
}


def verdict_summary(counts: Counter[BookVerdict]) -> Text:
    """Return how many orders there are of each verdict."""
    parts = [f"{counts[verdict]} {words}" for verdict, words in _WORDS.items()]
    return Text(f"{counts.total()} orders: {', '.join(parts)}")


def reconciled_table(lines: Sequence[ReconciledOrder]) -> Table:
    """Return a table with the differences of each order."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("verdict", "reference", "order", "differences"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        differences = clean("\n".join(line.differences))
        table.add_row(_WORDS[line.verdict], clean(line.reference or ""), clean(line.order_id or ""), differences)
    return table
