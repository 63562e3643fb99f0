"""The benchmark of watching runs, and speaks up where watching costs more than it may."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from baton.chains.catalogue import load_chains
from baton.local.nodes.anvil import running_anvil
from bench.support.watched_chains import Subject
from bench.support.watcher import Look
from bench.support.watching import WatchCost, objections
from bench.watch_cost import Choice, measure
from tests.local.nodes.having import having
from tests.paths import ROOT

ON_ANVIL = {Subject.BASE, Subject.OPTIMISM, Subject.TRON, Subject.LEDGER}


@pytest.fixture(scope="module")
async def anvil() -> None:
    """Skip what measures on anvil where there is none, unless there has to be one."""
    async with having(running_anvil()):
        return


def cost(
    addresses: int, calls: int, *, subject: Subject = Subject.OPTIMISM, cpu: float = 0.1, told: int = 1
) -> WatchCost:
    look = Look(calls=calls, seconds=cpu, cpu_seconds=cpu)
    spec = load_chains()[subject]
    return WatchCost(subject, spec, addresses, look, [look], look.model_copy(update={"told": told}), 1, 0)


@pytest.mark.nodes
@pytest.mark.timeout(240)
@pytest.mark.usefixtures("anvil")
def test_a_quick_run_measures_every_chain_whose_node_is_installed() -> None:
    command = [sys.executable, "bench/watch_cost.py", "--quick", "--looks", "1", "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=220, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    records = [json.loads(line) for line in run.stdout.splitlines()]
    measured = {(one["subject"], one["addresses"]) for one in records if one["measure"] == "watch_cost"}
    left_out = {one["subject"]: one["why"] for one in records if one["measure"] == "left_out"}
    for subject in Subject:
        assert subject in left_out or {(subject, 10), (subject, 100)} <= measured
    assert not ON_ANVIL & left_out.keys()
    assert all("not installed" in why for name, why in left_out.items() if name != "spark")


@pytest.mark.nodes
@pytest.mark.usefixtures("anvil")
async def test_five_thousand_addresses_cost_whole_batches_more_and_little_cpu_time() -> None:
    findings = await measure(Choice((Subject.BASE,), (10, 5_000), looks=1))
    assert (findings.failed, objections(findings.costs)) == ([], [])
    few, many = findings.costs
    assert many.idle.calls - few.idle.calls == (5 - 1) + (10 - 1)


async def test_a_node_that_is_not_installed_is_left_out_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("baton.local.nodes.processes.INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = await measure(Choice((Subject.OPTIMISM, Subject.BITCOIND), (10, 100), looks=1))
    assert findings.left_out[Subject.OPTIMISM].endswith(
        "anvil is not installed; run tests/local/nodes/install.sh anvil"
    )
    assert "install.sh bitcoind" in findings.left_out[Subject.BITCOIND]
    assert (findings.costs, findings.failed) == ([], [])


def test_a_call_more_for_each_further_thousand_is_no_objection() -> None:
    assert objections([cost(10, 3), cost(1_000, 3), cost(10_000, 12)]) == []


def test_calls_that_grow_by_more_are_an_objection() -> None:
    assert objections([cost(10_000, 13), cost(10, 3)]) == [
        "optimism, 10,000 addresses: 10 calls more than for 10, where 9 are allowed"
    ]


def test_where_coins_are_watched_balances_may_cost_a_call_for_each_five_hundred() -> None:
    assert objections([cost(10, 10, subject=Subject.BASE), cost(10_000, 38, subject=Subject.BASE)]) == []
    assert objections([cost(10, 10, subject=Subject.BASE), cost(10_000, 39, subject=Subject.BASE)]) != []


def test_cpu_time_of_more_than_a_tenth_of_the_poll_is_an_objection() -> None:
    assert objections([cost(10, 3), cost(10_000, 12, cpu=13.5)]) == [
        "optimism, 10,000 addresses: 13.5 s CPU a look, every 10 s"
    ]


def test_a_payment_that_was_not_told_is_an_objection() -> None:
    assert objections([cost(10, 3, told=0)]) == ["optimism, 10 addresses: 0 of 1 payments were told"]
