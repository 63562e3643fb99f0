"""The Markdown that people read in the Temporal UI: tables and links. Pure.

Some of what stands in them is text of others: it can neither end a cell nor become a link or HTML.
"""

import re

_LONG_ID = re.compile(r"[A-Za-z0-9]{44,}")
"""An id that is so long has no place to break, and would push the rest of its table out of sight."""
_SPECIAL = re.compile(r"([\\|<\[\]`])")


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def link(text: str, url: str | None) -> Markdown:
    """Return a link; the text alone where there is no address."""
    return Markdown(f"[{_escaped(text)}]({url})" if url else _escaped(text))


def whole_id(text: str) -> str:
    """Return an id that a person copies, whole however long it is."""
    return Markdown(text) if text.isascii() and text.isalnum() else text


def links(pages: dict[str, str]) -> Markdown | None:
    """Return links to pages by their names, on one line; None if there are none."""
    return Markdown(" · ".join(link(name, url) for name, url in pages.items())) if pages else None


def short_id(text: str) -> str:
    """Return the beginning and the end of a long id, for where there is little room."""
    return text if len(text) <= 16 else f"{text[:8]}…{text[-6:]}"


def details_table(*rows: tuple[str, str | None]) -> str:
    """Return names and values as a table; a value that is not known has no row."""
    lines = [f"| **{name}** | {cell(value)} |" for name, value in rows if value]
    return "\n".join(["| | |", "|---|---|", *lines])


def cell(value: str) -> str:
    """Return a value on one line, without what would end its cell."""
    return value if isinstance(value, Markdown) else _escaped(value)


def _escaped(text: str) -> str:
    shown = _LONG_ID.sub(lambda found: short_id(found[0]), " ".join(text.split()))
    return _SPECIAL.sub(r"\\\1", shown)
