"""Deposits on Solana: SOL to an address, tokens to the accounts that hold them for it."""
