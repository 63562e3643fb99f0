"""Readers of deposits, one per chain family: what came to the addresses that open orders gave to their payers."""
