"""Scenarios of deposits: too small, too large, a second one, a replaced one.

A payer sends the amount of its deposit request, if that names one. Late money needs no scenario: pay after the quote's
expiry, or pay an order that stopped as unfulfilled.
"""

from baton.local.sandbox.scenarios.scenario import Scenario

DEPOSIT: tuple[Scenario, ...] = (
    Scenario(
        name="underpaid",
        description="The payer sends ten percent less than quoted; the order is recomputed from what arrived.",
        deposit_bps=9_000,
    ),
    Scenario(
        name="overpaid",
        description="The payer sends ten percent more than quoted; the order is recomputed from what arrived.",
        deposit_bps=11_000,
    ),
    Scenario(
        name="second_deposit_second_order",
        description="A second deposit to the same address becomes a second order of the same quote.",
        second_order=True,
    ),
    Scenario(
        name="rbf_replaced",
        description="A Bitcoin deposit is replaced; its order stops as unfulfilled and an event names the successor.",
        replaced="told",
    ),
    Scenario(
        name="rbf_replaced_silently",
        description="A Bitcoin deposit is replaced; its order stops and only a status read names the successor.",
        replaced="silently",
    ),
)
