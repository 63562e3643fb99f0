"""A report as people read it in the Temporal UI, and the words of the attention that it raises. Pure."""

from collections.abc import Iterable

from baton.reconciliation.messages import ReconcileReport, ReportedOrder

_SHOWN = 30


def report_details(report: ReconcileReport) -> str:
    """Return a report as Markdown: the counts, and a table of the orders whose books differ."""
    period = f"{report.since:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M} UTC"
    counts = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in report.counts.items())
    head = [f"**{report.account}**, orders placed from {period}: {counts or 'none'}"]
    if not report.orders:
        return head[0]
    table = ["| order | verdict | differences | done |", "|---|---|---|---|", *map(_row, report.orders[:_SHOWN])]
    more = report.differing - _SHOWN
    return "\n".join([*head, "", *table, *([f"\nand {more} more"] if more > 0 else [])])


def _row(order: ReportedOrder) -> str:
    name = order.reference or order.order_id or ""
    return _cells((name, order.verdict.replace("_", " "), "; ".join(order.differences), order.done))


def _cells(texts: Iterable[str]) -> str:
    return f"| {' | '.join(text.replace('|', '/').replace(chr(10), ' ') for text in texts)} |"


def books_differ(order: ReportedOrder) -> str:
    """Return the message of the attention of an order whose books differ."""
    return f"Orchestra's books differ from Baton's: {'; '.join(order.differences)}"
