"""Plans the notifications of new events, and starts the jobs that send them. Every worker runs one.

An event is planned when a row says up to which event of its order an endpoint is to get; the endpoint's cursor moves in
the same transaction. The job is started after that, or woken if it runs. If its start is lost, the row is overdue soon
and the job is started again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.common import ActivityIDConflictPolicy, RetryPolicy
from temporalio.exceptions import ActivityAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from baton.ledger.errors import LedgerError
from baton.ledger.ledger import Ledger
from baton.ledger.notification_rows import EndpointState
from baton.ledger.notifications import Wanted
from baton.ledger.rows import EventRow
from baton.notifications.book import EndpointBook
from baton.notifications.endpoint import NOTIFY_ORDER, AppEndpoint, Endpoints, NotifyOrder, notify_job_id, notify_queue
from baton.notifications.running_jobs import RunningJobs
from baton.notifications.schedule import DISABLE_AFTER, GIVE_UP_AFTER
from baton.process.logs import get_logger

PAUSE = 0.2
"""Seconds between two looks for new events."""

START_TIME = timedelta(seconds=10)
"""How long a job may take to begin before its start counts as lost."""

START_AGAIN = timedelta(minutes=2)
"""How long a job that was started again is left alone."""

PAGE = 500
"""Events that are planned at a time."""

MAX_STARTS = 200
"""Overdue jobs that are started again at a time."""

_CONCURRENT_STARTS = 32
_ENDING_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between attempts to start a job while an earlier one of its order is about to end."""

_HAS_ENDED = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.INVALID_ARGUMENT)
_ATTEMPT_TIMEOUT = timedelta(minutes=10)
_HEARTBEAT_TIMEOUT = timedelta(seconds=10)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))

_log = get_logger(__name__)


class NotificationPlanner:
    """Makes sure that every event reaches the endpoints that want it.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
        book: The endpoints.
        jobs: The jobs that run in this process.
        pause: Seconds between two looks for new events.
    """

    def __init__(
        self, client: Client, ledger: Ledger, book: EndpointBook, jobs: RunningJobs, pause: float = PAUSE
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._book = book
        self._jobs = jobs
        self._pause = pause
        self._starts = asyncio.Semaphore(_CONCURRENT_STARTS)
        self._delayed: set[asyncio.Task[None]] = set()
        self._is_down = False

    async def run(self) -> None:
        """Plan and start until cancelled; an outage is logged once, and tried again."""
        try:
            while True:
                await self._check_quietly()
                await asyncio.sleep(self._pause)
        finally:
            for delayed in self._delayed:
                delayed.cancel()

    async def _check_quietly(self) -> None:
        try:
            await self.check()
            self._is_down = False
        except (LedgerError, RPCError) as error:
            if not self._is_down:
                _log.warning("notifications wait", reason=str(error))
            self._is_down = True

    async def check(self) -> None:
        """Plan what is new, and start what is planned or overdue.

        Raises:
            LedgerError: The ledger did not answer.
            RPCError: Temporal did not answer.
        """
        endpoints = await self._book.refresh()
        if not endpoints:
            return
        states = await self._states(endpoints)
        enabled = [name for name, state in states.items() if state.disabled_at is None]
        await self._plan(endpoints, states, set(enabled))
        await self._start_due(enabled)

    async def _states(self, endpoints: Endpoints) -> dict[str, EndpointState]:
        states = await self._ledger.endpoints.states()
        if new := sorted(endpoints.keys() - states.keys()):
            # In a ledger that is being restored, the endpoint got some of these events before, and nobody knows which.
            lost = not await self._ledger.is_complete()
            await self._ledger.endpoints.add_states(new, from_start=lost)
            states = await self._ledger.endpoints.states()
        return {name: state for name, state in states.items() if name in endpoints}

    async def _plan(self, endpoints: Endpoints, states: Mapping[str, EndpointState], enabled: set[str]) -> None:
        newest = await self._ledger.events.latest()
        behind: defaultdict[int, list[AppEndpoint]] = defaultdict(list)
        for name, state in states.items():
            if state.cursor < newest:
                behind[state.cursor].append(endpoints[name])
        for cursor, group in behind.items():
            await self._plan_group(cursor, group, enabled)

    async def _plan_group(self, cursor: int, group: Sequence[AppEndpoint], enabled: set[str]) -> None:
        """Plan the next events for the endpoints at one cursor."""
        events = await self._ledger.events.after(cursor, PAGE)
        if not events:
            return
        recent = events if await self._ledger.is_complete() else _recent(events)
        wanted = [each for endpoint in group for each in _wanted(endpoint, recent)]
        names = [endpoint.name for endpoint in group]
        to = events[-1].seq or cursor
        jobs = await self._ledger.notifications.plan(wanted, names, cursor, to, datetime.now(UTC) + START_TIME)
        for each in wanted:
            self._jobs.wake(each.endpoint, each.workflow_id)
        new = (_job(each.endpoint, each.workflow_id, each.last) for each in jobs if each.endpoint in enabled)
        await _all(self._start_new(job) for job in new)

    async def _start_due(self, enabled: Sequence[str]) -> None:
        due = await self._ledger.notifications.take_due(enabled, datetime.now(UTC), START_AGAIN, MAX_STARTS)
        await _all(self._start_overdue(_job(row.endpoint, row.workflow_id, row.wanted), row.waking) for row in due)

    async def _start_overdue(self, job: NotifyOrder, waking: bool) -> None:
        """Start a job whose start was lost; one that is there stays, unless its pause is to end now."""
        if waking and self._jobs.wake(job.endpoint, job.workflow_id):
            return  # it makes an attempt right now, and sees that there is more to send before it ends
        if waking:
            await self._end_pause(notify_job_id(job.endpoint, job.workflow_id))
        await self._start(job, ActivityIDConflictPolicy.USE_EXISTING)

    async def _start_new(self, job: NotifyOrder) -> None:
        """Start the job of an order that has none."""
        try:
            await self._start(job, ActivityIDConflictPolicy.FAIL)
        except ActivityAlreadyStartedError:
            delayed = asyncio.create_task(self._start_after_earlier(job))
            self._delayed.add(delayed)
            delayed.add_done_callback(self._delayed.discard)

    async def _start_after_earlier(self, job: NotifyOrder) -> None:
        """Start a job as soon as the earlier one of its order, which has sent all that it knew, has ended."""
        for pause in _ENDING_PAUSES:
            await asyncio.sleep(pause)
            with suppress(ActivityAlreadyStartedError, RPCError):
                await self._start(job, ActivityIDConflictPolicy.FAIL)
                return

    async def _start(self, job: NotifyOrder, conflict: ActivityIDConflictPolicy) -> None:
        async with self._starts:
            await self._client.start_activity(
                NOTIFY_ORDER,
                job,
                id=notify_job_id(job.endpoint, job.workflow_id),
                task_queue=notify_queue(job.endpoint),
                id_conflict_policy=conflict,
                schedule_to_close_timeout=GIVE_UP_AFTER + DISABLE_AFTER,
                start_to_close_timeout=_ATTEMPT_TIMEOUT,
                heartbeat_timeout=_HEARTBEAT_TIMEOUT,
                retry_policy=_RETRY,
                summary=f"events of {job.workflow_id} to {job.endpoint}",
            )

    async def _end_pause(self, job_id: str) -> None:
        """End a job that waits for its next attempt, so that it can be started now."""
        try:
            await self._client.get_activity_handle(job_id).terminate(reason="its next attempt is made now")
        except RPCError as error:
            if error.status not in _HAS_ENDED:
                raise


def _job(endpoint: str, workflow_id: str, cursor: int) -> NotifyOrder:
    return NotifyOrder(endpoint=endpoint, workflow_id=workflow_id, cursor=cursor)


async def _all(starts: Iterable[Awaitable[None]]) -> None:
    """Await all starts; a job that could not be started is overdue soon, and started again."""
    results = await asyncio.gather(*starts, return_exceptions=True)
    for failure in [result for result in results if isinstance(result, BaseException)]:
        raise failure


def _recent(events: Iterable[EventRow]) -> list[EventRow]:
    """Return the events that an endpoint may still wait for: older ones it has got, or they were given up."""
    oldest = datetime.now(UTC) - GIVE_UP_AFTER
    return [event for event in events if event.occurred_at >= oldest]


def _wanted(endpoint: AppEndpoint, events: Iterable[EventRow]) -> list[Wanted]:
    """Return what an endpoint is to get, order by order."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for event in events:
        if event.seq is not None and endpoint.wants(event):
            numbers[event.workflow_id].append(event.seq)
    return [Wanted(endpoint.name, order, seqs[0], seqs[-1]) for order, seqs in numbers.items()]
