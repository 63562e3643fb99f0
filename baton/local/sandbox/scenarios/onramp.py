"""Scenarios of onramps, whose orders exist before they are paid.

Once paid, an onramp's order follows the happy path. So does any other order with one of these scenarios.
"""

from baton.local.sandbox.scenarios.scenario import Onramp, Scenario

ONRAMP: tuple[Scenario, ...] = (
    Scenario(
        name="onramp_unpaid_unfulfilled",
        description="An unpaid onramp ends as unfulfilled, not expired; a payment within six hours resumes it.",
        onramp=Onramp(unpaid="unfulfilled"),
    ),
    Scenario(
        name="onramp_in_review",
        description="An onramp is answered with 202 paused and no invoice, and released one second later.",
        onramp=Onramp(review="resumes"),
    ),
    Scenario(
        name="onramp_review_rejected",
        description="An onramp is answered with 202 paused and no invoice, and fails one second later.",
        onramp=Onramp(review="rejected"),
    ),
    Scenario(
        name="onramp_unknown_until_paid",
        description="An onramp's order cannot be read and sends no webhooks until its invoice is paid.",
        onramp=Onramp(hidden=True),
    ),
)
