"""Every instrument of Baton: what worker and gateway count, and the figures that are read from the ledger at a scrape.

Names begin with `baton_` and end with their unit. Labels have a bounded number of values: never a reference, an order
id or an address. docs/metrics.md describes each instrument; a test holds that page to this file.
"""

from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

REGISTRY = CollectorRegistry()
"""The instruments of this process."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double the size of a scrape
ProcessCollector(registry=REGISTRY)

_SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LONG = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

BUILD = Gauge(
    "baton_build_info", "1; its labels name the process and its version.", ("process", "version"), registry=REGISTRY
)

SCRAPE_FAILURES = Counter(
    "baton_scrape_failures",
    "Parts of a scrape that could not be read: `ledger`, `temporal` or `sdk`.",
    ("part",),
    registry=REGISTRY,
)
LEDGER_ERRORS = Counter(
    "baton_ledger_errors", "Operations of the ledger that failed, by kind of failure.", ("kind",), registry=REGISTRY
)

STALE_SETTINGS = Gauge(
    "baton_stale_settings",
    "Settings whose file changed and cannot be used, so that this process keeps what it read before.",
    registry=REGISTRY,
)

WEBHOOKS = Counter(
    "baton_webhooks",
    "Webhooks that the gateway accepted, by what became of them.",
    ("account", "result"),
    registry=REGISTRY,
)
WEBHOOKS_REJECTED = Counter(
    "baton_webhooks_rejected",
    "Webhooks that got an error, by its code; `account` is empty where the account is unknown.",
    ("account", "cause"),
    registry=REGISTRY,
)
WEBHOOK_RESPONSE = Histogram(
    "baton_webhook_response_seconds",
    "Time from a webhook's arrival to its response, accepted or not.",
    buckets=_SHORT,
    registry=REGISTRY,
)
REFUSALS_LIMITED = Counter(
    "baton_refusals_limited",
    "Requests that got 429 in place of their refusal, because too many of their address were refused.",
    registry=REGISTRY,
)
WEBHOOKS_EXPECTED = Gauge(
    "baton_webhooks_expected",
    "1 for an account whose orders are tracked by webhooks, otherwise 0.",
    ("account",),
    registry=REGISTRY,
)
WEBHOOK_APPLIED = Histogram(
    "baton_webhook_applied_seconds",
    "Time from a webhook's arrival at the gateway until its order's workflow has it, by the clocks of both machines.",
    buckets=_LONG,
    registry=REGISTRY,
)

ORCHESTRA_CALLS = Counter(
    "baton_orchestra_calls",
    "Calls to Orchestra, by operation and result.",
    ("account", "operation", "result"),
    registry=REGISTRY,
)
ORCHESTRA_CALL = Histogram(
    "baton_orchestra_call_seconds",
    "Duration of calls to Orchestra; a call without an answer counts too.",
    ("operation",),
    buckets=_LONG,
    registry=REGISTRY,
)
READS = Counter(
    "baton_reads", "Calls that use the account's read budget at Orchestra.", ("account",), registry=REGISTRY
)
READS_ALLOWED = Gauge("baton_reads_allowed_per_second", "The account's read budget.", ("account",), registry=REGISTRY)

HOLD_SINCE = Gauge(
    "baton_hold_since_timestamp_seconds",
    "When the oldest hold of `submits` or `approvals` was placed; only while there is one.",
    ("kind",),
    registry=REGISTRY,
)
HOLDS = Gauge(
    "baton_holds",
    "Holds that an operator placed, of `submits` or `approvals`, as this worker sees them.",
    ("kind",),
    registry=REGISTRY,
)

PUBLISHER_WAITING = Gauge(
    "baton_publisher_waiting_orders", "Orders whose newest state is not in the ledger yet.", registry=REGISTRY
)
PUBLISHER_DROPPED = Counter(
    "baton_publisher_dropped",
    "States that were left to the sweep, because too many orders waited.",
    registry=REGISTRY,
)
PUBLISHER_FAILURES = Counter(
    "baton_publisher_failures", "States that could not be written to the ledger.", registry=REGISTRY
)

NOTIFICATION_ATTEMPTS = Counter(
    "baton_notification_attempts",
    "Attempts to notify an endpoint, by outcome.",
    ("endpoint", "outcome"),
    registry=REGISTRY,
)
NOTIFICATION = Histogram(
    "baton_notification_seconds",
    "Duration of attempts to notify an endpoint.",
    ("endpoint",),
    buckets=_LONG,
    registry=REGISTRY,
)

CHAIN_SCANS = Counter(
    "baton_chain_scans", "Scans of a chain for deposits: `ok` or `failed`.", ("chain", "result"), registry=REGISTRY
)
CHAIN_CAUGHT_UP = Gauge(
    "baton_chain_caught_up_timestamp_seconds",
    "When a scan last reached the chain's newest block; only while this worker watches the chain.",
    ("chain",),
    registry=REGISTRY,
)
CHAIN_BEHIND = Gauge(
    "baton_chain_behind_blocks",
    "How many blocks the last scan is behind the chain's newest one, while this worker watches the chain.",
    ("chain",),
    registry=REGISTRY,
)
CHAIN_ADDRESSES = Gauge(
    "baton_chain_watched_addresses",
    "Addresses that are watched, while this worker watches the chain.",
    ("chain",),
    registry=REGISTRY,
)


class LedgerInstrument(NamedTuple):
    """A figure that is read from the ledger at a scrape.

    Attributes:
        name: Its name; that of a counter ends with `_total`.
        text: What it says.
        labels: Its labels.
    """

    name: str
    text: str
    labels: tuple[str, ...]


ORDERS_OPEN = LedgerInstrument("baton_orders_open", "Open orders.", ("account", "phase", "status"))
ORDERS_UNCHANGED = LedgerInstrument(
    "baton_orders_unchanged_seconds",
    "How long ago the open order changed that has not changed for longest.",
    ("account", "phase", "status"),
)
ORDERS_PAST_DEADLINE = LedgerInstrument(
    "baton_orders_past_deadline",
    "Open orders that wait for something whose planned end has passed.",
    ("account", "phase"),
)
ORDERS_CLOSED = LedgerInstrument(
    "baton_orders_closed_total", "Orders that ended since this process started.", ("account", "outcome")
)
ORDER_EVENTS = LedgerInstrument(
    "baton_order_events_total", "Events of orders since this process started.", ("account", "type")
)
ATTENTION_OPEN = LedgerInstrument(
    "baton_attention_open", "Orders that need a person, open or ended, by reason.", ("account", "reason")
)
ATTENTION_OLDEST = LedgerInstrument(
    "baton_attention_oldest_seconds", "How long the longest of these has stood.", ("account", "reason")
)
ORDERS_HELD = LedgerInstrument("baton_orders_held", "Orders that wait behind a hold.", ("account",))
NOTIFICATIONS_WAITING = LedgerInstrument(
    "baton_notifications_waiting_orders", "Orders with events that an endpoint has not accepted.", ("endpoint",)
)
NOTIFICATIONS_OLDEST = LedgerInstrument(
    "baton_notifications_oldest_seconds", "Age of the oldest event that an endpoint has not accepted.", ("endpoint",)
)
ENDPOINTS_DISABLED = LedgerInstrument("baton_endpoints_disabled", "1 for an endpoint that is disabled.", ("endpoint",))

LEDGER_INSTRUMENTS = (
    *(ORDERS_OPEN, ORDERS_UNCHANGED, ORDERS_PAST_DEADLINE, ORDERS_CLOSED, ORDER_EVENTS),
    *(ATTENTION_OPEN, ATTENTION_OLDEST, ORDERS_HELD),
    *(NOTIFICATIONS_WAITING, NOTIFICATIONS_OLDEST, ENDPOINTS_DISABLED),
)
"""What `ledger_collector.py` reads."""
