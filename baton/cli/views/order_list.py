"""The table of `baton list`. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, style_of, table
from baton.cli.views.units import whole_units
from baton.cli.views.values import NOTHING, clean, span, words

if TYPE_CHECKING:
    from baton.orders.visibility import OrderLine

_USUAL_ACCOUNT = "default"


def orders_table(orders: Sequence["OrderLine"], now: datetime) -> RenderableType:
    """Return a table of orders; an exclamation mark stands for attention.

    A column in which no order has anything to say is left out, and so is the account if all have the usual one.
    """
    columns = {name: [cell(order, now) for order in orders] for name, cell in _COLUMNS.items()}
    shown = {name: cells for name, cells in columns.items() if any(cell.plain != NOTHING for cell in cells)}
    if all(order.account == _USUAL_ACCOUNT for order in orders):
        shown.pop("account", None)
    lines = table(*shown)
    for row in zip(*shown.values(), strict=True):
        lines.add_row(*row)
    return lines


def _state(order: "OrderLine", now: datetime) -> Text:
    end = order.interrupted.how if order.interrupted else order.outcome
    state = Text(words(end or order.phase or NOTHING), style=style_of(end))
    if order.attention:
        state.append(" !", style=LOUD)
    return state


def _amount(order: "OrderLine") -> str:
    if order.amount_fiat_usd:
        return f"{order.amount_fiat_usd} US dollars"
    amount = order.amount
    return whole_units(amount.amount, amount.asset, amount.decimals) or NOTHING if amount else NOTHING


def _deadline(order: "OrderLine", now: datetime) -> str:
    is_open = not order.interrupted and not order.outcome
    return f"in {span(order.next_deadline - now)}" if order.next_deadline and is_open else NOTHING


_COLUMNS: Mapping[str, Callable[["OrderLine", datetime], Text]] = {
    "reference": lambda order, now: Text(clean(order.reference)),
    "account": lambda order, now: Text(clean(order.account)),
    "state": _state,
    "status": lambda order, now: Text(clean(order.status or NOTHING)),
    "amount": lambda order, now: Text(clean(_amount(order))),
    "route": lambda order, now: Text(clean(order.route or NOTHING)),
    "opened, UTC": lambda order, now: Text(f"{order.opened_at:%Y-%m-%d %H:%M}"),
    "deadline": lambda order, now: Text(_deadline(order, now)),
}
