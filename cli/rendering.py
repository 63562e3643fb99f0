"""How orders look to people: pure functions from models to what rich prints.

Every value of others goes through `clean`, and nothing is read as markup: what Orchestra says must not steer a terminal.
Addresses and ids stand on lines of their own length, so that copying one gives it whole.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.wording import NOTHING, amount, clean, due, moment, named

if TYPE_CHECKING:
    from starter import OrderLine
    from workflows.models import Placement, Standing

Row = tuple[str, str | None]

LOUD, QUIET = "bold yellow", "dim"
_ENDS = {"completed": "green", "refunded": "yellow", "cancelled": "yellow"}
_LABEL_WIDTH = 13
_MEMO_WARNING = "(required: a deposit without it is not credited)"
_PROOF_OPTIONS = {
    "spark": " --spark-tx-hash TRANSFER",
    "bitcoin": " --bitcoin-txid TXID --bitcoin-vout OUTPUT",
    "lightning": "",
}


def style_of(phase: str, outcome: str | None) -> str:
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
    return Text.assemble("  ", (label.ljust(_LABEL_WIDTH), QUIET), clean(value))


def deposit_rows(chain: str, asset: str, given: "DepositInstruction", now: datetime) -> list[Row]:
    """Return what to send where until when."""
    return [
        ("send", f"{amount(given.amount_in, asset)} on {chain}" if given.amount_in is not None else None),
        ("pay invoice" if chain == "lightning" else "to", given.deposit_address),
        ("with memo", f"{given.deposit_memo} {_MEMO_WARNING}" if given.deposit_memo else None),
        ("until", due(given.expires_at, now)),
    ]


def proof_command(reference: str, account: str, chain: str) -> str:
    """Return the command that reports a deposit on a chain."""
    return f"baton deposit {named(reference, account)}{_PROOF_OPTIONS.get(chain, ' --tx-hash HASH')}"


def placement_view(placement: "Placement", now: datetime) -> RenderableType:
    """Return where to deposit what until when, and what to do next."""
    outcome = placement.outcome.value if placement.outcome else None
    lines = [heading(f"Order {placement.reference}", outcome or words(placement.phase), style_of(placement.phase, outcome))]
    if outcome is None:
        lines += section("Deposit", deposit_rows(placement.source_chain, placement.source_asset, placement, now))
    lines += section(
        "Quote",
        [
            ("id", placement.quote_id),
            ("pays out", f"about {amount(placement.estimated_out)}" if placement.estimated_out else None),
            ("reason", f"{placement.reason.code}: {placement.reason.message}" if placement.reason else None),
        ],
    )
    return Group(*lines, *section("Next", _next(placement)))


def _next(placement: "Placement") -> list[Row]:
    name = named(placement.reference, placement.account)
    if placement.outcome is not None:
        return [("details", f"baton show {name}")]
    report = proof_command(placement.reference, placement.account, placement.source_chain)
    paid = report if placement.phase == "awaiting_deposit" else None
    return [("once paid", paid), ("follow it", f"baton watch {name}")]


def standing_view(reference: str, standing: "Standing") -> RenderableType:
    """Return in two lines where an order stands."""
    outcome = standing.outcome.value if standing.outcome else None
    state = outcome or " ".join([words(standing.phase), standing.status or ""])
    lines = [heading(f"Order {reference}", state, style_of(standing.phase, outcome))]
    lines += [labelled(label, value) for label, value in (("order", standing.order_id), ("quote", standing.quote_id)) if value]
    if standing.attention:
        lines.append(Text(f"  attention: {clean(standing.attention)}; see `baton show {reference}`", style=LOUD))
    return Group(*lines)


def orders_table(orders: Sequence["OrderLine"], now: datetime) -> RenderableType:
    """Return a table of orders."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("reference", "account", "phase", "status", "route", "opened", "next deadline"):
        table.add_column(name, overflow="fold")
    for order in orders:
        table.add_row(*_cells(order, now))
    return table


def _cells(order: "OrderLine", now: datetime) -> list[Text]:
    state = Text(order.outcome or words(order.phase or NOTHING), style=style_of(order.phase or "", order.outcome))
    if order.attention:
        state.append(" !", style=LOUD)
    plain = [order.status or NOTHING, order.route or NOTHING, moment(order.opened_at), due(order.next_deadline, now) or ""]
    return [Text(clean(order.reference)), Text(order.account), state, *(Text(clean(cell)) for cell in plain)]


def words(name: str) -> str:
    """Return a name of the machine as words."""
    return name.replace("_", " ")
