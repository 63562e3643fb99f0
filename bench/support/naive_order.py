"""The naive floor: a workflow in the shape of an order that does nothing, and the worker that runs it.

Three activities without content, six signals and two timers: what any order costs on Temporal before it has a feature.

    python -m bench.support.naive_order ADDRESS NAMESPACE

The worker prints `ready` and runs until SIGTERM. Like Baton's own, it runs workflows without the workflow sandbox.
"""

import asyncio
import sys
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.service import GrpcCompression
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from baton.process.lifecycle import EXIT_DONE, leave, run_main, stop_requested

QUEUE = "bench-naive"
SIGNALS = 6

_STEP = timedelta(seconds=30)
_PATIENCE = 3600.0
"""Seconds of the timers, which never fire: a deadline for the deposit, then one for the delivery."""


@activity.defn
async def quote() -> None:
    """Do nothing."""


@activity.defn
async def submit() -> None:
    """Do nothing."""


@activity.defn
async def record() -> None:
    """Do nothing."""


@workflow.defn
class NaiveOrderWorkflow:
    """Waits for a deposit and then for five changes of status, and forgets them."""

    def __init__(self) -> None:
        self._seen = 0
        self._quoted = False

    @workflow.query
    def quoted(self) -> bool:
        """Return whether it waits for its deposit, or has it."""
        return self._quoted

    @workflow.signal
    def observe(self, envelopes: list[dict[str, Any]]) -> None:
        """Count the changes."""
        self._seen += len(envelopes)

    @workflow.run
    async def run(self) -> int:
        """Run the order; return how many changes it saw."""
        deposit_due = asyncio.create_task(asyncio.sleep(_PATIENCE))
        await workflow.execute_activity(quote, start_to_close_timeout=_STEP)
        self._quoted = True
        await workflow.wait_condition(lambda: self._seen >= 1)
        deposit_due.cancel()
        delivery_due = asyncio.create_task(asyncio.sleep(_PATIENCE))
        await workflow.execute_activity(submit, start_to_close_timeout=_STEP)
        await workflow.wait_condition(lambda: self._seen >= SIGNALS)
        delivery_due.cancel()
        await workflow.execute_activity(record, start_to_close_timeout=_STEP)
        return self._seen


async def connect(address: str, namespace: str) -> Client:
    """Return a client of the server; like Baton's it does not compress calls without TLS."""
    return await Client.connect(address, namespace=namespace, grpc_compression=GrpcCompression.NONE)


async def run_worker(address: str, namespace: str) -> int:
    """Serve the naive orders until SIGTERM; return the exit code."""
    stop = stop_requested()
    client = await connect(address, namespace)
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[NaiveOrderWorkflow],
        activities=[quote, submit, record],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(leave(run_main(run_worker(sys.argv[1], sys.argv[2]))))
