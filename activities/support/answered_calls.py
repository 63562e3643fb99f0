"""Calls that are answered even if their activity is cancelled: what has left for Orchestra may take effect there."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import activity

T = TypeVar("T")


async def answered(call: Coroutine[Any, Any, T]) -> T:
    """Await a call; if the workflow cancels the activity meanwhile, still await the answer and return it.

    Raises:
        asyncio.CancelledError: The worker shuts down, or the server has given up this attempt: the next attempt makes
            the call again, under the same idempotency key.
    """
    calling = asyncio.ensure_future(call)
    try:
        return await asyncio.shield(calling)
    except asyncio.CancelledError:
        details = activity.cancellation_details()
        if details is not None and details.cancel_requested:
            return await calling
        calling.cancel()
        raise
