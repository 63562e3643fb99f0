"""An order under watch: a picture that is drawn anew, and a line for each change where there is no terminal. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from baton.cli.views.order_view import route
from baton.cli.views.rendering import LOUD, QUIET, awaits_payer, deposit_rows, labelled, style_of, words
from baton.cli.views.wording import clean, moment, owner, span

if TYPE_CHECKING:
    from baton.orders.answers import Snapshot

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_TURNS = 8
"""Steps of the spinner a second."""


def change_line(order: "Snapshot") -> str:
    """Return where an order stands, on one line."""
    if order.outcome is not None:
        reason = f", {order.reason.code}: {order.reason.message}" if order.reason else ""
        return clean(f"{order.reference}: {order.outcome}{reason}")
    parts = [words(order.phase), *([order.status] if order.status else [])]
    if order.waiting_for:
        waiting = order.waiting_for
        parts.append(f"waiting for {waiting.what} from {owner(waiting.who)} until {moment(waiting.until)}")
    if order.attention:
        parts.append(f"attention: {order.attention.reason}: {order.attention.message}")
    return clean(f"{order.reference}: {', '.join(parts)}")


def live_view(order: "Snapshot", now: datetime) -> RenderableType:
    """Return the picture of an order at this moment."""
    outcome = order.outcome.value if order.outcome else None
    shown = deposit_rows(order, now) if awaits_payer(order) else []
    rows = [labelled(label, value) for label, value in shown if value]
    for line in rows:
        line.overflow = "fold"
    body = [Text(route(order), style=QUIET), *rows, *_statuses(order, now), *_ending(order, now)]
    title = Text.assemble((clean(order.reference), "bold"), "  ", (words(outcome or order.phase), style_of(outcome)))
    return Panel(Group(*body), title=title, title_align="left", border_style=style_of(outcome))


def _statuses(order: "Snapshot", now: datetime) -> list[Text]:
    lines = []
    for place, one in enumerate(order.transitions):
        present = order.outcome is None and place == len(order.transitions) - 1
        mark = (_turn(now), "cyan") if present else ("✓", "green")
        when = f"{one.at:%H:%M:%S}" if one.at else ""
        lines.append(Text.assemble("  ", mark, " ", clean(words(one.status)).ljust(20), (when, QUIET)))
    return lines


def _ending(order: "Snapshot", now: datetime) -> list[Text]:
    lines = []
    if order.outcome is not None:
        reason = f"{order.reason.code}: {order.reason.message}" if order.reason else ""
        lines.append(Text(clean(f"{words(order.outcome)} {reason}"), style=style_of(order.outcome.value)))
    if order.attention:
        lines.append(Text(clean(f"attention, {order.attention.reason}: {order.attention.message}"), style=LOUD))
    if order.waiting_for:
        lines.append(_wait(order, now))
    return lines


def _wait(order: "Snapshot", now: datetime) -> Text:
    assert order.waiting_for is not None
    waiting = order.waiting_for
    left = f"{span(waiting.until - now)} left" if waiting.until > now else f"due {span(now - waiting.until)} ago"
    mark = "" if order.transitions else f"{_turn(now)} "
    told = f"{mark}waiting for {waiting.what} from {owner(waiting.who)}, {left}; then {waiting.then}"
    return Text(clean(told))


def _turn(now: datetime) -> str:
    return _SPINNER[int(now.timestamp() * _TURNS) % len(_SPINNER)]
