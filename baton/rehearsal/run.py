"""A whole rehearsal: fetches histories ahead of the processes that replay them, and gathers the verdicts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from temporalio.client import Client, WorkflowHistory

from baton.rehearsal.histories import (
    Chosen,
    ended_workflows,
    history_of,
    open_workflows,
    stored_histories,
    stored_history,
)
from baton.rehearsal.readable import check_readable
from baton.rehearsal.replayers import ReplayProcess, replay_processes
from baton.rehearsal.report import Place, Rehearsal, Rehearsed, failure_of

Fetched = tuple[Chosen, WorkflowHistory | None]
Fetch = Callable[[], Awaitable[Fetched]]
Source = Callable[[Sequence[str]], AsyncIterator[Fetch]]
"""Yields what is replayed, given the workflows that the code has; each is fetched by the process that replays it."""
Progress = Callable[[int, int], None]
"""Takes how many were replayed and how many of these break."""


class Sample(NamedTuple):
    """What of Temporal's workflows is rehearsed.

    Attributes:
        ended: How many ended workflows.
        query: Narrows the open ones, in Temporal's list filter; None for all.
    """

    ended: int
    query: str | None = None


def from_temporal(client: Client, sample: Sample) -> Source:
    """Return the histories of a namespace as a source."""

    async def chosen_ones(workflows: Sequence[str]) -> AsyncIterator[Fetch]:
        async for chosen in open_workflows(client, sample.query):
            yield partial(_fetched, client, chosen)
        async for chosen in ended_workflows(client, workflows, sample.ended):
            yield partial(_fetched, client, chosen)

    return chosen_ones


async def _fetched(client: Client, chosen: Chosen) -> Fetched:
    return chosen, await history_of(client, chosen)


def from_folder(folder: Path) -> Source:
    """Return the histories of a folder as a source.

    Raises:
        HistoryFileError: There are none; one that cannot be read raises while the source is used.
    """
    files = stored_histories(folder)

    async def stored_ones(_: Sequence[str]) -> AsyncIterator[Fetch]:
        for file in files:
            yield partial(asyncio.to_thread, stored_history, file)

    return stored_ones


async def rehearse(program: Path, source: Source, jobs: int, progress: Progress) -> Rehearsal:
    """Replay histories with the code of a folder; return what fits and what breaks.

    Args:
        program: The folder's `rehearse.py`.
        source: Where the histories are from.
        jobs: How many processes replay.
        progress: Is called after each history.

    Raises:
        CodeFails: The code does not start.
        RPCError: Temporal did not answer.
        HistoryFileError: A stored history cannot be read.
        UnknownKey: A history is encrypted with a key that is not here.
        DamagedPayload: A history does not fit its key.
    """
    async with replay_processes(program, jobs) as processes:
        found = _Findings(progress)
        waiting: asyncio.Queue[Fetch | None] = asyncio.Queue(maxsize=2 * jobs)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_fill(waiting, source(processes[0].workflows), jobs))
                for process in processes:
                    tasks.create_task(_replay(waiting, process, found))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
    return found.report(str(program.parent))


async def _fill(waiting: "asyncio.Queue[Fetch | None]", source: AsyncIterator[Fetch], jobs: int) -> None:
    async for fetch in source:
        await waiting.put(fetch)
    for _ in range(jobs):
        await waiting.put(None)


async def _replay(waiting: "asyncio.Queue[Fetch | None]", process: ReplayProcess, found: "_Findings") -> None:
    while (fetch := await waiting.get()) is not None:
        chosen, history = await fetch()
        if history is None:
            found.left_out += 1
            continue
        verdict = await process.replay(history)
        if verdict.failure is not None and not verdict.differs:
            await check_readable(history)
        failure = failure_of(verdict, chosen.workflow, process.workflows)
        found.add(Rehearsed(**chosen._asdict(), events=len(history.events), failure=failure))


class _Findings:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._replayed: Counter[Place] = Counter()
        self._broken: list[Rehearsed] = []
        self.left_out = 0

    def add(self, rehearsed: Rehearsed) -> None:
        self._replayed[rehearsed.place] += 1
        if rehearsed.failure is not None:
            self._broken.append(rehearsed)
        self._progress(self._replayed.total(), len(self._broken))

    def report(self, code: str) -> Rehearsal:
        broken = sorted(self._broken, key=lambda found: (found.workflow, found.workflow_id))
        return Rehearsal(code=code, replayed=dict(self._replayed), broken=broken, left_out=self.left_out)
