"""The figures of orders over a period, as the API and the operator page show them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel

from baton.gateway.short_memory import ShortMemory
from baton.ledger.figure_rows import DeliveryTimes, HourCount, OpenOrders
from baton.ledger.ledger import Ledger

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class FigurePeriod(StrEnum):
    """A period of figures, up to now."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


class _Buckets(NamedTuple):
    """How a period is divided: the length of a bucket, how many there are, and how long the figures are kept."""

    step: timedelta
    number: int
    kept_seconds: float


_BUCKETS = {
    FigurePeriod.DAY: _Buckets(_HOUR, 24, 5.0),
    FigurePeriod.WEEK: _Buckets(6 * _HOUR, 28, 15.0),
    FigurePeriod.MONTH: _Buckets(_DAY, 30, 60.0),
}


class RouteTimes(BaseModel):
    """How long the orders of a route took from the payment to the delivery, in seconds."""

    route: str
    source_chain: str | None = None
    source_asset: str | None = None
    destination_chain: str | None = None
    destination_asset: str | None = None
    orders: int
    p50_seconds: float
    p95_seconds: float

    @classmethod
    def of(cls, times: DeliveryTimes) -> "RouteTimes":
        """Return the times that the ledger counted."""
        return cls(
            route=str(times.route),
            **times.route._asdict(),
            orders=times.orders,
            p50_seconds=times.p50 / 1000,
            p95_seconds=times.p95 / 1000,
        )


class OpenStatus(BaseModel):
    """The open orders of a phase and a status, with the one that changed longest ago."""

    phase: str
    status: str | None = None
    orders: int
    oldest_account: str
    oldest_reference: str
    oldest_changed_at: datetime

    @classmethod
    def of(cls, found: OpenOrders) -> "OpenStatus":
        """Return the orders that the ledger counted."""
        _, account, reference = found.oldest.split("/", 2)
        return cls(
            phase=found.phase,
            status=found.status,
            orders=found.orders,
            oldest_account=account,
            oldest_reference=reference,
            oldest_changed_at=found.since,
        )


class FigureReport(BaseModel):
    """The figures of a period. Each list of counts has one for each bucket, the oldest first; the last is not over.

    Attributes:
        period: The period.
        at: When they were counted.
        starts: The beginning of each bucket.
        step_seconds: How long a bucket is.
        started: Orders that were placed.
        ended: Orders that ended, by outcome.
        raised: How often attention was raised, by reason.
        delivery_times: How long orders took to be delivered, by route, of those that ended in the period.
        open: Open orders now, by phase and status.
        attention: Orders that need a person now, by reason.
    """

    period: FigurePeriod
    at: datetime
    starts: list[datetime]
    step_seconds: int
    started: list[int]
    ended: dict[str, list[int]]
    raised: dict[str, list[int]]
    delivery_times: list[RouteTimes]
    open: list[OpenStatus]
    attention: dict[str, int]


class FigureReader:
    """Reads figures, and keeps them for some seconds.

    Args:
        ledger: An open ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: ShortMemory[tuple[FigurePeriod, tuple[str, ...] | None], FigureReport] = ShortMemory()

    async def read(
        self, period: FigurePeriod, accounts: Sequence[str] | None, attended: Collection[str] = ()
    ) -> FigureReport:
        """Return the figures of a period.

        Args:
            period: The period, up to now.
            accounts: The partner accounts that count; None for all.
            attended: The ended orders that need a person now.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        question = (period, None if accounts is None else tuple(sorted(accounts)))
        kept = _BUCKETS[period].kept_seconds
        return await self._kept.get(question, kept, lambda: self._count(period, accounts, attended))

    async def _count(
        self, period: FigurePeriod, accounts: Sequence[str] | None, attended: Collection[str]
    ) -> FigureReport:
        now, buckets, figures = datetime.now(UTC), _BUCKETS[period], self._ledger.figures
        starts = starts_of(now, buckets.step, buckets.number)
        since = starts[0]
        started = by_name(await figures.started(since, now, accounts), starts, buckets.step)
        return FigureReport(
            period=period,
            at=now,
            starts=starts,
            step_seconds=int(buckets.step.total_seconds()),
            started=started.get("", [0] * len(starts)),
            ended=by_name(await figures.ended(since, now, accounts), starts, buckets.step),
            raised=by_name(await figures.raised(since, now, accounts), starts, buckets.step),
            delivery_times=list(map(RouteTimes.of, await figures.delivery_times(since, now, accounts))),
            open=list(map(OpenStatus.of, await figures.open_now(accounts))),
            attention=await figures.attention(accounts, attended),
        )


def starts_of(now: datetime, step: timedelta, number: int) -> list[datetime]:
    """Return the beginnings of the last buckets in UTC; the last one is the bucket of now."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = midnight + (now - midnight) // step * step
    return [last - step * place for place in reversed(range(number))]


def by_name(hours: Iterable[HourCount], starts: Sequence[datetime], step: timedelta) -> dict[str, list[int]]:
    """Return the counts of hours as counts of buckets, by name; the name of none is empty."""
    counted: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(starts))
    for hour in hours:
        place = (hour.hour - starts[0]) // step
        if 0 <= place < len(starts):
            counted[hour.name or ""][place] += hour.number
    return dict(counted)
