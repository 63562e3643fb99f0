"""The decisions about an order as pure functions, tested without Temporal."""
