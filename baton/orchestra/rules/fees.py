"""Fee payouts of an order: they fill in over time, told by sights that come in any order. Pure.

Source: the partner API reference, sub-objects.
"""

from typing import Annotated, Any

from pydantic import Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import OrderRecord, Text, Wire
from baton.orchestra.tolerant_fields import TolerantCount, readable

Payouts = dict[str, Any]
"""The `feePayouts` object as it came: `version` and `entries`."""


class FeePayout(Wire):
    """One payout. Amounts in smallest units of the asset that the fee plan settles in."""

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


class _Told(Wire):
    entries: Annotated[list[FeePayout], readable(FeePayout)] = Field(default=[])


def read_payouts(record: OrderRecord) -> list[FeePayout]:
    """Return the payouts that the order's record tells of; empty where it tells of none."""
    return _Told.model_validate(record.fee_payouts or {}).entries


def merge_fee_payouts(held: Payouts | None, told: Payouts | None) -> Payouts | None:
    """Return what two sights of an order's payouts tell together.

    No entry is ever lost. Entries of one idempotency key are one payout: the newer sight's fields stand, and its empty
    ones erase nothing. Merging the same sight again changes nothing.

    Args:
        held: The older sight, or None.
        told: The newer sight, or None.
    """
    if held is None or told is None or held == told:
        return told if held is None else held
    return {**held, **told, "entries": _merged(_entries(held), _entries(told))}


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
