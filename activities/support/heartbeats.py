"""Signs of life during a call, so that a dead worker's call moves to another one in seconds, not at its time-out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from pydantic import BaseModel
from temporalio import activity

INTERVAL = 3.0
"""Seconds between two signs of life; the workflow allows a silence of `workflows.support.activity_calls.HEARTBEAT`."""


@asynccontextmanager
async def heartbeating(*details: BaseModel) -> AsyncIterator[None]:
    """Send heartbeats while the body runs, each with the details as they are at that moment."""
    beating = asyncio.create_task(_beat(details))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat(details: tuple[BaseModel, ...]) -> None:
    while True:
        activity.heartbeat(*details)
        await asyncio.sleep(INTERVAL)
