"""The shop's activities."""
