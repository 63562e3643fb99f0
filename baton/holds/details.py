"""What people read in the Temporal UI about holds: a summary and current details. Pure. None of it costs an event."""

from baton.encoding.times import date_and_time
from baton.holds.models import Hold, HoldRelease, HoldsState

SUMMARY = "what an operator stopped: holds on submits and approvals"
"""The line that names the workflow in lists."""

_SHOWN = 10
"""How many releases that are over the details show."""


def holds_details(state: HoldsState) -> str:
    """Return all holds as Markdown tables: what is on hold, what is being released, the last releases."""
    parts = [
        _table("On hold", "hold | what | since | by | reason", [_hold_cells(hold) for hold in state.holds]),
        _table("Being released", _RELEASE_HEAD, [_release_cells(release) for release in state.releasing]),
        _table("Released", _RELEASE_HEAD, [_release_cells(release) for release in state.released[:_SHOWN]]),
    ]
    return "\n\n".join(part for part in parts if part) or "Nothing is on hold."


_RELEASE_HEAD = "hold | what | released at | by | reason | how | orders"


def _table(title: str, head: str, rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    ruler = "|" + "---|" * (head.count("|") + 1)
    return "\n".join([f"**{title}**", "", f"| {head} |", ruler, *lines])


def _hold_cells(hold: Hold) -> list[str]:
    return [hold.id, hold.scope, date_and_time(hold.since), hold.by or "-", hold.reason]


def _release_cells(release: HoldRelease) -> list[str]:
    how = "all at once" if release.rate is None else f"{release.rate:g} a second"
    orders = f"{release.released}{'' if release.finished_at else ' so far'}"
    start = [release.hold.id, release.hold.scope, date_and_time(release.at)]
    return [*start, release.by or "-", release.reason, how, orders]


def _cell(value: str) -> str:
    """Return a value on one line, without what would end its cell."""
    return " ".join(value.split()).replace("|", "\\|")
