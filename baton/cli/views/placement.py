"""The short answers about one order: its placement after `baton start`, its standing after other commands. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, Row, heading, labelled, section, style_of
from baton.cli.views.payment import payment_section, proof_command
from baton.cli.views.units import shown
from baton.cli.views.values import clean, named, words

if TYPE_CHECKING:
    from baton.orders.answers import Placement, Standing


def placement_view(placement: "Placement", now: datetime) -> RenderableType:
    """Return what to deposit, where and until when, and what to do next."""
    outcome = placement.outcome.value if placement.outcome else None
    payout, reason = shown(placement.amounts.estimated_out), placement.reason
    quote: list[Row] = [
        ("id", placement.quote_id),
        ("pays out", f"about {payout}" if payout else None),
        ("reason", f"{reason.code}: {reason.message}" if reason else None),
    ]
    return Group(
        heading(f"Order {placement.reference}", words(outcome or placement.phase), style_of(outcome)),
        *([labelled("order", placement.order_id)] if placement.order_id else []),
        *(payment_section(placement, now) if outcome is None else []),
        *section("Quote", quote),
        *section("Next", _next(placement)),
    )


def _next(placement: "Placement") -> list[Row]:
    name = named(placement.reference, placement.account)
    if placement.outcome is not None:
        return [("details", f"baton show {name}")]
    report = proof_command(placement.reference, placement.account, placement.source_chain)
    reportable = placement.phase == "awaiting_deposit" and placement.page is None
    return [("once paid", report if reportable else None), ("follow it", f"baton watch {name}")]


def standing_view(reference: str, account: str, standing: "Standing") -> RenderableType:
    """Return where an order stands, in a few lines."""
    outcome = standing.outcome.value if standing.outcome else None
    state = words(outcome or standing.status or standing.phase)
    ids: list[Row] = [
        ("order", standing.order_id),
        ("quote", standing.quote_id),
        ("followed by", standing.followed_by),
    ]
    lines = [heading(f"Order {reference}", state, style_of(outcome))]
    lines += [labelled(label, value) for label, value in ids if value]
    if standing.attentions:
        reasons = clean(", ".join(standing.attentions))
        attention = f"  attention: {reasons}; see `baton show {named(reference, account)}`"
        lines.append(Text(attention, style=LOUD))
    return Group(*lines)
