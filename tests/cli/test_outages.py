"""What commands do while a service does not answer."""

import socket
from itertools import pairwise
from pathlib import Path

import pytest

from baton.cli.commands import watch
from baton.client import BatonClient
from baton.errors import Unreachable
from baton.orders.answers import Placement, Snapshot
from tests.cli.command import Baton
from tests.end_to_end.world import World


class FlakyClient(BatonClient):
    """A client whose every second read fails."""

    def __init__(self, world: World, *, always: bool = False) -> None:
        super().__init__(world.environment.client)
        self.reads, self.always = 0, always

    async def snapshot(self, reference: str, account: str = "default") -> Snapshot:
        self.reads += 1
        if self.reads % 2 == 0 or (self.always and self.reads > 1):
            raise Unreachable("no_worker", "no worker answered in time.")
        return await super().snapshot(reference, account)


@pytest.fixture
def no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "RETRY_DELAY", 0.01)


async def test_a_watch_survives_an_outage_and_repeats_no_snapshot(
    world: World, no_delay: None, capsys: pytest.CaptureFixture[str]
) -> None:
    placed = await world.place()
    snapshots: list[Snapshot] = []
    async for snapshot in watch.changes(FlakyClient(world), placed.reference, "default", every=0.01, give_up_after=10):
        snapshots.append(snapshot)
        if snapshot.phase == "awaiting_deposit" and not snapshot.proof:
            await world.deposit_and_report(placed)

    assert snapshots[-1].outcome == "completed"
    assert all(before != after for before, after in pairwise(snapshots))
    assert "no worker answered in time. Retrying." in capsys.readouterr().err


async def test_a_watch_gives_up_after_a_long_outage(world: World, no_delay: None) -> None:
    placed = await world.place()
    with pytest.raises(Unreachable):
        await _drain(FlakyClient(world, always=True), placed)


async def _drain(client: BatonClient, placed: Placement) -> None:
    async for _ in watch.changes(client, placed.reference, "default", every=0.01, give_up_after=0.05):
        pass


@pytest.mark.parametrize(
    "command",
    [["list"], ["watch", "x"], ["cancel", "x"], ["refresh", "x"], ["deposit", "x", "--tx-hash", "0x1"], ["show", "x"]],
    ids=lambda command: command[0],
)
async def test_without_temporal_every_command_exits_with_3_and_a_remedy(alone: Baton, command: list[str]) -> None:
    for_programs = await alone(*command, "--json")
    for_people = await alone(*command)

    assert (for_programs.code, for_people.code) == (3, 3)
    assert for_programs.error["code"] == "temporal_unavailable"
    assert for_people.err.startswith("error: Temporal cannot be reached at 127.0.0.1:1: ")
    assert "TEMPORAL_ADDRESS" in for_people.err
    assert for_people.out == ""


async def test_patience_bounds_the_wait_for_a_silent_temporal_server(alone: Baton) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        answer = await alone("list", "--patience", "0.3", "--json", TEMPORAL_ADDRESS=address)

    assert (answer.code, answer.error["code"]) == (3, "temporal_unavailable")


async def test_a_missing_namespace_is_unreachable_not_an_unknown_order(baton: Baton) -> None:
    for command in (["list"], ["cancel", "x"], ["show", "x"]):
        answer = await baton(*command, "--json", TEMPORAL_NAMESPACE="not-there")
        assert (answer.code, answer.error["code"]) == (3, "namespace_missing")


async def test_the_worker_names_the_service_it_cannot_reach(alone: Baton) -> None:
    answer = await alone("worker")

    assert answer.code == 3
    assert "Temporal cannot be reached at 127.0.0.1:1" in answer.out
    assert "Traceback" not in answer.out + answer.err


async def test_show_works_without_the_ledger(world: World, baton: Baton, tmp_path: Path) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)

    for ledger in ("postgresql://127.0.0.1:1/none", f"sqlite:///{tmp_path / 'none.db'}", "nonsense"):
        answer = await baton("show", placed.reference, "--json", BATON_LEDGER_URL=ledger)
        assert (answer.code, answer.json["outcome"]) == (0, "cancelled")
