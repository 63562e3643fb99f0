"""Killing parts of the stack: they come back, a call is repeated until it is answered, and others are left alone."""

import asyncio
from pathlib import Path

import pytest

from baton.errors import OrderRefused, Unreachable
from baton.local.stack import crashes
from baton.local.stack.crashes import ROUNDS, Crash, crash_all, insist
from baton.local.stack.probes import file_exists
from baton.local.stack.supervisor import Supervisor
from tests.local.stack.stack_world import child, eventually, is_running


def _writing(folder: Path, name: str) -> tuple[str, ...]:
    """Return a command that adds its process id to a file, and says that it is ready a moment later."""
    return ("sh", "-c", f"echo $$ >>{folder}/{name}.pids; sleep 0.1; touch {folder}/{name}.ready; exec sleep 60")


async def test_a_killed_child_is_a_new_process_and_no_death(tmp_path: Path) -> None:
    async with Supervisor(tmp_path / "logs") as supervisor:
        for name in ("engine", "worker"):
            ready = tmp_path / f"{name}.ready"
            spec = child(*_writing(tmp_path, name), name=name, ready=file_exists(ready), leaves=ready)
            await supervisor.start(spec)
        watching = asyncio.ensure_future(supervisor.watch())
        await supervisor.crash("engine", "worker")
        pids = {name: (tmp_path / f"{name}.pids").read_text().split() for name in ("engine", "worker")}

        assert [len(of_part) for of_part in pids.values()] == [2, 2]
        assert not any(is_running(int(old)) for old, _ in pids.values())
        assert all(is_running(int(new)) for _, new in pids.values())
        assert not watching.done()
        watching.cancel()


async def test_a_file_left_by_a_killed_child_does_not_make_the_next_one_ready(tmp_path: Path) -> None:
    ready = tmp_path / "worker.ready"
    late = ("sh", "-c", f"sleep 0.3; touch {ready}; exec sleep 60")
    async with Supervisor(tmp_path / "logs") as supervisor:
        await supervisor.start(child(*late, name="worker", ready=file_exists(ready), leaves=ready))
        crashing = asyncio.ensure_future(supervisor.crash("worker"))
        assert await asyncio.to_thread(eventually, lambda: not ready.exists())
        await crashing
        assert ready.exists()


class _FakeStack:
    def __init__(self) -> None:
        self.killed: list[tuple[str, ...]] = []

    async def crash(self, *names: str) -> None:
        self.killed.append(names)


async def test_every_round_kills_its_parts_and_notes_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crashes, "_PAUSE", (0.0, 0.01))
    stack, done = _FakeStack(), list[Crash]()
    await crash_all(stack, done, parts=["temporal", "worker", "gateway"], under_way=lambda: 5)

    assert stack.killed == [tuple(names) for names in ROUNDS]
    assert [crash.names for crash in done] == stack.killed
    assert {crash.under_way for crash in done} == {5}
    assert [crash.at for crash in done] == sorted(crash.at for crash in done)


async def test_a_server_that_is_not_of_the_stack_is_never_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crashes, "_PAUSE", (0.0, 0.01))
    stack = _FakeStack()
    await crash_all(stack, [], parts=["worker", "gateway"], under_way=lambda: 0)

    assert {name for names in stack.killed for name in names} == {"worker", "gateway"}


def test_the_rounds_kill_each_part_several_times() -> None:
    every = [name for names in ROUNDS for name in names]

    assert min(every.count(name) for name in ("temporal", "worker", "gateway")) >= 3


async def test_a_call_is_repeated_while_nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crashes, "_RETRY", 0.0)
    answers: list[str | Exception] = [Unreachable("no_answer", "none yet"), Unreachable("no_answer", "none"), "placed"]

    async def call() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await insist(call) == "placed"


async def test_a_refused_call_is_not_repeated() -> None:
    async def call() -> None:
        raise OrderRefused("order_closed", "it is closed")

    with pytest.raises(OrderRefused):
        await insist(call)
