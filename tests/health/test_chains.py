"""What the report of a chain's watch means: no watch, no worker, far behind, failing providers, a chain that stands."""

from datetime import timedelta
from typing import Any

import pytest

from baton.chains.provider_state import ProviderState
from baton.health.chains import WatchReading, chain_health, judge_chain
from baton.health.findings import CheckFinding, Level
from baton.orders.watch_messages import Watched
from tests.activities.chain_watch import SPEC
from tests.ledger.examples import NOON, minute

WELL = {"scanned_at": minute(-0.1), "caught_up_at": minute(-0.1), "head": 20, "head_at": minute(-0.2), "behind": 0}


def judged(addresses: int = 2, *, runs: bool = True, served: bool = True, **reported: Any) -> dict[str, CheckFinding]:
    """Return what is found about a chain, by the check; `reported` replaces what a healthy watch reports."""
    reading = WatchReading(runs, served, Watched(**{**WELL, **reported}))
    health = chain_health("base", addresses, reading, NOON)
    return {finding.check: finding for finding in judge_chain(health, SPEC, NOON)}


def complaints(**given: Any) -> dict[str, Level]:
    return {check: finding.level for check, finding in judged(**given).items() if finding.level is not Level.OK}


def test_a_watch_that_is_well_has_no_complaint() -> None:
    found = judged()

    assert complaints() == {}
    assert found["chain.watch"].message == "2 addresses wait for a deposit; scanned 6 s ago"


def test_addresses_without_a_watch_are_a_problem() -> None:
    assert complaints(runs=False, served=False) == {"chain.watch": Level.PROBLEM}


def test_addresses_without_a_worker_are_a_problem() -> None:
    finding = judged(served=False)["chain.watch"]

    assert finding.level is Level.PROBLEM
    assert "noticed only when the business or Orchestra reports them" in finding.effect
    assert "BATON_WATCH" in finding.remedy


def test_a_chain_without_addresses_needs_no_watch() -> None:
    assert complaints(addresses=0, runs=False, served=False, scanned_at=minute(-600)) == {}


def test_a_watch_that_is_far_behind_says_how_far() -> None:
    finding = judged(caught_up_at=minute(-9), behind=4_000)["chain.watch"]

    assert finding.level is Level.WARNING
    assert "4000 blocks behind" in finding.message


@pytest.mark.parametrize(("minutes", "level"), [(1, Level.WARNING), (3, Level.PROBLEM)])
def test_failing_providers_are_first_a_warning_then_a_problem(minutes: int, level: Level) -> None:
    finding = judged(failing_since=minute(-minutes), trouble="rpc.example: cannot be reached")["chain.provider"]

    assert finding.level is level
    assert "rpc.example: cannot be reached" in finding.message


def test_a_provider_that_rests_is_named() -> None:
    resting = ProviderState(name="one.example", resting_seconds=200, error="one.example: HTTP 500")
    finding = judged(providers=[resting, ProviderState(name="two.example")])["chain.provider"]

    assert finding.level is Level.WARNING
    assert finding.message == "one.example is not asked: one.example: HTTP 500"


def test_a_head_that_never_moves_is_a_chain_or_provider_that_stands() -> None:
    assert complaints(head_at=minute(-9)) == {}
    assert complaints(head_at=minute(-11)) == {"chain.head": Level.WARNING}


def test_a_chain_of_slow_blocks_may_stand_for_longer() -> None:
    bitcoin = SPEC.model_copy(update={"block_seconds": 600.0})
    reading = WatchReading(True, True, Watched(**{**WELL, "head_at": NOON - timedelta(minutes=90)}))
    health = chain_health("bitcoin", 1, reading, NOON)

    assert all(finding.level is Level.OK for finding in judge_chain(health, bitcoin, NOON))
