"""A local node in tests: if it is not installed, the test is skipped with the reason."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

import pytest

from baton.local.nodes.local_node import NodeMissing

REQUIRED = "BATON_REQUIRE_NODES"
"""Set to 1 to make the tests fail on a machine without a node, instead of skipping them."""

T = TypeVar("T")


@asynccontextmanager
async def node_or_skip(node: AbstractAsyncContextManager[T], *, optional: bool = False) -> AsyncIterator[T]:
    """Run a node for the length of the block; if it is not installed, skip the test, or fail it if nodes are required.

    Args:
        node: The node.
        optional: Whether the node is not available everywhere, so that its absence never fails a test.
    """
    async with AsyncExitStack() as exits:
        try:
            running = await exits.enter_async_context(node)
        except NodeMissing as error:
            if os.environ.get(REQUIRED) == "1" and not optional:
                raise
            pytest.skip(f"{error} (with {REQUIRED}=1 this is a failure)")
        yield running
