"""How deep a block is on Bitcoin: what counts as confirmed, and what as final. Pure."""

from baton.chains.deposits import DepositState
from baton.chains.spec import ChainSpec

FINAL_AFTER = 6
"""Confirmations after which a block counts as final, unless the chain's configuration says otherwise."""


def final_after(spec: ChainSpec) -> int:
    """Return the confirmations, its own block included, after which a deposit is final."""
    return spec.final_after or FINAL_AFTER


def floor_at(head: int, spec: ChainSpec) -> int:
    """Return the lowest height that is not final while `head` is the newest block."""
    return max(head + 2 - final_after(spec), 0)


def state_of(spec: ChainSpec, confirmations: int) -> DepositState:
    """Return the state of a deposit with that many confirmations."""
    if confirmations >= final_after(spec):
        return DepositState.FINAL
    return DepositState.CONFIRMED if confirmations >= spec.confirmations else DepositState.SEEN
