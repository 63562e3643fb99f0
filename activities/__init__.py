"""Activities: what workflows do outside Temporal, such as calls to Orchestra, to chains and to the ledger."""
