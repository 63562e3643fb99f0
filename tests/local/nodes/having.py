"""Nodes of the package `nodes` in tests: skipped where they cannot be had, with the sentence that says why."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

import pytest

from baton.local.nodes.node import NodeMissing

REQUIRED = "BATON_REQUIRE_NODES"
"""Set to 1 where a machine without a node must fail its tests instead of skipping them."""

T = TypeVar("T")


@asynccontextmanager
async def having(node: AbstractAsyncContextManager[T], *, optional: bool = False) -> AsyncIterator[T]:
    """Run a node for the length of the block; where it is not installed the test is skipped, or fails as required.

    Args:
        node: The node.
        optional: It is not to be had everywhere, so its absence never fails a test.
    """
    async with AsyncExitStack() as exits:
        try:
            running = await exits.enter_async_context(node)
        except NodeMissing as error:
            if os.environ.get(REQUIRED) == "1" and not optional:
                raise
            pytest.skip(f"{error} (with {REQUIRED}=1 this is a failure)")
        yield running
