"""One order as book-keeping needs it: what came in, what went out, what it cost, and by which transactions. Pure."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from baton.orders.answers import Snapshot

_AMOUNTS = ("received", "out", "fee", "refund")


class BookEntry(BaseModel):
    """One row of the table; amounts in smallest units, and beside them in whole units where the decimals are known."""

    model_config = ConfigDict(frozen=True)

    account: str
    reference: str
    kind: str
    source: str | None
    placed_at: datetime
    closed_at: datetime | None
    phase: str
    status: str | None
    outcome: str | None
    order_id: str | None
    quote_id: str | None
    source_chain: str
    source_asset: str
    destination_chain: str
    destination_asset: str
    received: str | None = None
    received_units: str | None = None
    out: str | None = None
    out_units: str | None = None
    fee: str | None = None
    fee_units: str | None = None
    fee_asset: str | None = None
    refund: str | None = None
    refund_units: str | None = None
    refund_asset: str | None = None
    deposit_tx: str | None = None
    destination_tx: str | None = None
    refund_tx: str | None = None
    recipient_address: str | None = None


_SHARED = set(BookEntry.model_fields) & set(Snapshot.model_fields) - {"source", "received", "refund", "fee_asset"}


def book_entry(order: Snapshot) -> BookEntry:
    """Return the row of an order."""
    return BookEntry(
        **order.model_dump(include=_SHARED),
        source=order.source.name if order.source else None,
        placed_at=order.opened_at,
        **_amounts(order),
        deposit_tx=order.proof_tx or _receive_request(order),
        destination_tx=order.delivery_tx,
        refund_tx=(order.refund or {}).get("tx_hash"),
    )


def _amounts(order: Snapshot) -> dict[str, Any]:
    found = {name: getattr(order.amounts, name) for name in _AMOUNTS}
    smallest = {name: str(amount.amount) for name, amount in found.items() if amount}
    units = {f"{name}_units": amount.display for name, amount in found.items() if amount}
    assets = {f"{name}_asset": amount.asset for name, amount in found.items() if amount and name in ("fee", "refund")}
    return {**smallest, **units, **assets}


def _receive_request(order: Snapshot) -> str | None:
    """Return what names a Lightning payment, which has no transaction."""
    return (order.proof or {}).get("lightningReceiveRequestId")
