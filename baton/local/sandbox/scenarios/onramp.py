"""Scenarios of onramps, whose orders exist before they are paid. A paid one, and any other order, goes the good way."""

from baton.local.sandbox.scenarios.scenario import Onramp, Scenario

ONRAMP: tuple[Scenario, ...] = (
    Scenario(
        name="onramp_unpaid_unfulfilled",
        description="An unpaid onramp ends as unfulfilled instead of expired; a payment within six hours resumes it.",
        onramp=Onramp(unpaid="unfulfilled"),
    ),
    Scenario(
        name="onramp_in_review",
        description="An onramp is answered with 202 paused and no invoice, then let go a second later.",
        onramp=Onramp(review="resumes"),
    ),
    Scenario(
        name="onramp_review_rejected",
        description="An onramp is answered with 202 paused and no invoice, then failed a second later.",
        onramp=Onramp(review="rejected"),
    ),
    Scenario(
        name="onramp_unknown_until_paid",
        description="An onramp's order is not found, and nothing is told of it, until its invoice is paid.",
        onramp=Onramp(hidden=True),
    ),
)
