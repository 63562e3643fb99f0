"""The built-in scenarios: scripts that an order in the sandbox can follow."""

from baton.local.sandbox.scenarios.approval import APPROVAL
from baton.local.sandbox.scenarios.deposit import DEPOSIT
from baton.local.sandbox.scenarios.edges import EDGE_SCENARIOS
from baton.local.sandbox.scenarios.onramp import ONRAMP
from baton.local.sandbox.scenarios.plain import PLAIN
from baton.local.sandbox.scenarios.refund import REFUND
from baton.local.sandbox.scenarios.scenario import FollowStep, MoveStep, Scenario, ZeroConf
from baton.local.sandbox.scenarios.surprises import SURPRISES

__all__ = ["BUILT_IN", "FollowStep", "MoveStep", "Scenario", "ZeroConf", "list_scenarios"]

BUILT_IN: tuple[Scenario, ...] = (*PLAIN, *APPROVAL, *REFUND, *DEPOSIT, *ONRAMP, *SURPRISES, *EDGE_SCENARIOS)
"""The scenarios of every sandbox; a scenario file adds more."""


def list_scenarios() -> list[Scenario]:
    """Return the built-in scenarios."""
    return list(BUILT_IN)
