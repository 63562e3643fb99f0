"""How wide a text is when it is drawn, estimated on the safe side, and how it is shortened to fit. Pure."""

import unicodedata

FONT_SIZE = 12.0
"""Units of the picture; `pictures.css` sets the same size."""

_FULL, _WIDE, _OTHER, _NARROW = 1.1, 0.78, 0.58, 0.36
_NARROW_LETTERS = frozenset("iljtfr.,:;'|!()[] ")
_WIDE_LETTERS = frozenset("mwMW@%→…")
_ELLIPSIS = "…"


def width_of(text: str) -> float:
    """Return the width of a text, in units of the picture."""
    return FONT_SIZE * sum(map(_part_of_size, text))


def shortened(text: str, width: float) -> str:
    """Return a text that is at most as wide, cut in its middle: names often differ at their ends."""
    if width_of(text) <= width:
        return text
    kept = len(text) - 1
    while kept > 0 and width_of(_without_middle(text, kept)) > width:
        kept -= 1
    return _without_middle(text, kept)


def _without_middle(text: str, kept: int) -> str:
    front = (kept + 1) // 2
    back = kept - front
    return text[:front] + _ELLIPSIS + (text[-back:] if back else "")


def _part_of_size(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return _FULL
    if letter in _NARROW_LETTERS:
        return _NARROW
    return _WIDE if letter.isupper() or letter in _WIDE_LETTERS else _OTHER
