"""Checks of the workers: whether one serves each task queue, which version they have, and whether reads pile up."""

from collections.abc import AsyncIterator, Collection, Iterable
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client
from temporalio.service import RPCError

from baton.doctor.findings import CheckFinding, ok, problem, skipped, warning
from baton.orders.names import WATCH_QUEUE, WORKFLOW_QUEUE, partner_queue, poll_queue
from baton.temporal import process_version
from baton.version import __version__

POLLED_WITHIN = timedelta(minutes=2)
"""A worker asks for tasks at least every minute; Temporal shows pollers for some minutes after they are gone."""

LONG_WAIT = timedelta(minutes=5)
"""A poll that waits this long for the read budget makes an order's state older than its plan allows."""

_WORKFLOWS = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


async def check_workers(client: Client, accounts: Collection[str], *, watches: bool) -> AsyncIterator[CheckFinding]:
    """Check the task queues of these accounts, and that of the watchers if chains are watched."""
    try:
        workflows = await _described(client, WORKFLOW_QUEUE, _WORKFLOWS)
        polls = {name: await _described(client, poll_queue(name), _ACTIVITIES) for name in accounts}
        calls = {name: await _described(client, partner_queue(name), _ACTIVITIES) for name in accounts}
        watchers = await _described(client, WATCH_QUEUE, _ACTIVITIES) if watches else None
    except RPCError as error:
        yield skipped("workers", f"the task queues cannot be described: {error.message}")
        return
    yield _served_workflows(workflows)
    yield _same_version(_recent([workflows, *calls.values()]))
    for name in accounts:
        yield _served_account(name, calls[name], polls[name])
        yield _read_budget(name, polls[name])
    if watchers is not None:
        yield _served_watches(watchers)


async def _described(client: Client, queue: str, kind: "TaskQueueType.ValueType") -> DescribeTaskQueueResponse:
    return await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind, report_stats=True
        )
    )


def _recent(described: Iterable[DescribeTaskQueueResponse]) -> list[PollerInfo]:
    earliest = datetime.now(UTC) - POLLED_WITHIN
    return [
        poller
        for answer in described
        for poller in answer.pollers
        if poller.last_access_time.ToDatetime(tzinfo=UTC) >= earliest
    ]


def _served_workflows(described: DescribeTaskQueueResponse) -> CheckFinding:
    workers = {poller.identity for poller in _recent([described])}
    if not workers:
        return problem(
            "workers.workflows",
            f"no worker serves the task queue {WORKFLOW_QUEUE}",
            "orders stand still: nothing is placed, submitted or tracked, and nothing is lost",
            "start `baton worker`",
        )
    return ok("workers.workflows", f"{_counted(len(workers), 'worker serves', 'workers serve')} the workflows")


def _served_account(name: str, calls: DescribeTaskQueueResponse, polls: DescribeTaskQueueResponse) -> CheckFinding:
    queues = {partner_queue(name): calls, poll_queue(name): polls}
    unserved = [queue for queue, described in queues.items() if not _recent([described])]
    if unserved:
        return problem(
            "workers.account",
            f"no worker serves {' and '.join(unserved)}",
            "orders of this account are not submitted or read at Orchestra",
            "start `baton worker` with this account in its settings; its log says what is wrong with the account",
            name,
        )
    return ok("workers.account", "a worker serves the account's calls and reads", name)


def _served_watches(described: DescribeTaskQueueResponse) -> CheckFinding:
    if _recent([described]):
        return ok("workers.watches", "a worker watches the chains")
    return problem(
        "workers.watches",
        f"no worker serves the task queue {WATCH_QUEUE}",
        "deposits are noticed only when the business or Orchestra reports them",
        "start `baton worker` with BATON_CHAINS_FILE or BATON_WATCH set",
    )


def _same_version(pollers: Iterable[PollerInfo]) -> CheckFinding:
    versions = {process_version(poller.identity) for poller in pollers} - {None}
    other = sorted(str(version) for version in versions if version != __version__)
    if not versions:
        return skipped("workers.version", "no running worker says its version")
    if other:
        return warning(
            "workers.version",
            f"this is Baton {__version__}, and workers run {', '.join(other)}",
            "what is new in one version may not be understood by the other",
            "finish the upgrade: install one version everywhere and restart the workers",
        )
    return ok("workers.version", f"all workers run Baton {__version__}")


def _read_budget(name: str, described: DescribeTaskQueueResponse) -> CheckFinding:
    waiting = described.stats.approximate_backlog_count
    oldest = described.stats.approximate_backlog_age.ToTimedelta()
    if waiting and oldest > LONG_WAIT:
        return warning(
            "orchestra.read_budget",
            f"{waiting} reads wait for the read budget, the oldest for {round(oldest.total_seconds())} s",
            "orders without webhooks are shown older than planned",
            "find out why webhooks are missing (`baton webhook test`), or raise reads_per_second of the account",
            name,
        )
    return ok("orchestra.read_budget", f"{waiting} reads wait for the read budget", name)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
