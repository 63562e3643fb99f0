"""A process's Temporal workers, kept as they are wanted while what is wanted changes."""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from temporalio.worker import Worker

from baton.process.logs import get_logger

_log = get_logger(__name__)


class WorkerPlan(NamedTuple):
    """A worker that is wanted.

    Attributes:
        terms: What it was planned with; other terms mean another worker in its place.
        build: Makes the worker.
    """

    terms: Hashable
    build: Callable[[], Worker]


@dataclass
class _Running:
    terms: Hashable
    worker: Worker
    run: asyncio.Task[None]


class WorkerSet:
    """Workers by task queue. Temporal's SDK allows one a queue, so an old one ends before a new one takes its place."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}

    async def keep(self, wanted: Mapping[str, WorkerPlan]) -> None:
        """Start what is wanted and not there, drain what is not wanted, and replace what is wanted on other terms."""
        for queue in wanted.keys() - self._running.keys():
            self._start(queue, wanted[queue])
        stale = [queue for queue, one in self._running.items() if not _as_planned(one, wanted.get(queue))]
        await asyncio.gather(*(self._drain(queue) for queue in stale))
        for queue in wanted.keys() & set(stale):
            self._start(queue, wanted[queue])

    async def rest(self, stop: asyncio.Event, seconds: float) -> None:
        """Return when `stop` is set or the time is over.

        Raises:
            Exception: What a worker has died of.
        """
        stopping = asyncio.create_task(stop.wait())
        runs = {one.run for one in self._running.values()}
        try:
            await asyncio.wait({stopping, *runs}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        for run in runs:
            if run.done():
                run.result()

    async def stop(self) -> None:
        """Drain every worker."""
        await asyncio.gather(*(self._drain(queue) for queue in list(self._running)))

    def _start(self, queue: str, plan: WorkerPlan) -> None:
        worker = plan.build()
        self._running[queue] = _Running(plan.terms, worker, asyncio.create_task(worker.run()))
        _log.debug("task queue is served", queue=queue)

    async def _drain(self, queue: str) -> None:
        ending = self._running.pop(queue)
        await ending.worker.shutdown()
        await asyncio.gather(ending.run, return_exceptions=True)
        _log.debug("task queue is no longer served", queue=queue)


def _as_planned(running: _Running, plan: WorkerPlan | None) -> bool:
    return plan is not None and plan.terms == running.terms
