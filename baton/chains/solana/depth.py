"""How sure a transaction is on Solana: the provider's status decides, and the configured confirmations. Pure."""

from baton.chains.deposits import DepositState

CONFIRMED = "confirmed"
FINALIZED = "finalized"


def confirmations_of(slot: int, head: int) -> int:
    """Return the slots from a transaction's own to the newest, both included."""
    return max(head - slot + 1, 0)


def state_of(status: str | None, confirmations: int, required: int) -> DepositState:
    """Return the state of a deposit by its transaction's status and the confirmations that the chain requires."""
    if status == FINALIZED:
        return DepositState.FINAL
    is_deep = status == CONFIRMED and confirmations >= required
    return DepositState.CONFIRMED if is_deep else DepositState.SEEN
