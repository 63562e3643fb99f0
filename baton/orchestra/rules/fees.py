"""Fee payouts of an order. They become complete over time, from observations in any order. Pure.

Source: the partner API reference, sub-objects.
"""

from typing import Annotated, Any

from pydantic import Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import OrderRecord, Text, Wire
from baton.orchestra.tolerant_fields import TolerantCount, readable

Payouts = dict[str, Any]
"""The `feePayouts` object as received: `version` and `entries`."""


class FeePayout(Wire):
    """One payout. Amounts in smallest units of the fee plan's settlement asset."""

    idempotency_key: Text = None
    leg: Text = None
    chain: Text = None
    role: Text = None
    affiliate_id: Text = None
    recipient: Text = None
    fee_bps: TolerantCount = None
    amount: TolerantAmount = None
    platform_cut_amount: TolerantAmount = None
    recipient_amount: TolerantAmount = None
    tx_hash: Text = None
    recorded_at: TolerantTime = None


class _Payouts(Wire):
    entries: Annotated[list[FeePayout], readable(FeePayout)] = Field(default=[])


def read_payouts(record: OrderRecord) -> list[FeePayout]:
    """Return the payouts in the order's record; empty where it has none."""
    return payouts_in(record.fee_payouts)


def payouts_in(fee_payouts: Payouts | None) -> list[FeePayout]:
    """Return the payouts of the object as received; empty where there is none."""
    return _Payouts.model_validate(fee_payouts or {}).entries


def merge_fee_payouts(older: Payouts | None, newer: Payouts | None) -> Payouts | None:
    """Return the payouts of two observations of one order.

    No entry is ever lost. Entries with the same idempotency key are one payout: the newer fields replace the older
    ones, but an empty field replaces nothing. Merging the same observation twice changes nothing.

    Args:
        older: Payouts of the older observation, or None.
        newer: Payouts of the newer observation, or None.
    """
    if older is None or newer is None or older == newer:
        return newer if older is None else older
    return {**older, **newer, "entries": _merged(_entries(older), _entries(newer))}


def _entries(payouts: Payouts) -> list[Payouts]:
    entries = payouts.get("entries")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _key(entry: Payouts) -> str | None:
    key = entry.get("idempotencyKey")
    return key if isinstance(key, str) and key else None


def _merged(older: list[Payouts], newer: list[Payouts]) -> list[Payouts]:
    merged: list[Payouts] = []
    places: dict[str, int] = {}
    for entry in [*older, *newer]:
        key = _key(entry)
        if key in places:
            merged[places[key]] |= {name: value for name, value in entry.items() if value is not None}
        elif key or entry not in merged:
            if key:
                places[key] = len(merged)
            merged.append(dict(entry))
    return merged
