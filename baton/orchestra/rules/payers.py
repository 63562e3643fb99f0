"""Who may pay an onramp order, and how much: the limits of payment apps, and excluded regions. Pure.

A payment app limits what one payer can send within a rolling window. An order above the limit would be created and
shown, but never paid. The app sets the figures and may change them, so they are configuration. Source: the partner API
reference, onramp.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from baton.orchestra.models import Wire

PAYER_LIMIT_CENTS = 99_900
"""$999.00"""

PAYER_WINDOW = timedelta(days=7)

LONGEST_WINDOW = timedelta(days=31)
"""The ledger keeps payments for so long at least, however soon it deletes ended orders."""

EXCLUDED_REGIONS = ("US-NY-NYC",)
"""New York City, by the onramp's terms."""


class OnrampPolicy(Wire):
    """What an account allows payers of onramps.

    Attributes:
        payer_limit_cents: Most that one payer is asked for within the window, in US cents; None sets no limit. It
            applies to orders that name their payer.
        payer_window: How long a payment counts.
        excluded_regions: Regions that are not served.
        region_required: Whether an order that names no region is refused.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    payer_limit_cents: int | None = Field(default=PAYER_LIMIT_CENTS, ge=0)
    payer_window: timedelta = Field(default=PAYER_WINDOW, gt=timedelta(0), le=LONGEST_WINDOW)
    excluded_regions: tuple[str, ...] = EXCLUDED_REGIONS
    region_required: bool = False


class PayerLimitError(ValueError):
    """The payer cannot send that much now.

    Attributes:
        room_cents: US cents that the payer can still send.
        free_at: When the amount will fit, if nothing else is sent until then; None when it never fits.
    """

    def __init__(self, message: str, room_cents: int, free_at: datetime | None) -> None:
        super().__init__(message)
        self.room_cents = room_cents
        self.free_at = free_at


class Payment(NamedTuple):
    """An earlier payment, made or asked for: its time, and its US cents."""

    at: datetime
    cents: int


def room_cents(
    past: Iterable[Payment], now: datetime, limit_cents: int = PAYER_LIMIT_CENTS, window: timedelta = PAYER_WINDOW
) -> int:
    """Return how many US cents a payer can still send now; never below 0."""
    return max(0, limit_cents - sum(payment.cents for payment in past if payment.at > now - window))


def check_payer_limit(
    past: Iterable[Payment],
    cents: int,
    now: datetime,
    limit_cents: int = PAYER_LIMIT_CENTS,
    window: timedelta = PAYER_WINDOW,
) -> None:
    """Make sure that a payer can send that much now.

    Args:
        past: The payer's earlier payments, in any order.
        cents: What the payer is asked for now, in US cents.
        now: The present time.
        limit_cents: Most that may be sent within the window, in US cents.
        window: How long a payment counts.

    Raises:
        PayerLimitError: The payer cannot; the text has the figures, and when the amount will fit.
    """
    payments = list(past)
    room = room_cents(payments, now, limit_cents, window)
    if cents <= room:
        return
    free_at = _free_at(payments, cents, now, limit_cents, window)
    days = f"{window.total_seconds() / 86_400:g} days"
    figures = f"amount: {_dollars(cents)} is above what the payer's app can still send, {_dollars(room)}"
    remedy = f"it fits from {free_at:%Y-%m-%d %H:%M} UTC" if free_at else "split it among payers or lower it"
    raise PayerLimitError(f"{figures} of {_dollars(limit_cents)} in {days}; {remedy}", room, free_at)


def _free_at(
    payments: Sequence[Payment], cents: int, now: datetime, limit_cents: int, window: timedelta
) -> datetime | None:
    ends = sorted(payment.at + window for payment in payments if payment.at > now - window)
    return next((end for end in ends if cents <= room_cents(payments, end, limit_cents, window)), None)


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"


def is_excluded(region: str, excluded: Iterable[str]) -> bool:
    """Whether a region is excluded, or is part of an excluded one.

    Args:
        region: Its parts from large to small, such as `US-NY-NYC`; upper and lower case do not matter.
        excluded: Regions in the same spelling.
    """
    return any(_is_inside(region, other) for other in excluded)


def region_objection(region: str | None, excluded: Sequence[str], *, required: bool = False) -> str | None:
    """Return why a payer's region excludes an order, in one sentence with the remedy; None when it does not.

    A region that contains an excluded one is refused as too coarse.

    Args:
        region: The payer's region as the business knows it, or None.
        excluded: Regions that may not be served, such as `US-NY-NYC`.
        required: Whether a payer without a region is refused.
    """
    if not region:
        return "payerRegion: is missing; name the payer's region, such as US-CA" if required and excluded else None
    if is_excluded(region, excluded):
        return f"payerRegion: payers in {region} cannot be served; the onramp's terms exclude them"
    part = next((other for other in excluded if _is_inside(other, region)), None)
    return f"payerRegion: {region} is too coarse, since {part} in it is excluded; name the place" if part else None


def _is_inside(region: str, other: str) -> bool:
    small, large = _parts(region), _parts(other)
    return small[: len(large)] == large


def _parts(region: str) -> list[str]:
    return region.strip().upper().split("-")
