"""The long forms of benchmarks that the other tests run with small numbers, and one that needs many orders."""

import asyncio

import pytest

from baton.local.nodes.anvil import running_anvil
from bench.open_orders import OpenOptions, measure
from bench.support.source_load import SourceCase
from bench.support.subjects import Subject
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
async def test_on_no_evm_chain_do_the_calls_grow_within_a_batch() -> None:
    async with node_or_skip(running_anvil()):
        pass
    # Base is measured by the short form; on Solana and Bitcoin nothing says that calls may not grow.
    subjects = (Subject.OPTIMISM, Subject.TRON, Subject.LEDGER)
    only = [word for subject in subjects for word in ("--only", subject)]
    await asyncio.to_thread(check_run, "--quick", *only, numbers=(10, 100), subjects=subjects)


async def test_a_hundred_open_orders_are_measured_and_the_worker_restarts() -> None:
    (figures,) = (await measure(OpenOptions((100,), cache=100, seconds=0.5))).rows

    assert figures.orders == 100
    assert figures.answer is not None
    assert figures.state is not None
    assert figures.worker_bytes < 500_000
    assert 0 < figures.restart.ready <= figures.restart.query <= figures.restart.placed
