"""A deposit that arrives while the watcher or the providers are down is found later, and its order completes."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from baton.chains.spec import ChainSpec
from baton.ledger.rows import WatchRow
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import WORKFLOW_QUEUE, deposit_watch_id
from baton.orders.watch_messages import ChainWatch
from tests.end_to_end.chain_orders import AGREED, evm_chain, known_to_orchestra, submits, until_seen
from tests.end_to_end.world import World, running_worker, running_world
from tests.eventually import eventually
from tests.leftovers import delete_all
from tests.local.nodes.anvil import AnvilDriver, running_anvil
from tests.local.nodes.fault_proxy import FaultProxy
from tests.local.nodes.proxy_server import running_proxy
from tests.temporal_server import temporal_server
from workflows.deposit_watch import DepositWatchWorkflow

pytestmark = pytest.mark.nodes

OPEN_ORDERS = 200


@dataclass
class Site:
    """Baton without a worker, and a chain that it reaches through two providers."""

    world: World
    node: AnvilDriver
    token: str
    spec: ChainSpec
    providers: list[FaultProxy] = field(default_factory=list)

    def worker(self) -> AbstractAsyncContextManager[None]:
        """Run a worker that watches the chain."""
        return running_worker(self.world.environment, self.world.ledger, self.world.account, {"base": self.spec})

    async def pay(self, placed: Placement) -> str:
        """Pay an order's deposit on the chain, where it is confirmed at once; the sandbox waits for the submit."""
        assert placed.deposit_address is not None
        tx_hash: str = (await self.node.transfer(self.token, placed.deposit_address, AGREED))["transactionHash"]
        await known_to_orchestra(self.world, placed, tx_hash)
        await self.node.mine(2)
        return tx_hash

    async def completes(self, placed: Placement) -> None:
        """Check that an order completes, with one submit."""
        assert (await self.world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
        assert len(await submits(self.world, placed)) == 1

    async def trouble(self) -> str:
        """Return the errors that the watch shows in the Temporal UI; empty if there are none."""
        watch = self.world.environment.client.get_workflow_handle(deposit_watch_id("base"))
        pending = (await watch.describe()).raw_description.pending_activities
        return "".join(
            call.heartbeat_details.payloads[0].data.decode() for call in pending if call.heartbeat_details.payloads
        )


@dataclass(frozen=True)
class Servers:
    """What the tests of this file share: a chain with a token, and a Temporal server."""

    node: AnvilDriver
    token: str
    temporal: WorkflowEnvironment


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[Servers]:
    async with running_anvil() as node, temporal_server() as temporal:
        yield Servers(node, await node.token(), temporal)


@pytest.fixture
async def site(servers: Servers, tmp_path: Path) -> AsyncIterator[Site]:
    """Yield a site with a ledger, a sandbox and providers of its own, whose workflows end with the test."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(delete_all, servers.temporal.client)
        served = [await stack.enter_async_context(running_proxy(servers.node.url)) for _ in range(2)]
        world = await stack.enter_async_context(running_world(servers.temporal, tmp_path, with_worker=False))
        spec = evm_chain(servers.token, *[url for url, _ in served])
        yield Site(world, servers.node, servers.token, spec, [faults for _, faults in served])


async def test_a_deposit_is_seen_while_the_first_provider_is_down(site: Site) -> None:
    first, second = site.providers
    async with site.worker():
        placed = await site.world.place()
        await eventually(lambda: site.world.ledger.watching.cursor("base"))
        assert second.calls == []

        first.down = True
        await site.pay(placed)

        await site.completes(placed)
        assert second.calls


async def test_a_deposit_is_found_after_every_provider_was_down(site: Site) -> None:
    async with site.worker():
        placed = await site.world.place()
        await eventually(lambda: site.world.ledger.watching.cursor("base"))
        for provider in site.providers:
            provider.down = True

        await site.pay(placed)
        await site.node.mine(50)
        await eventually(site.trouble, lambda errors: "502" in errors)

        for provider in site.providers:
            provider.down = False
        await site.completes(placed)


async def test_an_idle_watch_ends_and_the_next_order_starts_it_again(site: Site) -> None:
    client, watch_id = site.world.environment.client, deposit_watch_id("base")
    short = ChainWatch(chain="base", stretch=timedelta(seconds=0.2))
    async with site.worker():
        await client.execute_workflow(DepositWatchWorkflow.run, short, id=watch_id, task_queue=WORKFLOW_QUEUE)
        assert site.providers[0].calls == []

        placed = await site.world.place()
        await site.pay(placed)

        await site.completes(placed)
        described = await client.get_workflow_handle(watch_id).describe()
        assert described.status is WorkflowExecutionStatus.RUNNING


async def test_an_order_that_needs_the_watch_keeps_it(site: Site) -> None:
    """Only consecutive stretches without addresses to watch count."""
    client, watch_id = site.world.environment.client, deposit_watch_id("base")
    short = ChainWatch(chain="base", stretch=timedelta(seconds=0.2))
    async with site.worker():
        await client.start_workflow(DepositWatchWorkflow.run, short, id=watch_id, task_queue=WORKFLOW_QUEUE)
        placed = await site.world.place()
        polls = len(site.providers[0].calls)
        await eventually(lambda: len(site.providers[0].calls), lambda calls: calls > polls + 60)

        described = await client.get_workflow_handle(watch_id).describe()
        assert described.status is WorkflowExecutionStatus.RUNNING
        await site.pay(placed)
        await site.completes(placed)


async def test_two_hundred_open_addresses_cost_no_more_calls_than_one(site: Site) -> None:
    provider = site.providers[0]
    async with site.worker():
        placed = await site.world.place()
        await eventually(lambda: len(provider.calls), lambda calls: calls > 40)
        alone = calls_per_poll(provider)[-3:]

        for number in range(OPEN_ORDERS):
            await site.world.ledger.watching.watch(open_order(number))
        provider.calls.clear()
        await eventually(lambda: len(provider.calls), lambda calls: calls > 80)

        assert calls_per_poll(provider)[-3:] == alone
        await site.pay(placed)
        await site.completes(placed)


def calls_per_poll(provider: FaultProxy) -> list[int]:
    """Return the number of calls of each complete poll; a poll begins with the call for the head."""
    begins = [place for place, method in enumerate(provider.calls) if method == "eth_blockNumber"]
    return [after - before for before, after in pairwise(begins)]


def open_order(number: int) -> WatchRow:
    return WatchRow(
        account="default",
        quote_id=f"q_{number}",
        workflow_id=f"order/default/open-{number}",
        chain="base",
        address=f"0x{number:040x}",
        since=datetime.now(UTC),
    )


async def test_parallel_orders_each_see_their_own_deposit(site: Site) -> None:
    async with site.worker():
        placed = [await site.world.place() for _ in range(3)]
        sent = [await site.pay(order) for order in reversed(placed)]

        for order, tx_hash in zip(reversed(placed), sent, strict=True):
            await site.completes(order)
            (line,) = (await until_seen(site.world, order, "exact")).deposits
            assert line.tx_id == tx_hash


async def test_a_deposit_missed_by_500_blocks_is_found(site: Site) -> None:
    async with site.worker():
        placed = await site.world.place()
        await eventually(lambda: site.world.ledger.watching.cursor("base"))

    await site.pay(placed)
    await site.node.mine(500)

    async with site.worker():
        await site.completes(placed)
