"""The text of a mail to Orchestra's support about one order: the ids first, then the state, then the question. Pure."""

from datetime import datetime

from baton.orders.answers import Snapshot

_NONE = "none"


def mail_about(order: Snapshot, made_at: datetime) -> str:
    """Return the mail's text; the first line is its subject."""
    name = order.order_id or order.quote_id or order.reference
    parts = [
        f"Subject: {name}: {_matter(order)}",
        "",
        f"Hello, please look at {name} ({_route(order)}).",
        "",
        *(f"{label:<22}{value}" for label, value in _facts(order)),
        "",
        *_open_questions(order),
        f"State as of {made_at:%Y-%m-%d %H:%M:%S} UTC; timeline and raw records are in the attached file.",
        "",
    ]
    return "\n".join(parts)


def _matter(order: Snapshot) -> str:
    if order.attentions:
        return ", ".join(attention.reason.replace("_", " ") for attention in order.attentions)
    return f"{order.outcome or order.status or order.phase}"


def _route(order: Snapshot) -> str:
    source = f"{order.source_asset} on {order.source_chain}"
    return f"{source} to {order.destination_asset} on {order.destination_chain}"


def _facts(order: Snapshot) -> list[tuple[str, str]]:
    amounts = order.amounts
    proof = ", ".join(f"{name} {value}" for name, value in (order.proof or {}).items())
    return [
        ("order id", order.order_id or _NONE),
        ("quote id", order.quote_id or _NONE),
        ("status", order.status or _NONE),
        ("deposit address", order.deposit_address or _NONE),
        ("deposit", proof or _NONE),
        ("amount quoted", _amount(amounts.in_)),
        ("amount received", _amount(amounts.received)),
        ("amount delivered", _amount(amounts.out)),
        ("delivery", order.delivery_tx or _NONE),
        ("refund", _refund(order)),
        ("recipient", order.recipient_address),
        ("placed", f"{order.opened_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("last change", f"{order.updated_at:%Y-%m-%d %H:%M:%S} UTC" if order.updated_at else _NONE),
    ]


def _amount(amount: object) -> str:
    if amount is None:
        return _NONE
    smallest, display = getattr(amount, "amount", None), getattr(amount, "display", None)
    asset = getattr(amount, "asset", "")
    return f"{display} {asset} ({smallest} smallest units)" if display else f"{smallest} smallest units of {asset}"


def _refund(order: Snapshot) -> str:
    if order.refund is None:
        return _NONE
    return ", ".join(f"{name} {value}" for name, value in order.refund.items())


def _open_questions(order: Snapshot) -> list[str]:
    lines = [f"- {attention.message} (since {attention.since:%Y-%m-%d %H:%M} UTC)" for attention in order.attentions]
    return ["What we see:", *lines, ""] if lines else []
