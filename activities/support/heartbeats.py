"""Heartbeats during a call: Temporal restarts a dead worker's call elsewhere in seconds, not after its timeout."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from pydantic import BaseModel
from temporalio import activity

INTERVAL = 3.0
"""Seconds between heartbeats; the timeout is `workflows.support.activity_calls.HEARTBEAT`."""


@asynccontextmanager
async def heartbeating(*details: BaseModel) -> AsyncIterator[None]:
    """Send heartbeats while the block runs, each with the current values of the details.

    A local activity has none: the workflow task that waits for it ends with its worker.
    """
    if activity.info().is_local:
        yield
        return
    # Temporal takes the start for a heartbeat. One with nothing to say would cost every short call another request.
    beats = asyncio.create_task(_beat(details, 0 if details else INTERVAL))
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats


async def _beat(details: tuple[BaseModel, ...], first_after: float) -> None:
    await asyncio.sleep(first_after)
    while True:
        activity.heartbeat(*details)
        await asyncio.sleep(INTERVAL)
