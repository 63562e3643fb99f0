from collections.abc import AsyncIterator

import pytest_asyncio

from tests.local.nodes.anvil import AnvilDriver, running_anvil


@pytest_asyncio.fixture
async def anvil() -> AsyncIterator[AnvilDriver]:
    async with running_anvil() as node:
        yield node


@pytest_asyncio.fixture
async def token(anvil: AnvilDriver) -> str:
    return await anvil.token()
