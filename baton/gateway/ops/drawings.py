"""The pictures of the page of figures, made from a report. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from markupsafe import Markup

from baton.gateway.figure_reader import FigureReport
from baton.gateway.pay.texts import Texts
from baton.gateway.pictures import named_bars, table, time_bars
from baton.gateway.pictures.named_bars import NamedBar, NamedBars
from baton.gateway.pictures.time_bars import Series, TimeBars
from baton.orders.models import Outcome

MOST_ROUTES, MOST_REASONS = 12, 6
"""Routes and reasons that a picture shows by name; the routes beyond are in the table, the reasons are summed up."""

_OUTCOMES = {
    Outcome.COMPLETED: "good",
    Outcome.REFUNDED: "returned",
    Outcome.FAILED: "bad",
    Outcome.EXPIRED: "quiet",
    Outcome.UNFULFILLED: "odd",
    Outcome.CANCELLED: "sixth",
    Outcome.SUPERSEDED: "seventh",
}
"""Outcomes from the bottom of a bar to its top, with the class that colours each."""

_REASON_COLOURS = ("bad", "odd", "returned", "sixth", "seventh", "good", "quiet")


class Drawing(NamedTuple):
    """A picture with its title, and the same figures as a table."""

    name: str
    title: str
    picture: Markup
    table: Markup


def drawings_of(report: FigureReport, texts: Texts) -> list[Drawing]:
    """Return the pictures of a report.

    Args:
        report: The figures.
        texts: What is said; the section `figures` has the titles, the section `reason` the names of reasons.
    """
    return [_orders(report, texts), _delivery_times(report, texts), _attention(report, texts), _raised(report, texts)]


def _orders(report: FigureReport, texts: Texts) -> Drawing:
    nothing = [0] * len(report.starts)
    known = [
        Series(outcome.value, colour, report.ended.get(outcome, nothing))
        for outcome, colour in _OUTCOMES.items()
        if outcome in report.ended or outcome is Outcome.COMPLETED
    ]
    others = [Series(name or "?", "quiet", counts) for name, counts in report.ended.items() if name not in _OUTCOMES]
    started = Series(texts("figures", "started"), "", report.started)
    return _over_time(report, "orders", texts("figures", "orders"), [*known, *others], started, "orders")


def _raised(report: FigureReport, texts: Texts) -> Drawing:
    sums = sorted(report.raised.items(), key=lambda one: (-sum(one[1]), one[0]))
    shown, rest = sums[:MOST_REASONS], sums[MOST_REASONS:]
    series = [
        Series(_reason(texts, reason), colour, counts)
        for (reason, counts), colour in zip(shown, _REASON_COLOURS, strict=False)
    ]
    if rest:
        summed = [sum(counts) for counts in zip(*(counts for _, counts in rest), strict=True)]
        series.append(Series(texts("figures", "others"), _REASON_COLOURS[-1], summed))
    return _over_time(report, "raised", texts("figures", "raised"), series, None, "raised attention")


def _over_time(
    report: FigureReport, name: str, title: str, stacked: Sequence[Series], line: Series | None, noun: str
) -> Drawing:
    step = timedelta(seconds=report.step_seconds)
    bars = TimeBars(name, title, report.starts, step, stacked, line, noun)
    return Drawing(name, title, time_bars.drawn(bars), table.written(time_bars.table_of(bars)))


def _delivery_times(report: FigureReport, texts: Texts) -> Drawing:
    bars = NamedBars(
        "delivery",
        texts("figures", "delivery"),
        [("p50", "returned"), ("p95", "back")],
        [
            NamedBar(times.route, (times.p50_seconds, times.p95_seconds), _orders_said(times.orders))
            for times in report.delivery_times
        ],
        in_seconds=True,
        nothing=texts("figures", "no_deliveries"),
        head=texts("list", "route"),
        note=texts("figures", "delivered"),
    )
    return _by_name(bars, MOST_ROUTES)


def _orders_said(number: int) -> str:
    return "1 order" if number == 1 else f"{number:,} orders"


def _attention(report: FigureReport, texts: Texts) -> Drawing:
    bars = NamedBars(
        "attention",
        texts("figures", "attention"),
        [(texts("figures", "now"), "odd")],
        _counted(report.attention, texts),
        nothing=texts("inbox", "empty").rstrip("."),
        head=texts("inbox", "why"),
    )
    return _by_name(bars, len(bars.bars))


def _counted(counts: Mapping[str, int], texts: Texts) -> list[NamedBar]:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [NamedBar(_reason(texts, reason), (count,)) for reason, count in ordered]


def _by_name(bars: NamedBars, most: int) -> Drawing:
    shown = bars._replace(bars=bars.bars[:most])
    return Drawing(bars.name, bars.title, named_bars.drawn(shown), table.written(named_bars.table_of(bars)))


def _reason(texts: Texts, reason: str) -> str:
    try:
        return texts("reason", reason)
    except KeyError:
        return reason.replace("_", " ")
