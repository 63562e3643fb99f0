"""An order's timeline as a table of Markdown, for the bundle. Pure."""

from collections.abc import Sequence

from baton.timeline.entries import TimelineEntry


def as_markdown(entries: Sequence[TimelineEntry]) -> str:
    """Return the table; times are in UTC."""
    rows = [
        f"| {entry.at:%Y-%m-%d %H:%M:%S.%f} | {_cell(entry.what)} | {_cell(_told(entry))} | {_cell(entry.source)} |"
        for entry in entries
    ]
    return "\n".join(["| time (UTC) | what | detail | source |", "|---|---|---|---|", *rows, ""])


def _told(entry: TimelineEntry) -> str:
    transaction = f"{entry.chain} {entry.tx_id}" if entry.tx_id else ""
    return "; ".join(text for text in (entry.detail, transaction) if text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
