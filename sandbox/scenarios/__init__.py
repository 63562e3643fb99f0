"""The built-in scenarios: what an order in the sandbox can go through without a file."""

from sandbox.edges import EDGE_SCENARIOS
from sandbox.scenario import FollowStep, MoveStep, Scenario, ZeroConf
from sandbox.scenarios.approval import APPROVAL
from sandbox.scenarios.deposit import DEPOSIT
from sandbox.scenarios.onramp import ONRAMP
from sandbox.scenarios.plain import PLAIN
from sandbox.scenarios.refund import REFUND
from sandbox.scenarios.surprises import SURPRISES

__all__ = ["BUILT_IN", "FollowStep", "MoveStep", "Scenario", "ZeroConf", "list_scenarios"]

BUILT_IN: tuple[Scenario, ...] = (*PLAIN, *APPROVAL, *REFUND, *DEPOSIT, *ONRAMP, *SURPRISES, *EDGE_SCENARIOS)
"""The scenarios that need no file."""


def list_scenarios() -> list[Scenario]:
    """Return the built-in scenarios."""
    return list(BUILT_IN)
