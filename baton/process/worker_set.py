"""A process's Temporal workers, started and drained as the plans for them change."""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from temporalio.client import Client
from temporalio.worker import Worker

from baton.process.logs import get_logger

_log = get_logger(__name__)


class WorkerPlan(NamedTuple):
    """The plan for one worker.

    Attributes:
        options: The options that may change; a plan with other options replaces the worker.
        build: Builds the worker.
    """

    options: Hashable
    build: Callable[[], Worker]


@dataclass
class _RunningWorker:
    options: Hashable
    worker: Worker
    connection: object
    run: asyncio.Task[None]


class WorkerSet:
    """Workers by task queue. The SDK allows one worker for a queue, so the old one ends before a new one starts."""

    def __init__(self) -> None:
        self._running: dict[str, _RunningWorker] = {}

    async def keep(self, plans: Mapping[str, WorkerPlan]) -> None:
        """Start planned workers, drain unplanned ones, and replace those whose options changed."""
        for queue in plans.keys() - self._running.keys():
            self._start(queue, plans[queue])
        stale = [queue for queue, worker in self._running.items() if not _is_current(worker, plans.get(queue))]
        await asyncio.gather(*(self._drain(queue) for queue in stale))
        for queue in plans.keys() & set(stale):
            self._start(queue, plans[queue])

    def renew(self, client: Client) -> None:
        """Give every worker the connection that the client has now, if it was made again since.

        Polls that wait for tasks end on the connection before; no task is lost.
        """
        connection = client.service_client.worker_service_client
        for queue, running in self._running.items():
            if running.connection is not connection:
                running.worker.client = client
                running.connection = connection
                _log.info("task queue is served over the new connection", queue=queue)

    async def wait(self, stop: asyncio.Event, seconds: float) -> None:
        """Wait until `stop` is set, the time is over, or a worker has failed.

        Raises:
            Exception: The failure of a worker.
        """
        stopping = asyncio.create_task(stop.wait())
        runs = {worker.run for worker in self._running.values()}
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
        connection = worker.client.service_client.worker_service_client
        self._running[queue] = _RunningWorker(plan.options, worker, connection, asyncio.create_task(worker.run()))
        _log.debug("task queue is served", queue=queue)

    async def _drain(self, queue: str) -> None:
        running = self._running.pop(queue)
        await running.worker.shutdown()
        await asyncio.gather(running.run, return_exceptions=True)
        _log.debug("task queue is no longer served", queue=queue)


def _is_current(running: _RunningWorker, plan: WorkerPlan | None) -> bool:
    return plan is not None and plan.options == running.options
