"""Deposits on chains with an EVM and Ethereum's JSON-RPC: tokens by their events, the chain's own coin by blocks."""
