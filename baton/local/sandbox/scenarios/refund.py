"""Scenarios of refunds: one for each cause of a refund, and one for each way in which it can go wrong.

Exact-out deposits outside their bounds and late deposits beyond the slippage bound are refunded without a scenario.
"""

from typing import Any

from baton.local.sandbox.scenarios.scenario import SLIPPAGE, FollowStep, Scenario
from baton.local.sandbox.scenarios.steps import TO_SWAP, move
from baton.orchestra.lifecycle import Status

_TARGET_UNMET: dict[str, Any] = {
    "errorCode": "target_unmet",
    "errorMessage": "The exact-out target cannot be delivered from what was received",
}
_STALE: dict[str, Any] = {
    "errorCode": "slippage_exceeded",
    "errorMessage": "The deposit came after the quote's expiry and the live rate is past its slippage tolerance",
}
_UNDELIVERED: dict[str, Any] = {
    "errorCode": "delivery_failed",
    "errorMessage": "The destination did not accept the delivery",
}

REFUND: tuple[Scenario, ...] = (
    Scenario(
        name="refund_slippage",
        description="The market moves past the slippage bound before the swap and the payer is refunded.",
        steps=(TO_SWAP, move(Status.REFUNDING, **SLIPPAGE), move(Status.REFUNDED)),
    ),
    Scenario(
        name="refund_exact_out",
        description="The exact-out target cannot be met and the payer is refunded.",
        steps=(move(Status.REFUNDING, **_TARGET_UNMET), move(Status.REFUNDED, **_TARGET_UNMET)),
    ),
    Scenario(
        name="refund_stale_quote",
        description="The deposit arrives after the quote expired and the price moved too far, and is refunded.",
        steps=(move(Status.REFUNDING, **_STALE), move(Status.REFUNDED, **_STALE)),
    ),
    Scenario(
        name="refund_short",
        description="The refund is one percent smaller than the deposit.",
        steps=(TO_SWAP, move(Status.REFUNDING, **SLIPPAGE), move(Status.REFUNDED)),
        refund_bps=9_900,
    ),
    Scenario(
        name="refund_without_tx",
        description="The order ends refunded, but its record never shows the refund's transaction.",
        steps=(TO_SWAP, move(Status.REFUNDING, **SLIPPAGE), move(Status.REFUNDED, refundTxHash=None)),
    ),
    Scenario(
        name="refund_never_ends",
        description="The refund begins and never completes by itself; an admin call can complete it.",
        steps=(TO_SWAP, move(Status.REFUNDING, **SLIPPAGE)),
    ),
    Scenario(
        name="refund_from_delivering",
        description="The destination refuses the delivery and the payer is refunded.",
        steps=(
            FollowStep(follow=Status.DELIVERING),
            move(Status.REFUNDING, **_UNDELIVERED),
            move(Status.REFUNDED, **_UNDELIVERED),
        ),
    ),
    Scenario(
        name="refund_at_once",
        description="The order goes straight to refunded, without refunding before it.",
        steps=(move(Status.REFUNDED),),
    ),
    Scenario(
        name="refund_paused",
        description="The refund is held for review, shown as processing, then resumes and completes.",
        steps=(
            TO_SWAP,
            move(Status.REFUNDING, **SLIPPAGE),
            move(Status.PAUSED),
            move(Status.PROCESSING, after=1.0),
            move(Status.REFUNDING),
            move(Status.REFUNDED),
        ),
    ),
    Scenario(
        name="refund_paused_then_failed",
        description="The refund is held for review, shown as processing, then the order fails.",
        steps=(
            TO_SWAP,
            move(Status.REFUNDING, **SLIPPAGE),
            move(Status.PAUSED),
            move(Status.FAILED, after=1.0, errorCode="provider_review", errorMessage="Rejected in review"),
        ),
    ),
)
