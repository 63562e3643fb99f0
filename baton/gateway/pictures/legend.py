"""The legend above a picture: a mark and a name for each series, in as many lines as they need. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from baton.gateway.pictures.svg import element, label
from baton.gateway.pictures.text_width import shortened, width_of

LINE = 18.0
_MARK, _GAP, _BETWEEN = 10.0, 5.0, 16.0


class Key(NamedTuple):
    """A series in the legend: its name, the class that colours it, and whether it is drawn as a line."""

    name: str
    colour: str
    is_line: bool = False


class Legend(NamedTuple):
    """A legend that is drawn, and the height that it takes."""

    content: list[Markup]
    height: float


def legend_of(keys: Sequence[Key], width: float) -> Legend:
    """Return the legend of these series, at most as wide."""
    placed = list(_placed(keys, width))
    lines = int(placed[-1][2] // LINE) + 1 if placed else 0
    return Legend([part for key, x, y in placed for part in _drawn(key, x, y, width)], lines * LINE)


def _placed(keys: Sequence[Key], width: float) -> Iterator[tuple[Key, float, float]]:
    x, y = 0.0, 0.0
    for key in keys:
        needed = _MARK + _GAP + min(width_of(key.name), width - _MARK - _GAP)
        if x > 0 and x + needed > width:
            x, y = 0.0, y + LINE
        yield key, x, y
        x += needed + _BETWEEN


def _drawn(key: Key, x: float, y: float, width: float) -> Iterator[Markup]:
    middle = y + LINE / 2
    if key.is_line:
        yield element("line", x1=x, y1=middle, x2=x + _MARK, y2=middle, class_=f"line {key.colour}")
    else:
        yield element("rect", x=x, y=middle - _MARK / 2, width=_MARK, height=_MARK, class_=f"bar {key.colour}")
    name = shortened(key.name, width - _MARK - _GAP)
    yield label(name, x + _MARK + _GAP, middle, "middle", key.name)
