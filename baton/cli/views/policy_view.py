"""A policy's trial as people read it: a line for each offer, and what they come to. Pure."""

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from baton.cli.policy_trial import Totals, Trial
from baton.cli.views.rendering import LOUD, Row, section
from baton.cli.views.wording import NOTHING, clean, moment
from baton.orchestra.rules.zeroconf import ZeroConfAction

_STYLES = {
    ZeroConfAction.ACCEPT: "green",
    ZeroConfAction.DECLINE: "red",
    ZeroConfAction.ASK: "cyan",
    ZeroConfAction.LAPSE: "yellow",
}


def trials_table(trials: Sequence[Trial]) -> RenderableType:
    """Return a table of offers with the decisions then and now."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("offered", "order", "deposit, sats", "cost, sats", "then", "now", "why"):
        table.add_column(name, overflow="fold")
    for one in trials:
        table.add_row(*_cells(one))
    return table


def _cells(one: Trial) -> list[Text]:
    figures = [NOTHING if figure is None else str(figure) for figure in (one.deposit_sats, one.cost_sats)]
    now = Text(one.now.value, style=_STYLES[one.now])
    if one.differs:
        now.append(" !", style=LOUD)
    plain = [moment(one.at), one.reference or NOTHING, *figures, one.then or NOTHING]
    return [*(Text(clean(cell)) for cell in plain), now, Text(clean("; ".join(one.reasons)))]


def totals_view(told: Totals) -> RenderableType:
    """Return what the trials come to."""
    rows: list[Row] = [
        ("offers", str(told.offers)),
        ("accepted", str(told.accepted)),
        ("declined", str(told.declined)),
        ("asked", str(told.asked) if told.asked else None),
        ("left alone", str(told.lapsed) if told.lapsed else None),
        ("otherwise", f"{told.changed} than they were dealt with (!)" if told.changed else None),
        ("early", f"{told.credited_early_sats} sats credited without a confirmation, for {told.cost_sats} sats"),
        ("exposure", f"{told.highest_exposure_sats} sats at most at a time"),
        ("not judged", f"{told.untold}, recorded without their figures" if told.untold else None),
    ]
    return Group(*section("All in all", rows))
