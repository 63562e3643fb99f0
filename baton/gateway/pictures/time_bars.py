"""Stacked bars over time, with a line for one more series: orders and outcomes, attention by day. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup

from baton.gateway.pictures.legend import Key, legend_of
from baton.gateway.pictures.scales import bucket_name, count_lines, exact_count, short_count, time_label
from baton.gateway.pictures.svg import element, label, picture, words
from baton.gateway.pictures.table import FigureTable
from baton.gateway.pictures.text_width import FONT_SIZE, width_of

WIDTH, PLOT_HEIGHT = 640.0, 180.0
"""Units of a picture; an axis and a legend come on top of the height."""

_FOOT, _PAD, _SPACE = 22.0, 8.0, 14.0
_WIDEST_BAR = 60.0
_LEAST_HEIGHT = 1.0
"""The height of the smallest count that is not zero, so that it can be seen beside large ones."""


class Series(NamedTuple):
    """One series: its name, the class that colours it, and a count for each bucket."""

    name: str
    colour: str
    counts: Sequence[int]


class TimeBars(NamedTuple):
    """A picture of counts over time.

    Attributes:
        name: An identifier that no other picture of the page has.
        title: What it shows.
        starts: The beginning of each bucket, oldest first.
        step: How long a bucket is.
        stacked: The series that are stacked.
        line: The series that is drawn as a line, if any.
        noun: What is counted, in the plural.
    """

    name: str
    title: str
    starts: Sequence[datetime]
    step: timedelta
    stacked: Sequence[Series]
    line: Series | None = None
    noun: str = "orders"

    @property
    def series(self) -> list[Series]:
        """Every series, the line first."""
        return [*([self.line] if self.line else []), *self.stacked]

    @property
    def highest(self) -> int:
        """The highest bar or point."""
        sums = [sum(series.counts[place] for series in self.stacked) for place in range(len(self.starts))]
        return max([*sums, *(self.line.counts if self.line else ()), 0])

    @property
    def is_empty(self) -> bool:
        """Whether every count is zero."""
        return self.highest == 0


class _Plot(NamedTuple):
    """Where the bars are: the field's edges, and the value at its top."""

    left: float
    top: float
    right: float
    bottom: float
    highest: float
    buckets: int

    @property
    def slot(self) -> float:
        return (self.right - self.left) / max(self.buckets, 1)

    def x(self, place: float) -> float:
        return self.left + self.slot * place

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * value / self.highest


def summary_of(bars: TimeBars) -> str:
    """Return the figures in a sentence."""
    if bars.is_empty:
        return f"No {bars.noun} in this period."
    sums = [f"{series.name}: {exact_count(sum(series.counts))}" for series in bars.series if sum(series.counts)]
    period = f"{bucket_name(bars.starts[0], bars.step)} to {bucket_name(bars.starts[-1], bars.step)} UTC"
    return f"{period}. {'; '.join(sums)}. The table below has every figure."


def drawn(bars: TimeBars) -> Markup:
    """Return the picture."""
    lines = count_lines(bars.highest)
    legend = legend_of([_key(bars, series) for series in bars.series], WIDTH)
    left = max(width_of(short_count(line)) for line in lines) + _PAD
    top = legend.height + FONT_SIZE
    plot = _Plot(left, top, WIDTH - _PAD, top + PLOT_HEIGHT, lines[-1], len(bars.starts))
    content = [*legend.content, *_axis(lines, plot), *_bars(bars, plot), *_line(bars, plot), *_times(bars, plot)]
    if bars.is_empty:
        middle = ((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2)
        content.append(label(f"no {bars.noun} in this period", *middle, "centre middle"))
    return picture(bars.title, summary_of(bars), WIDTH, plot.bottom + _FOOT, content, bars.name)


def table_of(bars: TimeBars) -> FigureTable:
    """Return the same figures as a table."""
    head = ["Time (UTC)", *(series.name for series in bars.series)]
    rows = [
        [bucket_name(at, bars.step), *(exact_count(series.counts[place]) for series in bars.series)]
        for place, at in enumerate(bars.starts)
    ]
    return FigureTable(bars.title, head, rows)


def _key(bars: TimeBars, series: Series) -> Key:
    return Key(series.name, series.colour, series is bars.line)


def _axis(lines: Sequence[float], plot: _Plot) -> Iterator[Markup]:
    for value in lines:
        y = plot.y(value)
        yield element("line", x1=plot.left, y1=y, x2=plot.right, y2=y, class_="grid" if value else "axis")
        yield label(short_count(value), plot.left - _PAD / 2, y, "end middle")


def _bars(bars: TimeBars, plot: _Plot) -> Iterator[Markup]:
    for place, at in enumerate(bars.starts):
        counts = [(series, series.counts[place]) for series in bars.stacked if series.counts[place]]
        if counts or (bars.line and bars.line.counts[place]):
            yield element("g", element("title", words(_said(bars, place, at))), *_stack(counts, place, plot))


def _stack(counts: Sequence[tuple[Series, int]], place: int, plot: _Plot) -> Iterator[Markup]:
    width, bottom = min(plot.slot * 0.8 if plot.slot < 20 else plot.slot - 4, _WIDEST_BAR), plot.bottom
    # The whole slot answers the pointer, so that the title of a small bar can be reached.
    yield element("rect", x=plot.x(place), y=plot.top, width=plot.slot, height=plot.bottom - plot.top, class_="slot")
    for series, count in counts:
        height = min(max(plot.bottom - plot.y(count), _LEAST_HEIGHT), bottom - plot.top)
        bottom -= height
        x = plot.x(place + 0.5) - width / 2
        yield element("rect", x=x, y=bottom, width=width, height=height, class_=f"bar {series.colour}")


def _said(bars: TimeBars, place: int, at: datetime) -> str:
    named = [f"{series.name} {exact_count(series.counts[place])}" for series in bars.series if series.counts[place]]
    return f"{bucket_name(at, bars.step)} UTC: {', '.join(named)}"


def _line(bars: TimeBars, plot: _Plot) -> Iterator[Markup]:
    if bars.line is None or bars.is_empty:
        return
    points = [(plot.x(place + 0.5), plot.y(count)) for place, count in enumerate(bars.line.counts)]
    if len(points) > 1:
        written = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield element("polyline", points=written, class_=f"line {bars.line.colour}")
    for x, y in points:
        yield element("circle", cx=x, cy=y, r=2, class_=f"point {bars.line.colour}")


def _times(bars: TimeBars, plot: _Plot) -> Iterator[Markup]:
    """Yield the times below the axis: as many as fit beside each other, each at the beginning of its bucket."""
    ends, previous = float("-inf"), None
    for place, at in enumerate(bars.starts):
        text, x = time_label(at, bars.step, previous), plot.x(place)
        if x >= ends and x + width_of(text) <= WIDTH:
            yield element("line", x1=x, y1=plot.bottom, x2=x, y2=plot.bottom + 4, class_="axis")
            yield label(text, x, plot.bottom + _FOOT - 6, "start")
            ends, previous = x + width_of(text) + _SPACE, at
