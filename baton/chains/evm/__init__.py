"""Deposits on Ethereum and chains like it: tokens from event logs, the chain's own coin from blocks and balances."""
