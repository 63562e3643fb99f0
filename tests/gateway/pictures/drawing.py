"""Reads a picture back: its texts and rectangles with the places that they take."""

from typing import NamedTuple
from xml.etree import ElementTree

from markupsafe import Markup

from baton.gateway.pictures.text_width import FONT_SIZE, width_of

_SVG = "{http://www.w3.org/2000/svg}"


class Box(NamedTuple):
    """A rectangle of a picture, with its text or its class."""

    left: float
    top: float
    right: float
    bottom: float
    name: str

    def overlaps(self, other: "Box") -> bool:
        """Whether the two cover a common place."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Drawing:
    """A picture that was read back; reading fails where it is not well-formed."""

    def __init__(self, svg: Markup) -> None:
        self.root = ElementTree.fromstring(svg)
        self.width, self.height = map(float, self.root.attrib["viewBox"].split()[2:])

    def texts(self) -> list[Box]:
        """Return the texts."""
        return [self._text(found) for found in self.root.iter("text")]

    def bars(self, colour: str = "bar") -> list[Box]:
        """Return the rectangles of a class."""
        found = (one for one in self.root.iter("rect") if colour in one.attrib["class"].split())
        return [self._rectangle(one) for one in found]

    def titles(self) -> list[str]:
        """Return every title, that of the picture first."""
        return [found.text or "" for found in self.root.iter("title")]

    @property
    def summary(self) -> str:
        """What a screen reader says of it."""
        return self.root.findtext("desc") or ""

    def _text(self, found: ElementTree.Element) -> Box:
        text, classes = found.text or "", found.attrib.get("class", "").split()
        x, y, width = float(found.attrib["x"]), float(found.attrib["y"]), width_of(text)
        left = x - width if "end" in classes else x - width / 2 if "centre" in classes else x
        top = y - FONT_SIZE / 2 if "middle" in classes else y - FONT_SIZE
        return Box(left, top, left + width, top + FONT_SIZE, text)

    def _rectangle(self, found: ElementTree.Element) -> Box:
        x, y, width, height = (float(found.attrib[name]) for name in ("x", "y", "width", "height"))
        return Box(x, y, x + width, y + height, found.attrib["class"])


def overlapping(boxes: list[Box]) -> list[tuple[str, str]]:
    """Return the pairs that cover a common place."""
    pairs = ((one, other) for place, one in enumerate(boxes) for other in boxes[place + 1 :])
    return [(one.name, other.name) for one, other in pairs if one.overlaps(other)]
