"""Calls to an order's child workflows: what fails there is noted and never ends the order."""

from collections.abc import Awaitable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

T = TypeVar("T")


async def ignore_child_failure(call: Awaitable[T], what: str) -> T | None:
    """Await a call to a child; return None where it fails, which is logged.

    Args:
        call: Starting the child, signalling it, or waiting for its end.
        what: The child in words, such as `the refund workflow`.
    """
    try:
        return await call
    except FailureError as error:
        workflow.logger.warning("%s could not be reached: %s", what, error)
        return None
