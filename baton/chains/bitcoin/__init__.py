"""Deposits on Bitcoin, read over Esplora's HTTP API or from the operator's own bitcoind."""
