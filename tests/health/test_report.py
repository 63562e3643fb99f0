"""The health of a running Baton, by its parts, the order API and `baton health`."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from baton.health.findings import Level
from baton.health.report import HealthReport, read_health
from baton.holds.models import HeldCalls
from tests.doctor.examination import settings_of
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@pytest.fixture(scope="session")
async def world(temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(temporal, tmp_path_factory.mktemp("health")) as running:
        yield running


async def health_of(world: World) -> HealthReport:
    """Read the report as the order API has it."""
    answered = await world.http.get("/v1/health")
    assert answered.status_code == 200, answered.text
    return HealthReport.model_validate(answered.json())


async def test_a_running_baton_is_well_and_shows_its_figures(world: World) -> None:
    report = await eventually(lambda: health_of(world), lambda found: found.level is Level.OK)

    (account,) = report.accounts
    assert account.account == world.account.name
    assert account.reads is not None
    assert account.reads.per_minute == world.account.reads_per_second * 60
    assert {queue.queue for queue in report.queues} >= {"baton", "baton-partner-default", "baton-poll-default"}
    assert all(queue.workers for queue in report.queues)


async def test_the_budget_that_reads_use_is_shown(world: World) -> None:
    placed = await world.place()

    async def used() -> float:
        await world.baton.refresh(placed.reference)
        (account,) = (await health_of(world)).accounts
        assert account.reads is not None
        return account.reads.used_per_minute

    assert await eventually(used) > 0


async def test_an_outage_of_temporal_is_a_finding_and_no_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with temporal_server() as other:
        client = other.client
    report = await read_health(client, world.ledger, {"default": world.account}, {})

    assert report.level is Level.PROBLEM
    assert report.queues == []
    assert report.findings[0].check == "temporal.reachable"
    assert report.accounts[0].open_orders >= 0


async def test_without_a_ledger_the_rest_is_reported(world: World) -> None:
    report = await read_health(world.environment.client, None, {"default": world.account}, {})

    assert {finding.check: finding.level for finding in report.findings}["ledger.reachable"] is Level.SKIPPED
    assert report.queues


async def test_a_token_of_one_account_sees_that_account_alone(world: World) -> None:
    answered = await world.http.get("/v1/health", params={"account": "other"})

    assert answered.json()["accounts"] == []
    assert not any("default" in queue["queue"] for queue in answered.json()["queues"])


async def test_a_hold_of_another_account_is_not_shown(world: World) -> None:
    held = await world.baton.hold(HeldCalls.SUBMITS, reason="an incident", account="default")

    async def findings(**query: str) -> dict[str, str]:
        report = (await world.http.get("/v1/health", params=query)).json()
        assert [hold["id"] for hold in report["holds"]] == ([] if query else [held.hold.id])
        return {finding["check"]: finding["level"] for finding in report["findings"]}

    try:
        await eventually(lambda: health_of(world), lambda found: bool(found.holds))
        assert (await findings())["holds.open"] == "warning"
        assert "holds.open" not in await findings(account="other")
    finally:
        await world.baton.release(held.hold.id, reason="it is over")


async def test_the_command_prints_what_the_api_returns(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from baton.cli.commands.health import _show
    from baton.settings import load_settings

    monkeypatch.chdir(tmp_path)
    for name, value in settings_of(world).items():
        monkeypatch.setenv(name, value)

    assert await _show(load_settings(), None, strict=False, as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == set((await world.http.get("/v1/health")).json())
    assert await _show(load_settings(), None, strict=False, as_json=False) == 0
    assert "a worker serves the account's calls and reads" in capsys.readouterr().out


@pytest.mark.parametrize("period", ["24h", "7d", "30d"])
async def test_figures_count_an_order_that_was_delivered(world: World, period: str) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)
    await world.until(placed, outcome="completed")

    async def figures() -> dict[str, list[int]]:
        answered = await world.http.get("/v1/figures", params={"period": period})
        assert answered.status_code == 200, answered.text
        found = answered.json()
        assert len(found["starts"]) == len(found["started"])
        return found

    found = await eventually(figures, lambda one: sum(one["ended"].get("completed", [])) > 0, within=90)
    (times,) = [one for one in found["delivery_times"] if one["route"] == "base:USDC → spark:BTC"]
    assert 0 <= times["p50_seconds"] <= times["p95_seconds"] < 600
    assert found["started"][-1] + found["started"][-2] >= 1
