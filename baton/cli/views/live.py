"""An order for `baton watch`: a live panel on a terminal, else a line for each change. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from baton.cli.views.layout import LOUD, QUIET, labelled, style_of
from baton.cli.views.order import end_of, route
from baton.cli.views.payment import awaits_payer, payment_rows
from baton.cli.views.units import shown
from baton.cli.views.values import awaited, clean, moment, span, words
from baton.encoding.times import clock_time

if TYPE_CHECKING:
    from baton.orders.answers import Snapshot

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_TURNS = 8
"""Steps of the spinner a second."""


def change_line(order: "Snapshot") -> str:
    """Return where an order stands, on one line."""
    if order.outcome is not None:
        reason = f", {order.reason.code}: {order.reason.message}" if order.reason else ""
        return clean(f"{order.reference}: {order.outcome}{_moved(order)}{reason}")
    if order.interrupted:
        return clean(f"{order.reference}: {order.interrupted.message}")
    parts = [words(order.phase), *([order.status] if order.status else [])]
    if order.waiting_for:
        wait = order.waiting_for
        parts.append(f"waiting for {awaited(wait)} until {moment(wait.until)}")
    parts += [f"attention: {attention.reason}: {attention.message}" for attention in order.attentions]
    return clean(f"{order.reference}: {', '.join(parts)}")


def _moved(order: "Snapshot") -> str:
    """Return what an ended order delivered or refunded, as the rest of a sentence."""
    ends = (("delivered", order.amounts.out), ("refunded", order.amounts.refund))
    return "".join(f", {how} {shown(moved)}" for how, moved in ends if moved)


def live_view(order: "Snapshot", now: datetime) -> RenderableType:
    """Return the panel of an order at this moment."""
    end = end_of(order)
    payment = payment_rows(order, now) if awaits_payer(order) else []
    rows = [labelled(label, value) for label, value in payment if value]
    for line in rows:
        line.overflow = "fold"
    body = [Text(route(order), style=QUIET), *rows, *_statuses(order, now), *_last_lines(order, now)]
    title = Text.assemble((clean(order.reference), "bold"), "  ", (words(end or order.phase), style_of(end)))
    return Panel(Group(*body), title=title, title_align="left", border_style=style_of(end))


def _statuses(order: "Snapshot", now: datetime) -> list[Text]:
    lines = []
    for position, transition in enumerate(order.transitions):
        present = end_of(order) is None and position == len(order.transitions) - 1
        mark = (_turn(now), "cyan") if present else ("✓", "green")
        when = clock_time(transition.at, now) if transition.at else ""
        lines.append(Text.assemble("  ", mark, " ", clean(words(transition.status)).ljust(20), (when, QUIET)))
    return lines


def _last_lines(order: "Snapshot", now: datetime) -> list[Text]:
    lines = []
    if order.outcome is not None:
        reason = f"{order.reason.code}: {order.reason.message}" if order.reason else ""
        lines.append(
            Text(clean(f"{words(order.outcome)}{_moved(order)} {reason}"), style=style_of(order.outcome.value))
        )
    if order.interrupted:
        lines.append(Text(clean(order.interrupted.message), style=style_of(order.interrupted.how)))
    for attention in order.attentions:
        lines.append(Text(clean(f"attention, {attention.reason}: {attention.message}"), style=LOUD))
    if order.waiting_for:
        lines.append(_wait(order, now))
    return lines


def _wait(order: "Snapshot", now: datetime) -> Text:
    assert order.waiting_for is not None
    wait = order.waiting_for
    left = f"{span(wait.until - now)} left" if wait.until > now else f"due {span(now - wait.until)} ago"
    mark = "" if order.transitions else f"{_turn(now)} "
    return Text(clean(f"{mark}waiting for {awaited(wait)}, {left}; then {wait.then}"))


def _turn(now: datetime) -> str:
    return _SPINNER[int(now.timestamp() * _TURNS) % len(_SPINNER)]
