"""Brings the ledger's figures into a scrape: read at most every 15 seconds, and left out while the ledger is down.

A figure that is old would look like one of now. So when the ledger does not answer there is none, and
`baton_scrape_failures_total` says so.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from temporalio.service import RPCError

from baton.ledger.errors import LedgerError
from baton.ledger.gauge_rows import LedgerGauges
from baton.ledger.ledger import Ledger
from baton.metrics import instruments
from baton.metrics.bounded_labels import event_label, outcome_label, reason_label, status_label
from baton.metrics.instruments import LedgerInstrument
from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger

CACHED = 15.0
"""Seconds for which what was read is shown again."""

PATIENCE = 3.0
"""Seconds that Temporal may take: without its answer a scrape must still show everything else in time."""

_log = RateLimitedLog(get_logger(__name__))
Sample = tuple[tuple[str, ...], float]
ReadEnded = Callable[[], Awaitable[Mapping[str, Sequence[str]]]]
"""Returns the ended orders that need a person, by their workflow ids, with the reasons; raises an `RPCError`."""


async def no_order() -> Mapping[str, Sequence[str]]:
    """Return no order."""
    return {}


class LedgerCollector(Collector):
    """The ledger's figures for one process.

    Args:
        ledger: An open ledger.
        ended: Reads which ended orders need a person: the ledger does not know it.
        cached: Seconds for which what was read is shown again.
    """

    def __init__(self, ledger: Ledger, ended: ReadEnded = no_order, cached: float = CACHED) -> None:
        self._ledger = ledger
        self._read_ended = ended
        self._cached = cached
        self._read_at = -cached
        self._newest: int | None = None
        self._events: Counter[tuple[str, str]] = Counter()
        self._closed: Counter[tuple[str, str]] = Counter()
        self._families: list[Any] = []
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the ledger unless what was read last is still shown; a ledger that is down leaves nothing to show."""
        async with self._reading:
            if time.monotonic() - self._read_at < self._cached:
                return
            try:
                await self._read()
            except LedgerError as error:
                _log.warning("the ledger's figures are missing in a scrape", reason=str(error))
                instruments.SCRAPE_FAILURES.labels("ledger").inc()
                self._families = []
            self._read_at = time.monotonic()

    def collect(self) -> Iterable[Any]:
        """Return what was read last."""
        return self._families

    async def _read(self) -> None:
        if self._newest is None:
            self._newest = await self._ledger.events.latest()
        now = datetime.now(UTC)
        ended = await self._ended()
        gauges = await self._ledger.gauges.read(now, self._newest, ended or {})
        self._count(gauges)
        self._families = [
            *_order_families(gauges, now),
            *(_attention_families(gauges, now) if ended is not None else ()),
            *_endpoint_families(gauges, now),
            _counter(instruments.ORDER_EVENTS, self._events),
            _counter(instruments.ORDERS_CLOSED, self._closed),
        ]

    async def _ended(self) -> Mapping[str, Sequence[str]] | None:
        """Return the ended orders that need a person; None if Temporal does not say, and all attention is left out."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._read_ended()
        except (RPCError, RuntimeError, TimeoutError) as error:  # a client that has never connected has no class for it
            _log.warning("the attention is missing in a scrape", reason=str(error) or "no answer in time")
            instruments.SCRAPE_FAILURES.labels("temporal").inc()
            return None

    def _count(self, gauges: LedgerGauges) -> None:
        for group in gauges.events:
            self._events[group.account, event_label(group.type)] += group.number
            if group.outcome is not None:
                self._closed[group.account, outcome_label(group.outcome)] += group.number
        self._newest = gauges.newest


def _order_families(gauges: LedgerGauges, now: datetime) -> Iterator[GaugeMetricFamily]:
    places = [((group.account, group.phase, status_label(group.status)), group) for group in gauges.open]
    yield _gauge(instruments.ORDERS_OPEN, ((labels, group.number) for labels, group in places), sum)
    ages = ((labels, _age(group.unchanged_since, now)) for labels, group in places)
    yield _gauge(instruments.ORDERS_UNCHANGED, ages, max)
    late = (((group.account, group.phase), group.number) for group in gauges.late)
    yield _gauge(instruments.ORDERS_PAST_DEADLINE, late, sum)
    yield _gauge(instruments.ORDERS_HELD, (((group.account,), group.number) for group in gauges.held), sum)


def _attention_families(gauges: LedgerGauges, now: datetime) -> Iterator[GaugeMetricFamily]:
    reasons = [((group.account, reason_label(group.reason)), group) for group in gauges.attention]
    yield _gauge(instruments.ATTENTION_OPEN, ((labels, group.number) for labels, group in reasons), sum)
    stood = ((labels, _age(group.since, now)) for labels, group in reasons if group.since)
    yield _gauge(instruments.ATTENTION_OLDEST, stood, max)


def _endpoint_families(gauges: LedgerGauges, now: datetime) -> Iterator[GaugeMetricFamily]:
    backlogs = gauges.backlogs
    yield _gauge(instruments.NOTIFICATIONS_WAITING, (((one.endpoint,), one.number) for one in backlogs), sum)
    oldest = (((one.endpoint,), _age(one.oldest, now)) for one in backlogs if one.oldest)
    yield _gauge(instruments.NOTIFICATIONS_OLDEST, oldest, max)
    yield _gauge(instruments.ENDPOINTS_DISABLED, (((name,), 1) for name in gauges.disabled), max)


def _gauge(
    instrument: LedgerInstrument, samples: Iterable[Sample], merge: Callable[[list[float]], float]
) -> GaugeMetricFamily:
    """Return a family; values with the same labels, such as those of unknown statuses, become one."""
    values: dict[tuple[str, ...], list[float]] = {}
    for labels, value in samples:
        values.setdefault(labels, []).append(value)
    family = GaugeMetricFamily(instrument.name, instrument.text, labels=instrument.labels)
    for labels, found in values.items():
        family.add_metric(labels, merge(found))
    return family


def _counter(instrument: LedgerInstrument, counts: Counter[tuple[str, str]]) -> CounterMetricFamily:
    family = CounterMetricFamily(instrument.name, instrument.text, labels=instrument.labels)
    for labels, count in counts.items():
        family.add_metric(labels, count)
    return family


def _age(since: datetime, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0)
