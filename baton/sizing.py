"""How much of everything a number of orders a day takes: actions, bytes, rows, CPU cores, processes. Pure.

What one order takes was measured: `baton/measured_figures.py` has the results. `docs/sizing.md` names the command of
each figure and says which of them depend on the machine.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from typing import Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

import baton.measured_figures as measured


class Life(NamedTuple):
    """What an order that is open for so long takes, with webhooks.

    Attributes:
        hours: How long it is open.
        events: Events of its history.
        history_bytes: Bytes of its history.
        actions: Billable actions of Temporal Cloud, each read among them.
        reads: Reads of its status at Orchestra.
    """

    hours: float
    events: float
    history_bytes: float
    actions: float
    reads: float


LIVES: Final = tuple(Life(*life) for life in measured.LIVES)
"""The lives that were measured; beyond a day an order grows as it does within it."""

NOTIFIED_ROWS: Final = measured.EVENTS + 1
"""Rows that an endpoint adds: one for each attempt, and one for how far it is."""

FEED_WRITES: Final = 5.5
"""Transactions of one order that write to the feed of events, as `make bench BENCH=soak` counts them."""

NOTIFIED_ACTIONS: Final = 2.0
"""Activities that send an order's events to an endpoint: one stays for two seconds after an event, and most orders have
their news at the beginning and at the end."""

WATCH_ACTIONS: Final = 24 * 3600 / 5
"""Actions a day of one watched chain: its heartbeats, one in five seconds (`WATCH_HEARTBEAT_INTERVAL`)."""

BUSY: Final = 0.6
"""Share of a core that a process should use at the peak, so that one can be restarted and lags stay as they are."""

WORKER_MB: Final = 150.0
OPEN_ORDER_MB: Final = 0.122
CACHED_ORDERS: Final = 3_000
"""Megabytes of a worker, and of each open order that it keeps in memory, and how many it keeps. Measured by `make bench
BENCH=open_orders`; the last is the default of `BATON_WORKFLOW_CACHE`."""

READS_PER_MINUTE: Final = 90.0
"""Read budget of an account by default. Orchestra allows 120 a minute for each IP address."""

MONTH_DAYS: Final = 30
_GB: Final = 1e9
_FEWEST: Final = 2
"""Workers, and gateways, below which a restart is an outage."""


class Workload(BaseModel):
    """What is to be run; the defaults are those of `baton size`."""

    model_config = ConfigDict(frozen=True)

    orders_per_day: int = Field(ge=1)
    open_hours: float = Field(default=1.0, gt=0, le=8_760)
    notifications: int = Field(default=1, ge=0)
    ledger_days: int = Field(default=400, ge=1)
    temporal_days: int = Field(default=30, ge=1)
    accounts: int = Field(default=1, ge=1)
    chains: int = Field(default=3, ge=0)
    peak: float = Field(default=4.0, ge=1)


class TemporalNeeds(BaseModel):
    """What Temporal gets: `peak` figures are of one second at the peak, bytes are gigabytes of histories."""

    actions_per_order: float
    actions_per_month: float
    peak_actions_per_second: float
    events_per_order: float
    open_gb: float
    retained_gb: float
    peak_cores: float


class LedgerNeeds(BaseModel):
    """What the ledger on PostgreSQL gets, with everything that it keeps."""

    rows: float
    gb: float
    peak_feed_writes_per_second: float
    peak_cores: float


class ProcessNeeds(BaseModel):
    """Baton's own processes at the peak."""

    workers: int
    worker_cores: float
    worker_mb: float
    gateways: int
    gateway_cores: float


class OrchestraNeeds(BaseModel):
    """What goes to and comes from Orchestra; `reads_per_minute` is what the planned pauses ask for."""

    peak_webhooks_per_second: float
    peak_calls_per_second: float
    reads_per_minute: float
    read_budget_per_minute: float
    read_share: float


class Sizing(BaseModel):
    """What a workload takes."""

    workload: Workload
    orders_per_second: float
    peak_orders_per_second: float
    open_orders: int
    peak_notifications_per_second: float
    temporal: TemporalNeeds
    ledger: LedgerNeeds
    processes: ProcessNeeds
    orchestra: OrchestraNeeds


def size(load: Workload) -> Sizing:
    """Return what a workload takes."""
    mean = load.orders_per_day / 86_400
    peak = mean * load.peak
    life = life_of(load.open_hours)
    return Sizing(
        workload=load,
        orders_per_second=mean,
        peak_orders_per_second=peak,
        open_orders=ceil(load.orders_per_day * load.open_hours / 24),
        peak_notifications_per_second=peak * measured.EVENTS * load.notifications,
        temporal=_temporal(load, peak, life),
        ledger=_ledger(load, peak),
        processes=_processes(load, peak),
        orchestra=_orchestra(load, peak, life),
    )


def life_of(hours: float) -> Life:
    """Return what an order takes that is open for so long: a straight line between the measured lives, and beyond."""
    if hours <= LIVES[0].hours:
        return LIVES[0]
    place = min(max(1, bisect_left([life.hours for life in LIVES], hours)), len(LIVES) - 1)
    before, after = list(pairwise(LIVES))[place - 1]
    share = (hours - before.hours) / (after.hours - before.hours)
    return Life(*(low + share * (high - low) for low, high in zip(before, after, strict=True)))


def reads_per_day(load: Workload, life: Life) -> float:
    """Return the reads that the accounts' budgets leave of those that the orders plan."""
    return min(load.orders_per_day * life.reads, load.accounts * READS_PER_MINUTE * 1_440)


def _temporal(load: Workload, peak: float, life: Life) -> TemporalNeeds:
    own = life.actions - life.reads + NOTIFIED_ACTIONS * load.notifications
    reads, watches = reads_per_day(load, life), load.chains * WATCH_ACTIONS
    a_day = load.orders_per_day * own + reads + watches
    return TemporalNeeds(
        actions_per_order=a_day / load.orders_per_day,
        actions_per_month=a_day * MONTH_DAYS,
        peak_actions_per_second=peak * own + (reads + watches) / 86_400,
        events_per_order=life.events,
        open_gb=load.orders_per_day * load.open_hours / 24 * life.history_bytes / _GB,
        retained_gb=load.orders_per_day * load.temporal_days * life.history_bytes / _GB,
        peak_cores=peak * (measured.TEMPORAL_MS + measured.NOTIFIED_TEMPORAL_MS * load.notifications) / 1_000,
    )


def _ledger(load: Workload, peak: float) -> LedgerNeeds:
    kept = load.orders_per_day * load.ledger_days
    return LedgerNeeds(
        rows=kept * (measured.LEDGER_ROWS + NOTIFIED_ROWS * load.notifications),
        gb=kept * (measured.LEDGER_BYTES + measured.NOTIFIED_BYTES * load.notifications) / _GB,
        peak_feed_writes_per_second=peak * FEED_WRITES,
        peak_cores=peak * (measured.DATABASE_MS + measured.NOTIFIED_DATABASE_MS * load.notifications) / 1_000,
    )


def _processes(load: Workload, peak: float) -> ProcessNeeds:
    worker_cores = peak * (measured.WORKER_MS + measured.NOTIFIED_WORKER_MS * load.notifications) / 1_000
    gateway_cores = peak * measured.GATEWAY_MS / 1_000
    workers = max(_FEWEST, ceil(worker_cores / BUSY))
    held = min(CACHED_ORDERS, ceil(load.orders_per_day * load.open_hours / 24 / workers))
    return ProcessNeeds(
        workers=workers,
        worker_cores=worker_cores,
        worker_mb=WORKER_MB + held * OPEN_ORDER_MB,
        gateways=max(_FEWEST, ceil(gateway_cores / BUSY)),
        gateway_cores=gateway_cores,
    )


def _orchestra(load: Workload, peak: float, life: Life) -> OrchestraNeeds:
    planned, budget = load.orders_per_day * life.reads / 1_440, load.accounts * READS_PER_MINUTE
    return OrchestraNeeds(
        peak_webhooks_per_second=peak * measured.WEBHOOKS,
        peak_calls_per_second=peak * measured.CALLS,
        reads_per_minute=planned,
        read_budget_per_minute=budget,
        read_share=min(1.0, budget / planned) if planned else 1.0,
    )


PRICES_OF: Final = "2026-11-29"
"""When the prices below were read."""


class Tier(NamedTuple):
    """A price of Temporal Cloud: dollars for a million actions, up to so many million a month."""

    through: float
    price: float


CLOUD_TIERS: Final[Sequence[Tier]] = (
    Tier(5, 50), Tier(10, 45), Tier(20, 40), Tier(50, 35), Tier(100, 30), Tier(200, 25),
)  # fmt: skip
"""Pay-as-you-go prices of the Business plan, from https://docs.temporal.io/cloud/pricing as read on that day. Above
the last one Temporal makes an offer."""

OPEN_GB_MONTH: Final = 0.042 * 744
RETAINED_GB_MONTH: Final = 0.00105 * 744
"""Dollars for a gigabyte of history through a month, open and retained, from the same page."""


def actions_bill(actions: float, price: float | None = None) -> float:
    """Return the dollars for actions of a month.

    Args:
        actions: How many.
        price: Dollars for a million of them; None for the list of `CLOUD_TIERS`, whose last price holds for the rest.
    """
    millions = actions / 1e6
    if price is not None:
        return millions * price
    bill, below = 0.0, 0.0
    for tier in CLOUD_TIERS:
        bill += max(0.0, min(millions, tier.through) - below) * tier.price
        below = tier.through
    return bill + max(0.0, millions - below) * CLOUD_TIERS[-1].price


class SizeDocument(BaseModel):
    """What `baton size --json` prints: what a workload takes, and what Temporal Cloud would bill for it in a month."""

    sizing: Sizing
    cloud_dollars_per_month: float
    prices_of: str = PRICES_OF

    @classmethod
    def of(cls, load: Workload, action_price: float | None = None) -> Self:
        """Return the document of a workload; the price is in dollars for a million actions, None for the list."""
        sizing = size(load)
        actions = actions_bill(sizing.temporal.actions_per_month, action_price)
        return cls(sizing=sizing, cloud_dollars_per_month=round(actions + storage_bill(sizing.temporal), 2))


def storage_bill(needs: TemporalNeeds) -> float:
    """Return the dollars for the histories through a month."""
    return needs.open_gb * OPEN_GB_MONTH + needs.retained_gb * RETAINED_GB_MONTH
