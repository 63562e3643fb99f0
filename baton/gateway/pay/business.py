"""How a business shows itself on its payer pages: name, contact and colour. Pure."""

import re
from typing import NamedTuple

DEFAULT_COLOUR = "#2456e6"
COLOUR = r"^#[0-9a-fA-F]{6}$"

_WHITE, _BLACK = "#ffffff", "#000000"


class Business(NamedTuple):
    """A business on its pages.

    Attributes:
        name: Its name; empty shows none.
        contact: A mail address or an https URL that payers may write to; empty shows none.
        colour: The colour of buttons and marks, as `#rrggbb`.
    """

    name: str = ""
    contact: str = ""
    colour: str = DEFAULT_COLOUR

    @property
    def on_colour(self) -> str:
        """The colour of text on the business's own: black or white, whichever reads better."""
        return _WHITE if _contrast(self.colour, _WHITE) >= _contrast(self.colour, _BLACK) else _BLACK

    @property
    def contact_link(self) -> str | None:
        """The link to the contact; None where there is none."""
        if self.contact.startswith("https://"):
            return self.contact
        return f"mailto:{self.contact}" if re.fullmatch(r"[^\s@<>\"']+@[^\s@<>\"']+", self.contact) else None


def readable_on(colour: str, ground: str, least: float = 4.5) -> str:
    """Return the colour, moved towards black or white until text in it can be read on the ground (WCAG 2.2, 1.4.3)."""
    goal = _BLACK if _luminance(ground) > 0.4 else _WHITE
    for step in range(11):
        mixed = _mixed(colour, goal, step / 10)
        if _contrast(mixed, ground) >= least:
            return mixed
    return goal


def _mixed(colour: str, goal: str, share: float) -> str:
    parts = zip(_parts(colour), _parts(goal), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
