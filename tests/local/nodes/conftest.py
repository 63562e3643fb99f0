from collections.abc import AsyncIterator

import pytest_asyncio

from tests.local.nodes.anvil import Anvil, running_anvil


@pytest_asyncio.fixture
async def anvil() -> AsyncIterator[Anvil]:
    async with running_anvil() as node:
        yield node


@pytest_asyncio.fixture
async def token(anvil: Anvil) -> str:
    return await anvil.token()
