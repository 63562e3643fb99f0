"""Makes the ledger agree with Temporal: a rebuild after its loss, and a sweep that mends single rows."""
