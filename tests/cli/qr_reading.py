"""Reads drawn QR codes back into modules, to compare them with the expected code."""

import re
from xml.etree import ElementTree

import segno
import zxingcpp

Modules = list[list[int]]
"""Rows of modules with the quiet zone around them, 1 for dark."""

QUIET_ZONE, SCALE = 4, 8
_LIGHT = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
_BLOCKS = re.compile(r"^[ ▀▄█]{20,}$", re.MULTILINE)
_STEP = re.compile(r"([Mmh])(-?[0-9.]+)(?: ?(-?[0-9.]+))?")


def modules_of(content: str) -> Modules:
    """Return the modules of the expected code."""
    code = segno.make_qr(content, error="l")
    return [list(map(int, row)) for row in code.matrix_iter(border=QUIET_ZONE)]


def decoded(modules: Modules, scale: int = 3) -> str:
    """Return what a barcode reader decodes from the modules, drawn at that many pixels a module."""
    rows = [[module for module in row for _ in range(scale)] for row in modules for _ in range(scale)]
    pixels = bytes(0 if module else 255 for row in rows for module in row)
    picture = memoryview(pixels).cast("B", shape=(len(rows), len(rows[0])))
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text)


def read_drawing(text: str) -> Modules:
    """Return the modules of the code in a terminal's text."""
    rows = []
    for line in _BLOCKS.findall(text):
        rows += [[1 - _LIGHT[block][half] for block in line] for half in (0, 1)]
    # A code has an odd number of rows, so the lower half of the last line is empty.
    return rows[: len(rows[0])]


def read_svg(text: str) -> Modules:
    """Return the modules of a code in an SVG picture, in which one stroke stands for a run of dark modules."""
    root = ElementTree.fromstring(text)
    background, strokes = root.findall("*/{*}path")
    assert (background.get("fill"), strokes.get("stroke")) == ("#fff", "#000")
    size = int(root.get("width", "0")) // SCALE
    rows = [[0] * size for _ in range(size)]
    x = y = 0.0
    for step, first, second in _STEP.findall(strokes.get("d", "")):
        if step == "h":
            rows[int(y)][int(x) : int(x) + int(first)] = [1] * int(first)
            x += int(first)
        elif step == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    return rows
