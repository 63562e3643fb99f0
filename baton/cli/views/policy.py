"""A policy's trial for people: a line for each offer, and the totals. Pure."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.trials.policy import Totals, Trial
from baton.cli.views.layout import LOUD, Row, section, table
from baton.cli.views.values import NOTHING, clean, moment
from baton.orchestra.rules.zeroconf import ZeroConfAction

_STYLES = {
    ZeroConfAction.ACCEPT: "green",
    ZeroConfAction.DECLINE: "red",
    ZeroConfAction.ASK: "cyan",
    ZeroConfAction.LAPSE: "yellow",
}


def trials_table(trials: Sequence[Trial]) -> RenderableType:
    """Return a table of offers with the decisions then and now."""
    lines = table("offered", "order", "deposit, sats", "cost, sats", "then", "now", "why")
    for trial in trials:
        lines.add_row(*_cells(trial))
    return lines


def _cells(trial: Trial) -> list[Text]:
    figures = [NOTHING if figure is None else str(figure) for figure in (trial.deposit_sats, trial.cost_sats)]
    now = Text(trial.now.value, style=_STYLES[trial.now])
    if trial.differs:
        now.append(" !", style=LOUD)
    plain = [moment(trial.at), trial.reference or NOTHING, *figures, trial.then or NOTHING]
    return [*(Text(clean(cell)) for cell in plain), now, Text(clean("; ".join(trial.reasons)))]


def totals_view(totals: Totals) -> RenderableType:
    """Return the totals of a trial."""
    rows: list[Row] = [
        ("offers", str(totals.offers)),
        ("accepted", str(totals.accepted)),
        ("declined", str(totals.declined)),
        ("asked", str(totals.asked) if totals.asked else None),
        ("lapsed", str(totals.lapsed) if totals.lapsed else None),
        ("changed", f"{totals.changed} decided differently than then (!)" if totals.changed else None),
        ("early", f"{totals.credited_early_sats} sats credited without a confirmation, for {totals.cost_sats} sats"),
        ("exposure", f"at most {totals.highest_exposure_sats} sats at a time"),
        ("not judged", f"{totals.untold}, recorded without their figures" if totals.untold else None),
    ]
    return Group(*section("Totals", rows))
