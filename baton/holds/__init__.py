"""Holds: submits or approvals that an operator stopped, what waits behind them, and how they are released. Pure."""
