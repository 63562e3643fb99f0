"""Everyday scenarios: the happy path, failures, expiry, pauses, and webhooks that do not arrive."""

from baton.local.sandbox.scenarios.faults import WebhookFaultSpec
from baton.local.sandbox.scenarios.scenario import SLIPPAGE, FollowStep, Scenario
from baton.local.sandbox.scenarios.steps import END, TO_SWAP, move
from baton.orchestra.lifecycle import Status

PLAIN: tuple[Scenario, ...] = (
    Scenario(name="happy", description="The order follows the happy path of its route and completes."),
    Scenario(
        name="failed_slippage",
        description="The pool moves past the slippage bound at the swap and the order fails.",
        steps=(TO_SWAP, move(Status.FAILED, **SLIPPAGE)),
    ),
    Scenario(
        name="refunded",
        description="The pool moves past the slippage bound at the swap and the payer is refunded.",
        steps=(TO_SWAP, move(Status.REFUNDING, **SLIPPAGE), move(Status.REFUNDED)),
    ),
    Scenario(
        name="refund_failed",
        description="A refund is due, but no refund address is known and the order fails.",
        steps=(
            TO_SWAP,
            move(Status.REFUNDING, **SLIPPAGE),
            move(Status.FAILED, errorCode="refund_address_missing", errorMessage="No refund address is known"),
        ),
    ),
    Scenario(
        name="unfulfilled",
        description="The deposit does not arrive in time and the order stops, resumable.",
        steps=(move(Status.UNFULFILLED),),
    ),
    Scenario(
        name="unfulfilled_then_late",
        description="The order stops as unfulfilled; the late deposit resumes it and it completes.",
        steps=(move(Status.UNFULFILLED), FollowStep(follow="end", after=1.0)),
    ),
    Scenario(
        name="expired",
        description="The order expires without a webhook; only a status read shows it.",
        steps=(move(Status.EXPIRED),),
    ),
    Scenario(
        name="paused_then_resumes",
        description="The order is held for review, shown as processing, then resumes and completes.",
        steps=(move(Status.PAUSED), move(Status.PROCESSING, after=1.0), END),
    ),
    Scenario(
        name="paused_midway",
        description="The order is held for review midway, shown as processing again, then completes.",
        steps=(
            TO_SWAP,
            move(Status.PAUSED),
            move(Status.PROCESSING, after=1.0),
            END,
        ),
    ),
    Scenario(
        name="paused_then_failed",
        description="The order is held for review, shown as processing, then fails.",
        steps=(
            move(Status.PAUSED),
            move(Status.FAILED, after=1.0, errorCode="provider_review", errorMessage="Rejected in review"),
        ),
    ),
    Scenario(
        name="stepped",
        description="The order moves only when POST /sandbox/orders/{id}/advance moves it.",
        stepped=True,
    ),
    Scenario(
        name="detected_without_submit",
        description="Orchestra sees the deposit by itself and makes the order without a submit.",
        detect_after=0.5,
    ),
    Scenario(
        name="no_webhooks",
        description="The order completes, but none of its webhooks is sent.",
        webhooks=(WebhookFaultSpec(kind="drop"),),
    ),
    Scenario(
        name="webhooks_twice",
        description="The order completes and each of its webhooks is sent twice.",
        webhooks=(WebhookFaultSpec(kind="duplicate"),),
    ),
)
