"""The sub-objects of an order's record, as far as `baton show` tells them; what cannot be read is left out. Pure.

Source: the partner API reference, sub-objects.
"""

from typing import Annotated

from pydantic import Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import Document, Text, Wire
from baton.orchestra.tolerant_fields import TolerantCount, optional, readable


class PlannedFee(Wire):
    """A fee that goes to the partner or an affiliate."""

    affiliate_id: Text = None
    recipient: Text = None
    fee_bps: TolerantCount = None


class FeePlan(Wire):
    """Who is to get a fee, and in which asset; the amounts of the payouts count its smallest units."""

    settlement_chain: Text = None
    settlement_asset: Text = None
    app_fees: Annotated[list[PlannedFee], readable(PlannedFee)] = Field(default=[])


class PriceLock(Wire):
    """The price that an order holds to. Amounts in smallest destination units."""

    mode: Text = None
    quoted_amount_out: TolerantAmount = None
    locked_min_amount_out: TolerantAmount = None
    slippage_bps: TolerantCount = None
    expires_at: TolerantTime = None


class Simulation(Wire):
    """What was foreseen of an exchange."""

    price_impact_pct: Text = None


class SwapLeg(Wire):
    """One exchange on the way. Amounts in smallest units of the assets named."""

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
    """Return the legs of a `swap` object; empty where it tells of none."""
    legs = _Swap.model_validate(swap or {}).legs or {}
    return [SwapLeg.model_validate(leg) for leg in legs.values() if isinstance(leg, dict)]
