"""Scenarios about deposits: too little, too much, a second one, a replaced one.

Payers who are told an amount send that. Late money needs no scenario: pay after the quote's expiry, or again to an
order that stopped as unfulfilled.
"""

from baton.local.sandbox.scenarios.scenario import Scenario

DEPOSIT: tuple[Scenario, ...] = (
    Scenario(
        name="underpaid",
        description="The payer sends ten percent less than the quote says; the order is recomputed from that.",
        deposit_bps=9_000,
    ),
    Scenario(
        name="overpaid",
        description="The payer sends ten percent more than the quote says; the order is recomputed from that.",
        deposit_bps=11_000,
    ),
    Scenario(
        name="second_deposit_second_order",
        description="A second deposit to the same address becomes a second order of the same quote.",
        second_order=True,
    ),
    Scenario(
        name="rbf_replaced",
        description="A Bitcoin deposit is replaced: its order stops as unfulfilled, and an event names the successor.",
        replaced="told",
    ),
    Scenario(
        name="rbf_replaced_silently",
        description="A Bitcoin deposit is replaced and its order stops; only a status read names the successor.",
        replaced="silently",
    ),
)
