"""The notification jobs that run in this process: each is woken when its order has another event."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MOST_WAITING = 4
"""Jobs of one endpoint of which one may wait for more events; beyond that each makes room for the next order."""


class RunningJobs:
    """The jobs by endpoint and order's workflow."""

    def __init__(self) -> None:
        self._jobs: defaultdict[str, dict[str, asyncio.Event]] = defaultdict(dict)

    @contextmanager
    def running(self, endpoint: str, workflow_id: str) -> Iterator["RunningJob"]:
        """Note that a job runs, for as long as the block does."""
        woken = self._jobs[endpoint][workflow_id] = asyncio.Event()
        try:
            yield RunningJob(self._jobs[endpoint], woken)
        finally:
            if self._jobs[endpoint].get(workflow_id) is woken:
                del self._jobs[endpoint][workflow_id]

    def wake(self, endpoint: str, workflow_id: str) -> bool:
        """Say that an endpoint is to get more events of an order; return whether a job runs here."""
        woken = self._jobs[endpoint].get(workflow_id)
        if woken is not None:
            woken.set()
        return woken is not None


class RunningJob:
    """One job.

    Args:
        beside: All jobs of its endpoint.
        woken: Set when its order has another event.
    """

    def __init__(self, beside: dict[str, asyncio.Event], woken: asyncio.Event) -> None:
        self._beside = beside
        self._woken = woken

    @property
    def may_wait(self) -> bool:
        """Whether few enough jobs of the endpoint run, so that this one may stay."""
        return len(self._beside) <= MOST_WAITING

    async def wait(self, seconds: float) -> bool:
        """Wait until there is another event; return whether there is one that this process has planned."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        is_woken = self._woken.is_set()
        self._woken.clear()
        return is_woken
