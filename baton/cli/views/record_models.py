"""The sub-objects of an order's record that `baton show` prints; what cannot be read is left out. Pure.

Source: the partner API reference, sub-objects.
"""

from typing import Annotated

from pydantic import Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import Document, Text, Wire
from baton.orchestra.tolerant_fields import TolerantCount, optional, readable


class PlannedFee(Wire):
    """A fee for the partner or an affiliate."""

    affiliate_id: Text = None
    recipient: Text = None
    fee_bps: TolerantCount = None


class FeePlan(Wire):
    """Who gets a fee, and in which asset; the amounts of the payouts are in its smallest units."""

    settlement_chain: Text = None
    settlement_asset: Text = None
    app_fees: Annotated[list[PlannedFee], readable(PlannedFee)] = Field(default=[])


class PriceLock(Wire):
    """The price that is locked for an order. Amounts in smallest destination units."""

    mode: Text = None
    quoted_amount_out: TolerantAmount = None
    locked_min_amount_out: TolerantAmount = None
    slippage_bps: TolerantCount = None
    expires_at: TolerantTime = None


class Simulation(Wire):
    """The forecast for a swap leg."""

    price_impact_pct: Text = None


class SwapLeg(Wire):
    """One swap on the path. Amounts in smallest units of the assets named."""

    provider: Text = None
    asset_in_address: Text = None
    asset_out_address: Text = None
    amount_in: TolerantAmount = None
    amount_out: TolerantAmount = None
    expected_amount_out: TolerantAmount = None
    min_amount_out: TolerantAmount = None
    slippage_bps_used: TolerantCount = None
    simulation: Annotated[Simulation | None, optional(Simulation)] = None


class _Swap(Wire):
    legs: Document = None


def swap_legs(swap: Document) -> list[SwapLeg]:
    """Return the legs of a `swap` object; empty if it has none."""
    legs = _Swap.model_validate(swap or {}).legs or {}
    return [SwapLeg.model_validate(leg) for leg in legs.values() if isinstance(leg, dict)]
