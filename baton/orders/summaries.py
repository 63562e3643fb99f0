"""What people read in the Temporal UI about an order: its summary, its details and its current details. Pure.

None of these costs an event.
"""

from baton.chains.decimals import decimals_of
from baton.encoding.times import date_and_time
from baton.encoding.units import in_words
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.rules.money import EXACT_OUT
from baton.orders.amounts import AssetAmount
from baton.orders.answers import Snapshot
from baton.orders.models import Attention
from baton.orders.place_order import PlaceOrder, Request

_BLANK = "-"
_LONGEST_VALUE = 100
"""Characters of a value of the metadata that the details show."""
_STATUSES = 20
"""How many statuses the details show."""


def static_summary(order: PlaceOrder) -> str:
    """Return the line that names the order in lists (at most 200 bytes)."""
    text = f"{order.reference}: {_amount(order.request, order.amount_decimals)}, {_route(order)}"
    return text.encode()[:200].decode("utf-8", "ignore")


def static_details(order: PlaceOrder) -> str:
    """Return the order's fixed facts as Markdown."""
    request = order.request
    mode = request.amount_mode or "exact_in"
    return (
        f"**{_route(order)}** for partner account `{order.account}`, reference `{order.reference}`\n\n"
        f"- amount: {_amount(request, order.amount_decimals)}, {mode}\n"
        f"- when the quote expires: {order.policy.on_quote_expiry.value}\n"
        f"{_source(order)}"
        f"{_metadata(order)}"
    )


def _source(order: PlaceOrder) -> str:
    if order.source is None:
        return ""
    label = f", labelled {_cell(order.source.label)}" if order.source.label else ""
    return f"- came of: `{order.source.name}`{label}\n"


def _metadata(order: PlaceOrder) -> str:
    # Temporal takes 20,000 bytes of details.
    return "".join(f"- {name}: {_cell(value[:_LONGEST_VALUE])}\n" for name, value in order.metadata.items())


def _attention(raised: Attention) -> str:
    return f"{raised.reason}: {raised.message}" + (f"; {raised.remedy}" if raised.remedy else "")


def current_details(snapshot: Snapshot) -> str:
    """Return the order's current state as a Markdown table."""
    waiting = snapshot.waiting_for
    rows = [
        ("phase", snapshot.phase.value),
        ("status", snapshot.status),
        ("outcome", snapshot.outcome.value if snapshot.outcome else None),
        *[("attention", _attention(raised)) for raised in snapshot.attentions],
        ("waiting for", f"{waiting.what}, from {waiting.who}" if waiting else None),
        ("until", f"{date_and_time(waiting.until)}, then {waiting.then}" if waiting else None),
        ("quote", snapshot.quote_id),
        ("order", snapshot.order_id),
        ("to pay", _words(snapshot.amounts.in_)),
        ("received", snapshot.received.message if snapshot.received else _words(snapshot.amounts.received)),
        ("pays out, about", _words(snapshot.amounts.estimated_out) if snapshot.amounts.out is None else None),
        ("paid out", _words(snapshot.amounts.out)),
        ("fee", _words(snapshot.amounts.fee)),
        ("refunded", _words(snapshot.amounts.refund)),
        ("statuses", _last_statuses(snapshot)),
        ("reason", f"{snapshot.reason.code}: {snapshot.reason.message}" if snapshot.reason else None),
    ]
    return details_table(*rows)


def _words(amount: AssetAmount | None) -> str | None:
    return None if amount is None else in_words(amount.amount, amount.asset, amount.decimals)


def details_table(*rows: tuple[str, str | None]) -> str:
    """Return names and values as a Markdown table; a value that is not known is a dash."""
    lines = [f"| {name} | {_cell(value) or _BLANK} |" for name, value in rows]
    return "\n".join(["| | |", "|---|---|", *lines])


def _cell(value: str | None) -> str:
    """Return a value on one line, without what would end its cell: some of it is text of others."""
    return " ".join((value or "").split()).replace("|", "\\|")


def _last_statuses(snapshot: Snapshot) -> str | None:
    """Return the last statuses in their order; there may be hundreds."""
    statuses = [transition.status for transition in snapshot.transitions]
    left_out = len(statuses) + snapshot.transitions_left_out - _STATUSES
    shown = [f"({left_out} earlier)"] if left_out > 0 else []
    return " → ".join([*shown, *statuses[-_STATUSES:]]) or None


def route_of(order: PlaceOrder) -> str:
    """Return the route as one keyword, for instance `base:USDC>spark:BTC`."""
    request = order.request
    return f"{request.source_chain}:{request.source_asset}>{request.destination_chain}:{request.destination_asset}"


def _amount(request: Request, decimals: int | None) -> str:
    """Return the requested amount; an onramp may name US dollars."""
    if request.amount is None and isinstance(request, OnrampRequest):
        return f"{request.amount_fiat_usd} US dollars"
    chain, asset = asset_of_amount(request)
    return in_words(request.amount or 0, asset, decimals_of(chain, asset) if decimals is None else decimals)


def asset_of_amount(request: Request) -> tuple[str, str]:
    """Return the chain and the asset that the requested amount counts."""
    if request.amount_mode == EXACT_OUT:
        return request.destination_chain, request.destination_asset
    return request.source_chain, request.source_asset


def _route(order: PlaceOrder) -> str:
    request = order.request
    return (
        f"{request.source_asset} on {request.source_chain} → {request.destination_asset} on {request.destination_chain}"
    )
