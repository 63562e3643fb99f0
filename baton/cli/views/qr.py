"""QR codes drawn for a terminal or as an SVG picture. Pure."""

import io
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from segno import QRCode

QUIET_ZONE = 4
"""Light modules around a code, as the standard requires."""
NARROW_ZONE = 2
"""Light modules around a code on a narrow terminal; enough for most cameras."""
_COLOURS = "#ffffff on #000000"
"""Light modules are drawn and dark ones left out; explicit colours keep that true under every terminal theme."""
_SVG_SCALE = 8


def make_code(content: str) -> "QRCode":
    """Return the smallest QR code that holds the content; never a micro code, which phones do not read."""
    import segno

    return segno.make_qr(content, error="l")


def draw_blocks(code: "QRCode", zone: int = QUIET_ZONE) -> str:
    """Return a code as lines of half blocks, two rows of modules a line; light modules are drawn."""
    out = io.StringIO()
    code.terminal(out, border=zone, compact=True)
    return out.getvalue().rstrip("\n")


def draw_svg(code: "QRCode") -> str:
    """Return a code as an SVG picture, dark on light."""
    out = io.BytesIO()
    code.save(out, kind="svg", scale=_SVG_SCALE, border=QUIET_ZONE, dark="#000", light="#fff")
    return out.getvalue().decode()


def code_view(code: "QRCode", zone: int) -> Text:
    """Return a code in colours for a terminal."""
    return Text(draw_blocks(code, zone), style=_COLOURS)


def width_of(code: "QRCode", zone: int) -> int:
    """Return how many columns of a terminal a code takes."""
    return int(code.symbol_size(border=zone)[0])
