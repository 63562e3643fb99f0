"""A running worker follows changes of the accounts: rotated keys, added and removed accounts, read budgets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from baton.accounts.book import AccountBook
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.settings import Settings
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.shared_sandbox import SharedSandboxRunner
from tests.temporal_server import temporal_server
from worker import check_account, serve

OLD, NEW = "fn_sandbox", "fn_rotated_key"


@pytest.fixture(scope="module")
async def bare(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Baton without a worker."""
    folder = tmp_path_factory.mktemp("accounts")
    async with temporal_server() as temporal, running_world(temporal, folder, with_worker=False) as world:
        await world.sandbox.webhook_fault("drop")
        yield world


class Accounts:
    """The partners file of a running worker."""

    def __init__(self, file: Path, base_url: str) -> None:
        self.file = file
        self._base_url = base_url

    def write(self, **tables: str) -> None:
        """Write the file; for each account the fields of its table besides the address and `tracking`."""
        shared = f'base_url = "{self._base_url}"\ntracking = "sse"\n'
        self.file.write_text("".join(f"[accounts.{name}]\n{shared}{text}\n" for name, text in tables.items()))


@asynccontextmanager
async def serving(world: World, file: Path, **tables: str) -> AsyncIterator[Accounts]:
    """Run a worker on these accounts."""
    accounts = Accounts(file, world.account.base_url)
    accounts.write(**tables)
    book = AccountBook(Settings(partners_file=file), check=check_account, pause=0.1)
    stop = asyncio.Event()
    grace, runner = timedelta(seconds=5), SharedSandboxRunner()
    running = asyncio.create_task(serve(world.environment.client, world.ledger, book, grace, stop, runner=runner))
    try:
        yield accounts
    finally:
        stop.set()
        await running


def key(value: str, reads_per_second: float = 100) -> str:
    """Return the fields of an account with this key."""
    return f'api_key = "{value}"\nreads_per_second = {reads_per_second}\n'


async def completed(world: World, placed: Placement) -> bool:
    """Wait for the order's end; return whether it completed."""
    async with asyncio.timeout(60):
        return (await world.baton.wait(placed.reference, placed.account)).outcome is Outcome.COMPLETED


async def paid(world: World, account: str = "default", **fields: str) -> Placement:
    """Place an order and report its deposit."""
    placed = await world.place(account=account, **fields)
    proof = await world.deposit(placed)
    await world.baton.report_deposit(placed.reference, proof, account)
    return placed


async def refreshed(world: World, placed: Placement, times: int) -> None:
    """Refresh an order so many times, one after another."""
    for _ in range(times):
        await world.baton.refresh(placed.reference, placed.account)


async def test_a_key_rotated_while_orders_run_raises_no_attention(bare: World, tmp_path: Path) -> None:
    async with serving(bare, tmp_path / "partners.toml", default=key(OLD)) as accounts:
        running = [await paid(bare, scenario="stepped") for _ in range(3)]
        await asyncio.gather(*(bare.until(order, status="processing") for order in running))
        await bare.sandbox.accept_keys(OLD, NEW)
        accounts.write(default=key(NEW))
        await bare.sandbox.accept_keys(NEW)
        late = await paid(bare)
        for order in running:
            assert order.quote_id is not None
            for _ in range(4):
                await bare.sandbox.advance(order.quote_id)
        assert await asyncio.gather(*(completed(bare, order) for order in [*running, late])) == [True] * 4
        assert [(await bare.snapshot(order)).attention for order in [*running, late]] == [None] * 4
    await bare.sandbox.accept_keys(OLD)


async def test_accounts_are_added_and_removed_without_a_restart(bare: World, tmp_path: Path) -> None:
    async with serving(bare, tmp_path / "partners.toml", default=key(OLD)) as accounts:
        accounts.write(default=key(OLD), second=key(OLD))
        assert await completed(bare, await paid(bare, "second"))
        accounts.write(default=key(OLD))
        assert await completed(bare, await paid(bare))


async def test_an_unreadable_file_stops_no_order(bare: World, tmp_path: Path) -> None:
    async with serving(bare, tmp_path / "partners.toml", default=key(OLD)) as accounts:
        accounts.file.write_text("[accounts.default")
        assert await completed(bare, await paid(bare))


async def test_a_used_up_read_budget_slows_its_own_account_only(bare: World, tmp_path: Path) -> None:
    tables = {"slow": key(OLD, reads_per_second=0.02), "fast": key(OLD)}
    async with serving(bare, tmp_path / "partners.toml", **tables) as accounts:
        slow, fast = await paid(bare, "slow", scenario="stepped"), await paid(bare, "fast", scenario="stepped")
        for order in (slow, fast):
            await eventually(
                lambda order=order: bare.baton.snapshot(order.reference, order.account),
                lambda snapshot: snapshot.status == "processing",
            )
        waiting = asyncio.create_task(refreshed(bare, slow, times=5))
        async with asyncio.timeout(10):
            await refreshed(bare, fast, times=5)
        assert not waiting.done()
        accounts.write(slow=key(OLD), fast=key(OLD))
        async with asyncio.timeout(30):
            await waiting
