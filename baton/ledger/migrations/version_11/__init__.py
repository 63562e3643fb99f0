"""The tables of schema version 11, as the first migration makes them. They never change."""

from baton.ledger.migrations.version_11 import chains, feed, figures, operations, orders
from baton.ledger.migrations.version_11.columns import metadata as metadata

__all__ = ["chains", "feed", "figures", "metadata", "operations", "orders"]
