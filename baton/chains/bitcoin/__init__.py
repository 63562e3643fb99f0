"""Deposits on Bitcoin, read over Esplora HTTP or from a bitcoind of one's own."""
