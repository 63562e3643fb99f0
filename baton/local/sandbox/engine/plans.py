"""The moves that an order plans once its deposit is known. Pure.

An older account decides before a swap below its price; every other order that cannot be filled is refunded.
"""

from baton.local.sandbox.engine.script import after_swap, moves, script
from baton.local.sandbox.engine.settlement import Settlement
from baton.local.sandbox.engine.store import SandboxQuote
from baton.local.sandbox.engine.zeroconf import may_be_offered, offer_moves
from baton.local.sandbox.scenarios.scenario import SLIPPAGE, MoveStep
from baton.orchestra.lifecycle import Status

_REFUND = (MoveStep(status=Status.REFUNDING, fields=SLIPPAGE), MoveStep(status=Status.REFUNDED))
_REVIEW = (MoveStep(status=Status.PAUSED, fields={"reviewStatus": "pending_review"}),)


def plan_of(quote: SandboxQuote, amount: int, settlement: Settlement, *, review: bool) -> list[MoveStep]:
    """Return the moves of the order that a deposit starts.

    Args:
        quote: The quote that was paid.
        amount: Amount of the deposit, in smallest units of the source asset.
        settlement: The order's price for that deposit.
        review: Whether the evidence contradicts the chain, so that the order is held for review.
    """
    if review:
        return list(_REVIEW)
    if is_replaced(quote):
        return [MoveStep(status=Status.UNFULFILLED)]
    if settlement.must_refund:
        return reprice_moves(quote) if quote.scenario.reprice else list(_REFUND)
    if quote.scenario.zeroconf is not None and may_be_offered(quote, amount):
        return offer_moves(quote.scenario.zeroconf, quote.route.path)
    return reprice_moves(quote) if quote.scenario.reprice else script(quote.scenario.steps, quote.route.path)


def is_replaced(quote: SandboxQuote) -> bool:
    """Whether another transaction will replace the deposit, which happens on Bitcoin only."""
    return quote.scenario.replaced is not None and quote.chain == "bitcoin"


def reprice_moves(quote: SandboxQuote) -> list[MoveStep]:
    """Return the moves of an order that stops at its swap for a new price, and resumes once that is approved."""
    path = quote.route.path
    before = path[1 : path.index(Status.SWAPPING) + 1] if Status.SWAPPING in path else ()
    approved = MoveStep(status=Status.SWAPPING, by_hand=True)
    return [*moves(before), MoveStep(status=Status.AWAITING_APPROVAL), approved, *after_swap(path)]
