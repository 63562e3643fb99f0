"""How `baton reconcile` shows what it found."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from baton.cli.views.values import clean
from baton.reconciliation.messages import ReconcileReport
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


def report_view(report: ReconcileReport) -> Group:
    """Return the report of a planned reconciliation: the counts, and what differs with what was done about it."""
    counts: Counter[BookVerdict] = Counter({BookVerdict(name): count for name, count in report.counts.items()})
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("verdict", "reference", "order", "differences", "done"):
        table.add_column(heading, overflow="fold")
    for order in report.orders:
        words = _WORDS[BookVerdict(order.verdict)]
        texts = (order.reference or "", order.order_id or "", "\n".join(order.differences), order.done)
        table.add_row(words, *(clean(text) for text in texts))
    period = f"{report.since:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M} UTC"
    more = [Text(f"and {report.left_out} more")] if report.left_out else []
    return Group(
        Text(f"{report.account}, {period}"), verdict_summary(counts), *([table] if report.orders else []), *more
    )


def reconciled_table(lines: Sequence[ReconciledOrder]) -> Table:
    """Return a table with the differences of each order."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("verdict", "reference", "order", "differences"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        differences = clean("\n".join(line.differences))
        table.add_row(_WORDS[line.verdict], clean(line.reference or ""), clean(line.order_id or ""), differences)
    return table
