"""The long forms of benchmarks that the other tests run with small numbers."""

import asyncio

import pytest

from baton.local.nodes.anvil import running_anvil
from bench.support.source_load import SourceCase
from tests.bench.test_sources import check_deposits
from tests.bench.test_watch_cost import check_run
from tests.local.nodes.node_or_skip import node_or_skip

pytestmark = [pytest.mark.production, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("case", "deposits"),
    [(SourceCase.ONE_ADDRESS, 200), (SourceCase.UNREPORTED, 100), (SourceCase.MANY_ADDRESSES, 100)],
)
async def test_each_of_hundreds_of_deposits_is_one_order(case: SourceCase, deposits: int) -> None:
    await check_deposits(case, deposits)


@pytest.mark.nodes
async def test_on_no_chain_do_the_calls_grow_with_the_addresses() -> None:
    async with node_or_skip(running_anvil()):
        pass
    await asyncio.to_thread(check_run, "--quick", numbers=(10, 100))
