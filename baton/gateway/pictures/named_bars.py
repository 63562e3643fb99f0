"""Bars that lie beside their names: attention by reason, time to deliver by route. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from baton.gateway.pictures.legend import Key, legend_of
from baton.gateway.pictures.scales import count_lines, duration, exact_count, second_lines, short_count
from baton.gateway.pictures.svg import element, label, picture, words
from baton.gateway.pictures.table import FigureTable
from baton.gateway.pictures.text_width import FONT_SIZE, shortened, width_of
from baton.gateway.pictures.time_bars import WIDTH

ROW = 26.0
_BAR, _FOOT, _PAD, _TICK = 14.0, 22.0, 10.0, 4.0
_MOST_NAME = 0.38
"""How much of the width names may take."""

_LEAST_FIELD = 60.0


class NamedBar(NamedTuple):
    """One bar: its name, and a value for each measure, the smaller ones first, and a note behind them."""

    name: str
    values: Sequence[float]
    note: str = ""


class NamedBars(NamedTuple):
    """A picture of values by name.

    Attributes:
        name: An identifier that no other picture of the page has.
        title: What it shows.
        measures: The measures, each with the class that colours it; the later ones are drawn behind.
        bars: The bars from top to bottom.
        in_seconds: The values are seconds; otherwise they are counts.
        nothing: What it says without bars.
        head: Of the table: what the bars are named by.
        note: Of the table: what the notes are; empty if there are none.
    """

    name: str
    title: str
    measures: Sequence[tuple[str, str]]
    bars: Sequence[NamedBar]
    in_seconds: bool = False
    nothing: str = "nothing in this period"
    head: str = "Name"
    note: str = ""

    def write(self, value: float) -> str:
        """Write a value in full."""
        return duration(value) if self.in_seconds else exact_count(value)


class _Field(NamedTuple):
    """Where the bars are: the edges, the values that have a line, and whether the notes are written."""

    left: float
    top: float
    right: float
    bottom: float
    lines: Sequence[float]
    with_notes: bool

    def x(self, value: float) -> float:
        return self.left + (self.right - self.left) * value / self.lines[-1]


def summary_of(bars: NamedBars) -> str:
    """Return the figures in a sentence."""
    if not bars.bars:
        return f"{bars.nothing[:1].upper()}{bars.nothing[1:]}."
    said = [f"{bar.name}: {_values(bars, bar)}" for bar in bars.bars[:10]]
    more = "" if len(bars.bars) <= 10 else " The table below has the others."
    return f"{'; '.join(said)}.{more}"


def drawn(bars: NamedBars) -> Markup:
    """Return the picture."""
    if not bars.bars:
        nothing = label(bars.nothing, WIDTH / 2, ROW, "centre middle")
        return picture(bars.title, summary_of(bars), WIDTH, ROW * 2, [nothing], bars.name)
    legend = legend_of([Key(*measure) for measure in bars.measures] if len(bars.measures) > 1 else [], WIDTH)
    field = _field(bars, legend.height)
    rows = [part for place, bar in enumerate(bars.bars) for part in _row(bars, bar, place, field)]
    content = [*legend.content, *_axis(bars, field), *rows]
    return picture(bars.title, summary_of(bars), WIDTH, field.bottom + _FOOT, content, bars.name)


def table_of(bars: NamedBars) -> FigureTable:
    """Return the same figures as a table."""
    head = [bars.head, *(name for name, _ in bars.measures), *([bars.note] if bars.note else [])]
    rows = [[bar.name, *map(bars.write, bar.values), *([bar.note] if bars.note else [])] for bar in bars.bars]
    return FigureTable(bars.title, head, rows)


def _field(bars: NamedBars, top: float) -> _Field:
    """Return where the bars are: beside the names, with room for the values; without room the notes are left out."""
    left = min(max(width_of(bar.name) for bar in bars.bars), WIDTH * _MOST_NAME) + _PAD
    highest = max((value for bar in bars.bars for value in bar.values), default=0.0)
    lines = second_lines(highest) if bars.in_seconds else count_lines(highest)
    bottom = top + ROW * len(bars.bars)
    for with_notes in (True, False):
        values = max(width_of(_values(bars, bar, with_notes=with_notes)) for bar in bars.bars)
        right = WIDTH - values - _PAD
        if right >= left + _LEAST_FIELD:
            return _Field(left, top, right, bottom, lines, with_notes)
    return _Field(left, top, left + _LEAST_FIELD, bottom, lines, with_notes=False)


def _values(bars: NamedBars, bar: NamedBar, *, with_notes: bool = True) -> str:
    several = len(bars.measures) > 1
    named = [
        f"{name} {bars.write(value)}" if several else bars.write(value)
        for (name, _), value in zip(bars.measures, bar.values, strict=True)
    ]
    return ", ".join([*named, *([bar.note] if bar.note and with_notes else [])])


def _row(bars: NamedBars, bar: NamedBar, place: int, field: _Field) -> Iterator[Markup]:
    middle = field.top + ROW * (place + 0.5)
    yield label(shortened(bar.name, field.left - _PAD), 0, middle, "middle", bar.name)
    for (name, colour), value in reversed(list(zip(bars.measures, bar.values, strict=True))):
        title = element("title", words(f"{bar.name}: {name} {bars.write(value)}"))
        width = max(field.x(value) - field.left, 1.0 if value else 0.0)
        yield element(
            "rect", title, x=field.left, y=middle - _BAR / 2, width=width, height=_BAR, class_=f"bar {colour}"
        )
    end = field.x(max(bar.values, default=0.0))
    text = _values(bars, bar, with_notes=field.with_notes)
    yield label(text, end + _PAD / 2, middle, "middle")


def _axis(bars: NamedBars, field: _Field) -> Iterator[Markup]:
    """Yield the line at zero, and marks below the bars with those values that do not overlap."""
    ends, write = float("-inf"), duration if bars.in_seconds else short_count
    for value in field.lines:
        x, text = field.x(value), write(value)
        # The values stand beside the bars, where long lines would cross them.
        top = field.bottom if value else field.top
        yield element("line", x1=x, y1=top, x2=x, y2=field.bottom + (_TICK if value else 0.0), class_="axis")
        start = min(x - width_of(text) / 2, WIDTH - width_of(text))
        if start >= ends:
            yield label(text, start, field.bottom + FONT_SIZE + _TICK, "")
            ends = start + width_of(text) + _PAD
