"""Deposits and scans for the tests of the rules about them."""

from typing import Any

from baton.chains.deposits import Deposit, DepositState, Scan

SEEN, CONFIRMED, FINAL, GONE = DepositState.SEEN, DepositState.CONFIRMED, DepositState.FINAL, DepositState.GONE

USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"


def deposit(tx_id: str = "0xdeposit", **fields: Any) -> Deposit:
    """Return a deposit that fits the orders of `tests.orders.states`, with fields changed as given."""
    defaults = {
        "chain": "base",
        "address": "0xaddress1",
        "asset": USDC,
        "symbol": "USDC",
        "decimals": 6,
        "tx_id": tx_id,
        "index": "0",
        "amount": 100_000_000,
        "block_height": 10,
        "block_hash": "0xblock10",
        "confirmations": 1,
        "state": SEEN,
    }
    return Deposit(**{**defaults, **fields})


def in_block(height: int, tx_id: str = "0xdeposit", state: DepositState = SEEN, **fields: Any) -> Deposit:
    """Return a deposit in the block at a height."""
    return deposit(tx_id, block_height=height, block_hash=f"0xblock{height}", state=state, **fields)


def scan(*deposits: Deposit, head: int = 20, **fields: Any) -> Scan:
    """Return a scan that reached the head, with fields changed as given."""
    return Scan(list(deposits), "cursor", head=head)._replace(**fields)
