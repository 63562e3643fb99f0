"""What the commands about the sandbox print: payments, its orders, its faults and its scenarios. Pure."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.views.layout import Row, heading, labelled, section, table
from baton.cli.views.units import both_units
from baton.cli.views.values import NOTHING, clean, named

if TYPE_CHECKING:
    from baton.cli.sandbox.payer import Payments

_ORDERS_OF = {"any": "any", "bitcoin": "paid on Bitcoin", "onramp": "onramps", "address": "of addresses"}
_NOTICED = {"business": "reported to Baton", "orchestra": "Orchestra detects it", "nobody": "by nobody"}


def payments_view(payments: "Payments") -> RenderableType:
    """Return what was paid, who notices it, and what to do next."""
    payable = payments.payable
    sent, refusal = both_units(payments.amount, payable.asset, payable.decimals), payments.refusal
    rows: list[Row] = [
        ("sent", f"{sent} on {payable.chain}" if sent else None),
        ("to", payable.deposit_address),
        *(("proof", proof_text(proof)) for proof in payments.proofs),
        ("noticed", f"Baton refused the report: {refusal}" if refusal else _NOTICED[payments.noticed_by]),
    ]
    title = payable.source or f"Order {payable.reference}"
    times = "paid" if len(payments.proofs) == 1 else f"paid {len(payments.proofs)} times"
    return Group(
        heading(title, times if payments.proofs else "not paid", "green"),
        *(labelled(label, value) for label, value in rows if value),
        *section("Next", [("follow it", _next(payments))]),
    )


def _next(payments: "Payments") -> str:
    payable = payments.payable
    if payable.source:
        return f"baton list --source {payable.source}"
    followed_by = payments.standing.followed_by if payments.standing else None
    return f"baton watch {named(followed_by or payable.reference, payable.account)}"


def proof_text(proof: Mapping[str, Any]) -> str:
    """Return a proof on one line, with its output on Bitcoin."""
    transaction = next(str(proof[name]) for name in proof if name not in ("bitcoinVout", "sourceAddress"))
    return f"{transaction}:{proof['bitcoinVout']}" if "bitcoinVout" in proof else transaction


def sandbox_orders_table(orders: Iterable[Mapping[str, Any]]) -> RenderableType:
    """Return the sandbox's orders: where each is, and what its scenario does next."""
    lines = table("order", "quote", "route", "status", "scenario", "next")
    for order in orders:
        route = (
            f"{order['sourceChain']}:{order['sourceAsset']} > {order['destinationChain']}:{order['destinationAsset']}"
        )
        following = next(iter(order["plan"]), NOTHING)
        cells = (order["id"], order["quoteId"] or NOTHING, route, order["status"], order["scenario"], following)
        lines.add_row(*(Text(clean(str(cell))) for cell in cells))
    return lines


def faults_table(faults: Iterable[Mapping[str, Any]]) -> RenderableType:
    """Return the faults of calls and of webhooks, with how often each hit."""
    lines = table("fault", "calls", "kind", "left", "hits")
    for fault in faults:
        left = "all" if fault["left"] is None else fault["left"]
        cells = (fault["id"], fault.get("endpoint", "webhooks out"), fault["kind"], left, fault["hits"])
        lines.add_row(*(Text(clean(str(cell))) for cell in cells))
    return lines


def scenarios_table(scenarios: Iterable[Mapping[str, Any]]) -> RenderableType:
    """Return the scenarios, one a line."""
    lines = table("scenario", "orders", "what happens")
    for scenario in scenarios:
        orders = _ORDERS_OF[str(scenario["orders"])]
        lines.add_row(str(scenario["name"]), orders, str(scenario["description"]))
    return lines
