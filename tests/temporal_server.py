"""A real Temporal dev server for tests, where a test can move each workflow's clock ahead."""

import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from baton.orders.visibility import REGISTRY
from baton.payloads import data_converter
from baton.temporal import ensure_search_attributes

_FLAGS = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"10ms"',
    "history.workflowIdReuseMinimalInterval": '"0s"',
    "history.transferProcessorMaxPollRPS": "1000",
    "history.timerProcessorMaxPollRPS": "1000",
    "history.visibilityProcessorMaxPollRPS": "1000",
    # With four partitions, as it has by default, the server hands most tasks on between them.
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    # The deletion of a workflow waits for this.
    "history.transferProcessorUpdateAckInterval": '"100ms"',
}

AFTER_KILL = {"history.defaultWorkflowTaskTimeout": '"4s"'}
"""Flags for tests that kill workers: a task that a killed worker had taken is given to another one after this time."""


def temporal_binary() -> str:
    """Return the path of the `temporal` binary of the environment that runs the tests."""
    beside = Path(sys.executable).parent / "temporal"
    binary = str(beside) if beside.exists() else shutil.which("temporal")
    assert binary, "the tests need the temporal binary of the `engine` dependency group"
    return binary


_ATTEMPTS = 4


async def started(start: Callable[[], Awaitable[WorkflowEnvironment]]) -> WorkflowEnvironment:
    """Start a server; the SDK gives it five seconds, which a busy machine may not have for it: then it starts again."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(RuntimeError):
            return await start()
    return await start()


@asynccontextmanager
async def temporal_server(*, ui_port: int | None = None, **flags: str) -> AsyncIterator[WorkflowEnvironment]:
    """Run a server on which time is skipped only when a test asks.

    Args:
        ui_port: The port of its Temporal UI; None for none.
        flags: Additional dynamic config values.
    """
    extra = [
        part for name, value in {**_FLAGS, **flags}.items() for part in ("--dynamic-config-value", f"{name}={value}")
    ]
    environment = await started(
        lambda: WorkflowEnvironment.start_time_skipping_v2(
            ts_config=TimeSkippingConfig(enabled=False),
            dev_server_existing_path=temporal_binary(),
            dev_server_extra_args=extra,
            dev_server_log_level="error",
            data_converter=data_converter,
            ui=ui_port is not None,
            ui_port=ui_port,
        )
    )
    async with environment:
        await ensure_search_attributes(environment.client, REGISTRY)
        yield environment
