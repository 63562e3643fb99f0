"""How orders look to people: pure functions from models to what rich prints.

Every value of others goes through `clean` and nothing is read as markup: what Orchestra says must not steer a terminal.
Addresses and ids stand on lines as long as they are, so that copying one gives it whole.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from baton.cli.views.wording import NOTHING, amount, clean, due, named, span

if TYPE_CHECKING:
    from baton.orders.answers import Placement, Snapshot, Standing
    from baton.orders.state import PaymentPage
    from baton.orders.visibility import OrderLine

Row = tuple[str, str | None]

LOUD, QUIET = "bold yellow", "dim"
_ENDS = {"completed": "green", "refunded": "yellow", "cancelled": "yellow"}
_LABEL_WIDTH = 12
_MEMO_WARNING = "(required: a deposit without it is not credited)"
_PROOF_OPTIONS = {
    "spark": " --spark-tx-hash TRANSFER",
    "bitcoin": " --bitcoin-txid TXID --bitcoin-vout OUTPUT",
    "lightning": "",
}


def style_of(outcome: str | None) -> str:
    """Return the style that tells how an order fares."""
    return _ENDS.get(outcome, "red") if outcome else "cyan"


def heading(title: str, state: str, style: str) -> Text:
    """Return the first line of a view."""
    return Text.assemble((clean(title), "bold"), "  ", (clean(state), style))


def section(title: str, rows: Iterable[Row], style: str = "bold") -> list[Text]:
    """Return a titled block of labelled values, without those that are None; nothing where all are."""
    lines = [labelled(label, value) for label, value in rows if value]
    return [Text(""), Text(title, style=style), *lines] if lines else []


def labelled(label: str, value: str) -> Text:
    """Return one labelled value."""
    return Text.assemble("  ", (clean(label).ljust(_LABEL_WIDTH), QUIET), " ", clean(value))


def awaits_payer(order: "Snapshot") -> bool:
    """Tell whether the payer is to be shown how to pay; an onramp waits for that while it is tracked already."""
    if order.page is None or order.outcome is not None:
        return order.phase == "awaiting_deposit"
    # An invoice that a review held back comes with the order's record, and there is no quote to wait for.
    held_back = not order.quotes and order.status in (None, "processing")
    return held_back or (order.waiting_for is not None and order.waiting_for.who == "payer")


def deposit_section(given: "Placement | Snapshot", now: datetime) -> list[Text]:
    """Return the titled block that tells what to send where until when."""
    return section("Deposit" if given.page is None else "Payment", deposit_rows(given, now))


def deposit_rows(given: "Placement | Snapshot", now: datetime) -> list[Row]:
    """Return what to send where until when."""
    if given.page is not None:
        return _page_rows(given.page, given.amount_in, due(given.expires_at, now))
    send = amount(given.amount_in, given.source_asset)
    return [
        ("send", f"{send} on {given.source_chain}" if send else None),
        ("pay invoice" if given.source_chain == "lightning" else "to", given.deposit_address),
        ("with memo", f"{given.deposit_memo} {_MEMO_WARNING}" if given.deposit_memo else None),
        ("until", due(given.expires_at, now)),
    ]


def _page_rows(page: "PaymentPage", sats: int | None, until: str | None) -> list[Row]:
    if page.deeplink is None:
        return [("invoice", "none yet: Orchestra holds the order for a review")]
    return [
        ("share", page.short_url),
        ("open", page.deeplink),
        ("asks for", f"{sats} sats" if sats is not None else None),
        ("spot price", f"{page.spot_usd_per_btc} US dollars per BTC" if page.spot_usd_per_btc else None),
        ("rounding", amount(page.rounding_fee_amount or None)),
        ("until", until),
    ]


def proof_command(reference: str, account: str, chain: str) -> str:
    """Return the command that reports a deposit on a chain."""
    return f"baton deposit {named(reference, account)}{_PROOF_OPTIONS.get(chain, ' --tx-hash HASH')}"


def placement_view(placement: "Placement", now: datetime) -> RenderableType:
    """Return where to deposit what until when, and what to do next."""
    outcome = placement.outcome.value if placement.outcome else None
    payout, reason = amount(placement.estimated_out), placement.reason
    quote: list[Row] = [
        ("id", placement.quote_id),
        ("pays out", f"about {payout}" if payout else None),
        ("reason", f"{reason.code}: {reason.message}" if reason else None),
    ]
    return Group(
        heading(f"Order {placement.reference}", words(outcome or placement.phase), style_of(outcome)),
        *([labelled("order", placement.order_id)] if placement.order_id else []),
        *(deposit_section(placement, now) if outcome is None else []),
        *section("Quote", quote),
        *section("Next", _next(placement)),
    )


def _next(placement: "Placement") -> list[Row]:
    name = named(placement.reference, placement.account)
    if placement.outcome is not None:
        return [("details", f"baton show {name}")]
    report = proof_command(placement.reference, placement.account, placement.source_chain)
    paid = report if placement.phase == "awaiting_deposit" and placement.page is None else None
    return [("once paid", paid), ("follow it", f"baton watch {name}")]


def standing_view(reference: str, account: str, standing: "Standing") -> RenderableType:
    """Return in a few lines where an order stands."""
    outcome = standing.outcome.value if standing.outcome else None
    state = words(outcome or standing.status or standing.phase)
    ids: list[Row] = [("order", standing.order_id), ("quote", standing.quote_id)]
    lines = [heading(f"Order {reference}", state, style_of(outcome))]
    lines += [labelled(label, value) for label, value in ids if value]
    if standing.attention:
        look = f"  attention: {clean(standing.attention)}; see `baton show {named(reference, account)}`"
        lines.append(Text(look, style=LOUD))
    return Group(*lines)


def orders_table(orders: Sequence["OrderLine"], now: datetime) -> RenderableType:
    """Return a table of orders."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("reference", "account", "state", "status", "route", "opened, UTC", "deadline"):
        table.add_column(name, overflow="fold")
    for order in orders:
        table.add_row(*_cells(order, now))
    return table


def _cells(order: "OrderLine", now: datetime) -> list[Text]:
    state = Text(words(order.outcome or order.phase or NOTHING), style=style_of(order.outcome))
    if order.attention:
        state.append(" !", style=LOUD)
    deadline = f"in {span(order.next_deadline - now)}" if order.next_deadline else NOTHING
    rest = [order.status or NOTHING, order.route or NOTHING, f"{order.opened_at:%Y-%m-%d %H:%M:%S}", deadline]
    return [Text(clean(order.reference)), Text(order.account), state, *(Text(clean(cell)) for cell in rest)]


def words(name: str) -> str:
    """Return a name of the machine as words."""
    return name.replace("_", " ")
