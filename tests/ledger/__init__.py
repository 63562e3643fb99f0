"""Tests of the ledger, on both engines."""
