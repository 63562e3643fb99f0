"""Reads task queues of Temporal: which workers ask for their tasks, and how many tasks wait."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client

from baton.temporal import process_version

POLLED_WITHIN = timedelta(minutes=2)
"""A worker asks for tasks at least every minute; Temporal shows pollers for some minutes after they are gone."""

WORKFLOWS = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


class QueueReading(NamedTuple):
    """A task queue at one moment.

    Attributes:
        queue: Its name.
        workers: The names of the processes that asked for tasks lately, such as `baton-worker 1.0.0 host`.
        waiting: How many tasks wait, by Temporal's estimate.
        oldest: How long the oldest of them waits.
        per_second: How many tasks were handed out in a second, on the average of the last half minute.
    """

    queue: str
    workers: frozenset[str]
    waiting: int
    oldest: timedelta
    per_second: float

    @property
    def versions(self) -> set[str]:
        """The versions of Baton that the workers run, as far as they say."""
        return {version for worker in self.workers if (version := process_version(worker))}


async def read_queue(client: Client, queue: str, kind: "TaskQueueType.ValueType") -> QueueReading:
    """Read one task queue.

    Raises:
        RPCError: Temporal did not answer.
    """
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind, report_stats=True
        )
    )
    stats = described.stats
    return QueueReading(
        queue,
        _workers(described),
        stats.approximate_backlog_count,
        stats.approximate_backlog_age.ToTimedelta(),
        stats.tasks_dispatch_rate,
    )


def _workers(described: DescribeTaskQueueResponse) -> frozenset[str]:
    earliest = datetime.now(UTC) - POLLED_WITHIN
    pollers = described.pollers
    return frozenset(
        poller.identity for poller in pollers if poller.last_access_time.ToDatetime(tzinfo=UTC) >= earliest
    )
