"""Judges the task queues: whether a worker serves each, which version they run, and whether reads pile up."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from temporalio.client import Client

from baton.health.findings import CheckFinding, ok, problem, skipped, warning
from baton.health.task_queues import ACTIVITIES, WORKFLOWS, QueueReading, read_queue
from baton.orders.names import WATCH_QUEUE, WORKFLOW_QUEUE, partner_queue, poll_queue
from baton.version import __version__

LONG_WAIT = timedelta(minutes=5)
"""A poll that waits this long for the read budget makes an order's state older than its plan allows."""


class QueueReadings(NamedTuple):
    """Every task queue of an installation.

    Attributes:
        workflows: That of the workflows.
        calls: Those of the accounts' calls, by account.
        reads: Those of the accounts' reads, by account.
        watches: That of the chains' watches; None if no chain is watched.
    """

    workflows: QueueReading
    calls: Mapping[str, QueueReading]
    reads: Mapping[str, QueueReading]
    watches: QueueReading | None

    @property
    def every(self) -> list[QueueReading]:
        """All of them, that of the workflows first."""
        watches = [self.watches] if self.watches else []
        return [self.workflows, *self.calls.values(), *self.reads.values(), *watches]

    @property
    def versions(self) -> set[str]:
        """The versions of Baton that workers run, as far as they say."""
        return {version for reading in self.every for version in reading.versions}


async def read_queues(client: Client, accounts: Collection[str], *, watches: bool) -> QueueReadings:
    """Read the task queues of these accounts, and that of the watches if chains are watched.

    Raises:
        RPCError: Temporal did not answer.
    """
    names = list(accounts)
    workflows, *read = await asyncio.gather(
        read_queue(client, WORKFLOW_QUEUE, WORKFLOWS),
        *(read_queue(client, partner_queue(name), ACTIVITIES) for name in names),
        *(read_queue(client, poll_queue(name), ACTIVITIES) for name in names),
        *([read_queue(client, WATCH_QUEUE, ACTIVITIES)] if watches else []),
    )
    calls, reads = read[: len(names)], read[len(names) : 2 * len(names)]
    return QueueReadings(
        workflows,
        dict(zip(names, calls, strict=True)),
        dict(zip(names, reads, strict=True)),
        read[-1] if watches else None,
    )


def check_queues(queues: QueueReadings) -> Iterator[CheckFinding]:
    """Yield what the task queues show, that of the workflows first."""
    yield served_workflows(queues.workflows)
    yield same_version(queues.versions)
    for name, calls in queues.calls.items():
        yield served_account(name, calls, queues.reads[name])
        yield waiting_reads(name, queues.reads[name])
    if queues.watches is not None:
        yield served_watches(queues.watches)


def served_workflows(reading: QueueReading) -> CheckFinding:
    """Judge the task queue of the workflows."""
    if not reading.workers:
        return problem(
            "workers.workflows",
            f"no worker serves the task queue {WORKFLOW_QUEUE}",
            "orders stand still: nothing is placed, submitted or tracked, and nothing is lost",
            "start `baton worker`",
        )
    number = _counted(len(reading.workers), "worker serves", "workers serve")
    return ok("workers.workflows", f"{number} the workflows")


def served_account(name: str, calls: QueueReading, reads: QueueReading) -> CheckFinding:
    """Judge the two task queues of an account."""
    unserved = [reading.queue for reading in (calls, reads) if not reading.workers]
    if unserved:
        return problem(
            "workers.account",
            f"no worker serves {' and '.join(unserved)}",
            "orders of this account are not submitted or read at Orchestra",
            "start `baton worker` with this account in its settings; its log says what is wrong with the account",
            name,
        )
    return ok("workers.account", "a worker serves the account's calls and reads", name)


def served_watches(reading: QueueReading) -> CheckFinding:
    """Judge the task queue of the chains' watches."""
    if reading.workers:
        return ok("workers.watches", "a worker watches the chains")
    return problem(
        "workers.watches",
        f"no worker serves the task queue {WATCH_QUEUE}",
        "deposits are noticed only when the business or Orchestra reports them",
        "start `baton worker` with BATON_CHAINS_FILE or BATON_WATCH set",
    )


def same_version(versions: set[str]) -> CheckFinding:
    """Judge the versions of the workers by that of this process."""
    other = sorted(version for version in versions if version != __version__)
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


def waiting_reads(name: str, reading: QueueReading) -> CheckFinding:
    """Judge whether the reads of an account wait too long for its read budget."""
    if reading.waiting and reading.oldest > LONG_WAIT:
        oldest = round(reading.oldest.total_seconds())
        return warning(
            "orchestra.read_budget",
            f"{reading.waiting} reads wait for the read budget, the oldest for {oldest} s",
            "orders without webhooks are shown older than planned",
            "find out why webhooks are missing (`baton webhook test`), or raise reads_per_second of the account",
            name,
        )
    return ok("orchestra.read_budget", f"{reading.waiting} reads wait for the read budget", name)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
