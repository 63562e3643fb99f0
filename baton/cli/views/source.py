"""A reusable address or a pay link for people, and a table of several. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, Row, heading, labelled, section, table
from baton.cli.views.values import NOTHING, clean, due, moment, words
from baton.sources.summaries import amount_of_link

if TYPE_CHECKING:
    from baton.sources.answers import SourceSnapshot
    from baton.sources.visibility import SourceLine

_STYLES = {"enabled": "green", "creating": "cyan", "disabled": "yellow"}


def source_view(source: "SourceSnapshot", now: datetime) -> RenderableType:
    """Return an address or a link in sections.

    Args:
        source: Its snapshot.
        now: The present; times are shown relative to it.
    """
    phase = source.phase.value
    title = "Pay link" if source.kind == "paylink" else f"{source.type.capitalize()} {source.kind}"
    return Group(
        heading(f"{title} {source.reference}", words(phase), _STYLES.get(phase, "red")),
        *[labelled(label, value) for label, value in _facts(source) if value],
        *section("Attention", _attention(source, now), LOUD),
        *section("Pay here", list(source.addresses.items())),
        *section("Share", _link(source)),
        *section("Fixed at creation", _terms(source)),
        *section("Every order carries", list(source.metadata.items())),
        *section("Resolved by hand", [(moment(done.at), f"{done.reason}: {done.note}") for done in source.resolutions]),
        *section("Next", _next(source)),
    )


def _facts(source: "SourceSnapshot") -> list[Row]:
    created, reason = source.created, source.reason
    return [
        ("label", source.label),
        ("route", source.route),
        ("to", created.recipient if created else None),
        ("at Orchestra", created.orchestra_id if created else None),
        ("reason", f"{reason.code}: {reason.message}" if reason else None),
        ("account", source.account),
        ("workflow", source.workflow_id),
        ("created", moment(source.opened_at)),
        ("closed", moment(source.closed_at) if source.closed_at else None),
        ("last read", moment(source.observed_at) if source.observed_at else None),
    ]


def _attention(source: "SourceSnapshot", now: datetime) -> list[Row]:
    rows: list[Row] = []
    for attention in source.attentions:
        rows += [
            ("reason", attention.reason),
            ("message", attention.message),
            ("since", due(attention.since, now)),
            ("remedy", attention.remedy),
        ]
    return rows


def _terms(source: "SourceSnapshot") -> list[Row]:
    created = source.created
    if created is None:
        return []
    zeroconf = None if created.zeroconf_enabled is None else ("offered" if created.zeroconf_enabled else "never")
    return [
        ("delivers", created.destination),
        ("fee", _bps(created.fee_bps)),
        ("slippage", _bps(created.slippage_bps)),
        ("ZeroConf", zeroconf),
    ]


def _link(source: "SourceSnapshot") -> list[Row]:
    created = source.created
    return [("link", created.short_url), ("asks for", amount_of_link(created))] if created else []


def _bps(value: int | None) -> str | None:
    return None if value is None else f"{value} basis points"


def _next(source: "SourceSnapshot") -> list[Row]:
    command = "orders" if source.kind == "paylink" else "deposits"
    return [("its orders", f"baton {source.kind} {command} {source.reference}")] if source.created else []


def sources_table(lines: "Sequence[SourceLine]") -> RenderableType:
    """Return a table of addresses or links; an exclamation mark stands for attention."""
    shown = table("reference", "account", "state", "route", "created, UTC")
    for line in lines:
        phase = line.interrupted.how if line.interrupted else (line.phase or NOTHING)
        state = Text(words(phase), style=_STYLES.get(phase, "red"))
        if line.attention:
            state.append(" !", style=LOUD)
        rest = (Text(clean(cell)) for cell in (line.route or NOTHING, f"{line.opened_at:%Y-%m-%d %H:%M:%S}"))
        shown.add_row(Text(clean(line.reference)), Text(line.account), state, *rest)
    return shown
