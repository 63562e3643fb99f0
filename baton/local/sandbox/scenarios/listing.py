"""A scenario as lists show it: which orders play it, and how often their payer pays. Pure.

Neither is data of a scenario: both follow from its conditions, so those of a file have them too.
"""

from typing import Any, Literal

from baton.local.sandbox.scenarios.scenario import Onramp, Scenario

Stage = Literal["any", "bitcoin", "onramp", "address"]
Payments = Literal[0, 1, 2]


def stage_of(scenario: Scenario) -> Stage:
    """Return which orders play a scenario: any, those paid on Bitcoin, onramps, or deposits to reusable addresses.

    All other orders follow its steps, which usually is the happy path.
    """
    if scenario.held is not None:
        return "address"
    if scenario.zeroconf is not None or scenario.replaced is not None:
        return "bitcoin"
    return "any" if scenario.onramp == Onramp() else "onramp"


def payments_of(scenario: Scenario) -> Payments:
    """Return how often a payer pays who plays the scenario."""
    if scenario.onramp.unpaid == "unfulfilled" or scenario.onramp.review == "rejected":
        return 0
    return 2 if scenario.second_order else 1


def scenario_line(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario in short."""
    return {
        "name": scenario.name,
        "description": scenario.description,
        "orders": stage_of(scenario),
        "payments": payments_of(scenario),
        "detected": scenario.detect_after is not None,
    }


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """Return the whole scenario with what its short form has."""
    return scenario.model_dump(mode="json") | scenario_line(scenario)
