"""Scenarios in which somebody must decide: ZeroConf offers, holds by an operator, new prices.

ZeroConf applies to exact-in deposits on Bitcoin whose quote did not opt out; every other order follows the happy path.
"""

from baton.local.sandbox.scenarios.scenario import MoveStep, Scenario, ZeroConf
from baton.local.sandbox.scenarios.steps import END, move
from baton.orchestra.lifecycle import Status

APPROVAL: tuple[Scenario, ...] = (
    Scenario(
        name="zeroconf_offer",
        description="A Bitcoin deposit gets a fair offer for five minutes; unanswered, it waits for its confirmation.",
        zeroconf=ZeroConf(),
    ),
    Scenario(
        name="zeroconf_accept_path",
        description="A Bitcoin deposit gets an offer that every sensible policy accepts, and is then swapped at once.",
        zeroconf=ZeroConf(probability=0.9999, fee_bps=5),
    ),
    Scenario(
        name="zeroconf_accepted_elsewhere",
        description="Somebody else at the partner accepts the offer one second after it is made.",
        zeroconf=ZeroConf(accepted_after=1.0),
    ),
    Scenario(
        name="zeroconf_poor_odds",
        description="A Bitcoin deposit gets an offer with a low chance of confirming and a high fee.",
        zeroconf=ZeroConf(probability=0.62, fee_bps=250),
    ),
    Scenario(
        name="zeroconf_without_probability",
        description="The offer states no chance of confirming, as for newer accounts.",
        zeroconf=ZeroConf(probability=None),
    ),
    Scenario(
        name="zeroconf_denied",
        description="The order's record says that an offer was denied; the deposit waits for its confirmation.",
        zeroconf=ZeroConf(denied=True),
    ),
    Scenario(
        name="zeroconf_lapses",
        description="The offer expires after one second; the deposit then waits for its confirmation.",
        zeroconf=ZeroConf(life=1.0),
    ),
    Scenario(
        name="zeroconf_confirmed_meanwhile",
        description="The deposit confirms one second after the offer, which then needs no answer.",
        zeroconf=ZeroConf(confirmed_after=1.0),
    ),
    Scenario(
        name="zeroconf_confirmed_at_decision",
        description="The deposit confirms just before the decision, which is refused as invalid_state.",
        zeroconf=ZeroConf(too_late="confirmed"),
    ),
    Scenario(
        name="zeroconf_expired_400",
        description="The offer expires just before the decision, which is refused with 400 invalid_state.",
        zeroconf=ZeroConf(too_late="expired", generation="g2"),
    ),
    Scenario(
        name="zeroconf_expired_409",
        description="The offer expires just before the decision, which is refused with 409 expired.",
        zeroconf=ZeroConf(too_late="expired", generation="g3"),
    ),
    Scenario(
        name="operator_hold",
        description="The order awaits approval without an offer until an admin call moves it.",
        steps=(move(Status.AWAITING_APPROVAL), MoveStep(status=Status.PROCESSING, by_hand=True), END),
    ),
    Scenario(
        name="operator_hold_released",
        description="The order awaits approval without an offer, is released after one second and completes.",
        steps=(move(Status.AWAITING_APPROVAL), move(Status.PROCESSING, after=1.0), END),
    ),
    Scenario(
        name="operator_hold_refunded",
        description="The order awaits approval without an offer, and the operator refunds it.",
        steps=(move(Status.AWAITING_APPROVAL), move(Status.REFUNDING, after=1.0), move(Status.REFUNDED)),
    ),
    Scenario(
        name="reprice_pending",
        description="An older account's order stops at its swap and waits for the partner to decide on a new price.",
        reprice=True,
    ),
    Scenario(
        name="legacy_account",
        description="The order completes; its record carries the price lock of older accounts.",
        legacy=True,
    ),
    Scenario(
        name="legacy_expired",
        description="The order expires and, as for older accounts, sends a webhook about it.",
        steps=(move(Status.EXPIRED),),
        legacy=True,
    ),
)
