"""The watch benchmark: it runs, and it objects if watching costs too much."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from baton.chains.catalogue import load_chains
from baton.local.nodes.anvil import running_anvil
from baton.local.nodes.bitcoind import running_bitcoind
from bench.support.poll_process import PollFigures
from bench.support.subjects import Subject
from bench.support.watch_measurement import WatchCost, objections
from bench.watch_cost import WatchBenchOptions, measure
from tests.local.nodes.node_or_skip import node_or_skip
from tests.paths import ROOT

BYTES_OF_AN_ADDRESS = 1_000
"""Most bytes of a scan for one address: in a log query, and where ETH is watched in a call for its balance."""

ON_ANVIL = {Subject.BASE, Subject.OPTIMISM, Subject.TRON, Subject.LEDGER}


@pytest.fixture(scope="module")
async def anvil() -> None:
    """Skip a test if anvil is not installed, unless it is required."""
    async with node_or_skip(running_anvil()):
        return


def cost(
    addresses: int, calls: int, *, subject: Subject = Subject.OPTIMISM, cpu: float = 0.1, reported: int = 1
) -> WatchCost:
    poll = PollFigures(calls=calls, seconds=cpu, cpu_seconds=cpu)
    spec = load_chains()[subject]
    return WatchCost(subject, spec, addresses, poll, [poll], poll.model_copy(update={"deposits": reported}), 1, 0)


def check_run(*options: str, numbers: Iterable[int], subjects: Iterable[Subject] = Subject) -> None:
    """Run the command; it has measured these numbers of addresses on each of the chains whose node is installed."""
    command = [sys.executable, "bench/watch_cost.py", *options, "--looks", "1", "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=220, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    records = [json.loads(line) for line in run.stdout.splitlines()]
    measured = {(record["subject"], record["addresses"]) for record in records if record["measure"] == "watch_cost"}
    left_out = {record["subject"]: record["why"] for record in records if record["measure"] == "left_out"}
    for subject in subjects:
        assert subject in left_out or {(subject, number) for number in numbers} <= measured
    assert not ON_ANVIL & left_out.keys()
    assert all("not installed" in why for name, why in left_out.items() if name != "spark")


@pytest.mark.nodes
@pytest.mark.timeout(240)
@pytest.mark.usefixtures("anvil")
def test_a_short_run_measures_every_chain_whose_node_is_installed() -> None:
    check_run("--addresses", "10", numbers=(10,))


@pytest.mark.nodes
@pytest.mark.usefixtures("anvil")
async def test_addresses_of_another_batch_cost_only_whole_batches_more() -> None:
    # One more than a log query has at most, which is one more than two calls for balances have.
    results = await measure(WatchBenchOptions((Subject.BASE,), (10, 1_001), polls=1))
    assert (results.failed, objections(results.costs)) == ([], [])
    few, many = results.costs
    assert many.idle.calls - few.idle.calls == (2 - 1) + (3 - 1)
    assert many.idle.traffic_bytes < 1_001 * BYTES_OF_AN_ADDRESS


@pytest.mark.nodes
async def test_a_bitcoind_is_asked_the_same_for_any_number_of_addresses() -> None:
    async with node_or_skip(running_bitcoind(), optional=True):
        pass
    results = await measure(WatchBenchOptions((Subject.BITCOIND,), (10, 60), polls=1))
    assert (results.failed, objections(results.costs)) == ([], [])
    few, many = results.costs
    assert many.idle.calls == few.idle.calls
    assert abs(many.idle.traffic_bytes - few.idle.traffic_bytes) < 100


async def test_a_node_that_is_not_installed_is_left_out_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("baton.local.nodes.programs.INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    results = await measure(WatchBenchOptions((Subject.OPTIMISM, Subject.BITCOIND), (10, 100), polls=1))
    assert results.left_out[Subject.OPTIMISM].endswith("anvil is not installed; run tests/local/nodes/install.sh anvil")
    assert "install.sh bitcoind" in results.left_out[Subject.BITCOIND]
    assert (results.costs, results.failed) == ([], [])


def test_a_call_more_for_each_further_thousand_is_no_objection() -> None:
    assert objections([cost(10, 3), cost(1_000, 3), cost(10_000, 12)]) == []


def test_a_larger_growth_of_calls_is_an_objection() -> None:
    assert objections([cost(10_000, 13), cost(10, 3)]) == [
        "optimism, 10,000 addresses: 10 calls more than for 10, but 9 are allowed"
    ]


def test_a_call_more_for_each_further_500_balances_is_no_objection() -> None:
    assert objections([cost(10, 10, subject=Subject.BASE), cost(10_000, 38, subject=Subject.BASE)]) == []
    assert objections([cost(10, 10, subject=Subject.BASE), cost(10_000, 39, subject=Subject.BASE)]) != []


def test_cpu_time_above_a_tenth_of_the_poll_interval_is_an_objection() -> None:
    assert objections([cost(10, 3), cost(10_000, 12, cpu=13.5)]) == [
        "optimism, 10,000 addresses: 13.5 s CPU a poll, every 10 s"
    ]


def test_a_payment_that_was_not_reported_is_an_objection() -> None:
    assert objections([cost(10, 3, reported=0)]) == ["optimism, 10 addresses: 0 of 1 payments were reported"]
