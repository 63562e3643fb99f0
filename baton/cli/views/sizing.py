"""What a workload takes, as a table for people. Pure."""

from collections.abc import Iterator

from rich.table import Table

from baton.sizing import OrchestraNeeds, Sizing, TemporalNeeds


def sizing_view(sizing: Sizing, bill: float) -> Table:
    """Return the table of a workload.

    Args:
        sizing: What it takes.
        bill: Dollars a month for Temporal Cloud.
    """
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for row in _rows(sizing, bill):
        table.add_row(*row)
    return table


def _rows(sizing: Sizing, bill: float) -> Iterator[tuple[str, str]]:
    temporal, ledger, processes, orchestra = sizing.temporal, sizing.ledger, sizing.processes, sizing.orchestra
    yield (
        "orders",
        f"{short_figure(sizing.orders_per_second)} a second, {short_figure(sizing.peak_orders_per_second)} at the peak",
    )
    yield "open at a time", f"{sizing.open_orders:,}"
    yield "workers", f"{processes.workers}, {_cores(processes.worker_cores)}, {processes.worker_mb:,.0f} MB each"
    yield "gateways", f"{processes.gateways}, {_cores(processes.gateway_cores)}"
    yield "Temporal", f"{_cores(temporal.peak_cores)}, {storage(temporal.open_gb + temporal.retained_gb)} of histories"
    yield "PostgreSQL", f"{_cores(ledger.peak_cores)}, {ledger.rows:,.0f} rows, {storage(ledger.gb)}"
    yield "feed of events", f"{short_figure(ledger.peak_feed_writes_per_second)} writes a second at the peak"
    yield "notifications", f"{short_figure(sizing.peak_notifications_per_second)} a second at the peak"
    yield "webhooks", f"{short_figure(orchestra.peak_webhooks_per_second)} a second at the peak"
    yield "reads", _reads(orchestra)
    yield "actions", _actions(temporal)
    yield "Temporal Cloud", f"about {bill:,.0f} dollars a month for actions and storage, without its plan"


def _actions(needs: TemporalNeeds) -> str:
    month, peak = short_figure(needs.actions_per_month / 1e6), short_figure(needs.peak_actions_per_second)
    return f"{short_figure(needs.actions_per_order)} for an order, {month} million a month, {peak} a second at the peak"


def _reads(orchestra: OrchestraNeeds) -> str:
    planned, budget = orchestra.reads_per_minute, orchestra.read_budget_per_minute
    text = f"{short_figure(planned)} a minute planned, {short_figure(budget)} in the budget"
    return (
        f"{text}, so polls come {short_figure(1 / orchestra.read_share)} times as far apart"
        if planned > budget
        else text
    )


def _cores(figure: float) -> str:
    return f"{short_figure(figure)} cores at the peak"


def short_figure(figure: float) -> str:
    """Return a figure with three digits that matter."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def storage(figure: float) -> str:
    """Return gigabytes in the unit that suits them."""
    return f"{short_figure(figure / 1_000)} TB" if figure >= 1_000 else f"{short_figure(figure)} GB"
