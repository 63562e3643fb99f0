"""What one order takes, as it was measured: written by `make docs` from docs/results, not by hand."""

from typing import Final

LIVES: Final = (
    (1 / 60, 26, 15_334, 11, 0),
    (1, 64, 20_552, 48, 28),
    (24, 77, 23_144, 536, 511),
)
"""Hours that an order is open; then its events, bytes of history, billable actions and reads, with webhooks.

Measured by `make bench BENCH=growth`.
"""

WORKER_MS: Final = 59.6
GATEWAY_MS: Final = 17.7
TEMPORAL_MS: Final = 66.7
DATABASE_MS: Final = 28.7
"""CPU milliseconds of one order, its ledger on PostgreSQL. Measured by `make bench BENCH=sizing`."""

NOTIFIED_WORKER_MS: Final = 37.7
NOTIFIED_TEMPORAL_MS: Final = 28.7
NOTIFIED_DATABASE_MS: Final = 16.1
"""CPU milliseconds that each endpoint of the order adds. Measured by the same run."""

LEDGER_ROWS: Final = 23.4
LEDGER_BYTES: Final = 45_397
NOTIFIED_BYTES: Final = 3_072.0
"""Rows and bytes of one order in the ledger with indexes and replaced rows; bytes for each endpoint."""

WEBHOOKS: Final = 5.2
EVENTS: Final = 7.2
CALLS: Final = 1.9
"""Webhooks that arrive for one order, events of its feed, and calls of Orchestra."""
