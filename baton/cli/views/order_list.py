"""The table of `baton list`. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, style_of, table
from baton.cli.views.values import NOTHING, clean, span, words

if TYPE_CHECKING:
    from baton.orders.visibility import OrderLine


def orders_table(orders: Sequence["OrderLine"], now: datetime) -> RenderableType:
    """Return a table of orders; an exclamation mark stands for attention."""
    lines = table("reference", "account", "state", "status", "route", "opened, UTC", "deadline")
    for order in orders:
        lines.add_row(*_cells(order, now))
    return lines


def _cells(order: "OrderLine", now: datetime) -> list[Text]:
    end = order.interrupted.how if order.interrupted else order.outcome
    state = Text(words(end or order.phase or NOTHING), style=style_of(end))
    if order.attention:
        state.append(" !", style=LOUD)
    deadline = f"in {span(order.next_deadline - now)}" if order.next_deadline and not end else NOTHING
    rest = [order.status or NOTHING, order.route or NOTHING, f"{order.opened_at:%Y-%m-%d %H:%M:%S}", deadline]
    return [Text(clean(order.reference)), Text(order.account), state, *(Text(clean(cell)) for cell in rest)]
