"""The Temporal workers that send notifications: one task queue for each endpoint, so that none holds up another."""

from datetime import timedelta
from functools import partial

from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from activities.notify import NotifyActivities
from baton.ledger.ledger import Ledger
from baton.notifications.book import EndpointBook
from baton.notifications.endpoint import notify_queue
from baton.notifications.planner import NotificationPlanner
from baton.notifications.running_jobs import RunningJobs
from baton.notifications.sender import NotificationSender
from baton.process.worker_set import WorkerPlan

SLOTS = 8
"""Orders of which an endpoint is notified at the same time."""


class NotifyWorkers:
    """The workers for the endpoints' task queues.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
        book: The endpoints.
        grace: Time that running activities get when a worker is drained.
    """

    def __init__(self, client: Client, ledger: Ledger, book: EndpointBook, grace: timedelta) -> None:
        self._client = client
        self._book = book
        self._grace = grace
        self._sender = NotificationSender(book.networks)
        jobs = RunningJobs()
        self._activities = NotifyActivities(client, ledger, book, self._sender, jobs)
        self._planner = NotificationPlanner(client, ledger, book, jobs)

    async def plan(self) -> None:
        """Plan the notifications of new events, until cancelled."""
        await self._planner.run()

    async def aclose(self) -> None:
        """Close the connections to the endpoints."""
        await self._sender.aclose()

    def plans(self) -> dict[str, WorkerPlan]:
        """Return the workers that should run now, by task queue."""
        queues = map(notify_queue, self._book.current)
        return {queue: WorkerPlan((), partial(self._worker, queue)) for queue in queues}

    def _worker(self, queue: str) -> Worker:
        return Worker(
            self._client,
            task_queue=queue,
            activities=[self._activities.notify_order],
            max_concurrent_activities=SLOTS,
            # There may be very many endpoints, and each poller is a call that Temporal holds open.
            activity_task_poller_behavior=PollerBehaviorSimpleMaximum(1),
            graceful_shutdown_timeout=self._grace,
        )
