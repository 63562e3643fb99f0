"""Calls to an order's child workflows: a failure there is logged and never ends the order."""

from collections.abc import Awaitable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

T = TypeVar("T")


async def ignore_child_failure(call: Awaitable[T], child: str) -> T | None:
    """Await a call to a child workflow; return None if it fails, after logging the failure.

    Args:
        call: Starts the child, signals it, or waits for its end.
        child: The child in words, such as `the refund workflow`.
    """
    try:
        return await call
    except FailureError as error:
        workflow.logger.warning("%s could not be reached: %s", child, error)
        return None
