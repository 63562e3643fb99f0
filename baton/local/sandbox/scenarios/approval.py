"""Scenarios in which somebody has to decide: ZeroConf offers, holds by an operator, price questions.

ZeroConf is for exact-in deposits on Bitcoin that did not decline it; every other order plays the good way instead.
"""

from baton.local.sandbox.scenarios.scenario import MoveStep, Scenario, ZeroConf
from baton.local.sandbox.scenarios.steps import END, move
from baton.orchestra.lifecycle import Status

APPROVAL: tuple[Scenario, ...] = (
    Scenario(
        name="zeroconf_offer",
        description="A Bitcoin deposit gets a fair offer for five minutes; unanswered, it waits for a confirmation.",
        zeroconf=ZeroConf(),
    ),
    Scenario(
        name="zeroconf_accept_path",
        description="A Bitcoin deposit gets an offer that every sensible policy accepts; then it is swapped at once.",
        zeroconf=ZeroConf(probability=0.9999, fee_bps=5),
    ),
    Scenario(
        name="zeroconf_accepted_elsewhere",
        description="The offer is accepted by somebody else of the partner, a second after it was made.",
        zeroconf=ZeroConf(accepted_after=1.0),
    ),
    Scenario(
        name="zeroconf_poor_odds",
        description="A Bitcoin deposit gets an offer with a low chance of confirming and a high fee.",
        zeroconf=ZeroConf(probability=0.62, fee_bps=250),
    ),
    Scenario(
        name="zeroconf_without_probability",
        description="The offer tells no chance of confirming, as newer accounts get it.",
        zeroconf=ZeroConf(probability=None),
    ),
    Scenario(
        name="zeroconf_denied",
        description="The deposit's record says that an offer was denied; it waits for its confirmation.",
        zeroconf=ZeroConf(denied=True),
    ),
    Scenario(
        name="zeroconf_lapses",
        description="The offer is open for one second only; the order then waits for its confirmation.",
        zeroconf=ZeroConf(life=1.0),
    ),
    Scenario(
        name="zeroconf_confirmed_meanwhile",
        description="The deposit confirms a second after the offer, which nobody needs to answer any more.",
        zeroconf=ZeroConf(confirmed_after=1.0),
    ),
    Scenario(
        name="zeroconf_confirmed_at_decision",
        description="The deposit confirms the moment before the decision, which is refused as invalid_state.",
        zeroconf=ZeroConf(too_late="confirmed"),
    ),
    Scenario(
        name="zeroconf_expired_400",
        description="The offer runs out the moment before the decision, which is refused with 400 invalid_state.",
        zeroconf=ZeroConf(too_late="expired", generation="g2"),
    ),
    Scenario(
        name="zeroconf_expired_409",
        description="The offer runs out the moment before the decision, which is refused with 409 expired.",
        zeroconf=ZeroConf(too_late="expired", generation="g3"),
    ),
    Scenario(
        name="operator_hold",
        description="The order awaits approval without an offer, until an admin call moves it on.",
        steps=(move(Status.AWAITING_APPROVAL), MoveStep(status=Status.PROCESSING, by_hand=True), END),
    ),
    Scenario(
        name="operator_hold_released",
        description="The order awaits approval without an offer, is released after a second and completes.",
        steps=(move(Status.AWAITING_APPROVAL), move(Status.PROCESSING, after=1.0), END),
    ),
    Scenario(
        name="operator_hold_refunded",
        description="The order awaits approval without an offer, and the operator has it refunded.",
        steps=(move(Status.AWAITING_APPROVAL), move(Status.REFUNDING, after=1.0), move(Status.REFUNDED)),
    ),
    Scenario(
        name="reprice_pending",
        description="An older account's order asks for a new price at its swap and waits for the partner's answer.",
        reprice=True,
    ),
    Scenario(
        name="legacy_account",
        description="The order completes and its record carries the price lock of older accounts.",
        legacy=True,
    ),
    Scenario(
        name="legacy_expired",
        description="The order expires and, as for older accounts, a webhook tells.",
        steps=(move(Status.EXPIRED),),
        legacy=True,
    ),
)
