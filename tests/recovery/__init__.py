"""The rebuild of a lost ledger, and the sweep of its rows."""
