"""All of Baton in one process: sandbox, gateway, worker and ledger, with a real Temporal server."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.chains.spec import ChainSpec
from baton.client import BatonClient
from baton.errors import OrderRefused
from baton.gateway.app import create_app
from baton.gateway.coalescer import Coalescer
from baton.gateway.parts import GatewayParts
from baton.gateway.signals import SignalSender
from baton.ledger.ledger import Ledger
from baton.local.sandbox.control import SandboxControl
from baton.notifications.addresses import networks_of
from baton.notifications.book import EndpointBook
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement, Snapshot
from baton.orders.names import order_workflow_id
from baton.orders.snapshot import placement_of_snapshot
from baton.pages.order_pages import order_pages
from baton.process.http_server import address_of, listen, serving
from baton.settings import PartnerAccount, Settings, Tracking
from tests.eventually import eventually
from tests.http import http_client
from tests.sandbox_server import running_sandbox
from tests.shared_sandbox import SharedSandboxRunner
from tests.worker_deaths import start_again
from worker import serve, workflow_runner

SECRET = "whsec_end_to_end"
PUBLIC_URL = "https://pay.example.com"
"""Where the pages about orders are said to be."""
SPARK = "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2"

LOOPBACK = networks_of(["127.0.0.0/8"])
"""Where the endpoints of tests are."""

TOKEN = "baton_token_of_the_end_to_end_tests"
ALL_VERBS = {"tests": TokenEntry(hash=hash_of(TOKEN), accounts=["*"], verbs=["*"])}

USDC_TO_BTC = {
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationChain": "spark",
    "destinationAsset": "BTC",
    "amount": "100000000",
    "recipientAddress": SPARK,
}


@dataclass
class World:
    """The running parts of Baton, with helpers for tests."""

    environment: WorkflowEnvironment
    baton: BatonClient
    sandbox: SandboxControl
    ledger: Ledger
    gateway_url: str
    account: PartnerAccount
    ledger_file: Path
    ledger_url: str
    http: httpx.AsyncClient
    """A client of the order API, with a token that has all verbs."""

    def document(self, **fields: Any) -> dict[str, Any]:
        """Return an order document with a fresh reference."""
        reference = f"test-{uuid.uuid4().hex[:12]}"
        return {**USDC_TO_BTC, "reference": reference, **fields}

    async def place(self, *, scenario: str | None = None, **fields: Any) -> Placement:
        """Place an order; with a scenario, the sandbox plays that scenario for it."""
        placed = await self.baton.place(self.document(**fields))
        if scenario is not None and placed.quote_id is not None:
            await self.sandbox.set_scenario(scenario, placed.quote_id)
        return placed

    async def refused(self, document: dict[str, Any]) -> Placement:
        """Place an order that gets no quote; return the placement of the order that closed for it."""
        with pytest.raises(OrderRefused) as refused:
            await self.baton.place(document)
        error, standing = refused.value, refused.value.standing
        placed = placement_of_snapshot(await self.baton.snapshot(document["reference"]))
        assert placed.reason is not None
        assert standing is not None
        assert (error.code, standing.outcome) == (placed.reason.code, placed.outcome)
        assert placed.reason.message in error.message
        return placed

    async def deposit(self, placed: Placement, **fields: Any) -> DepositProof:
        """Pay the order's deposit on the simulated chain."""
        assert placed.quote_id is not None
        paid = await self.sandbox.deposit(**{"quote_id": placed.quote_id, **fields})
        return DepositProof.model_validate(paid)

    async def deposit_and_report(self, placed: Placement, **fields: Any) -> DepositProof:
        """Pay the order's deposit and report it as the business app does."""
        proof = await self.deposit(placed, **fields)
        await self.baton.report_deposit(placed.reference, proof)
        return proof

    def handle(self, placed: Placement) -> WorkflowHandle[Any, Any]:
        """Return the order's workflow."""
        return self.environment.client.get_workflow_handle(order_workflow_id(placed.account, placed.reference))

    async def advance(self, placed: Placement, **delta: float) -> None:
        """Move the order's clock ahead, so that its due timers fire."""
        await self.environment.fast_forward(self.handle(placed), timedelta(**delta))

    async def pass_expiry(self, placed: Placement) -> None:
        """Move the order's clock past the expiry of its first quote; other tests may have moved the sandbox's clock."""
        assert placed.expires_at is not None
        left = placed.expires_at - datetime.now(UTC)
        await self.advance(placed, seconds=left.total_seconds() + 5)

    async def details(self, workflow_id: str) -> str:
        """What the Temporal UI shows as a workflow's current details."""
        handle = self.environment.client.get_workflow_handle(workflow_id)
        metadata: Any = await handle.query("__temporal_workflow_metadata")
        return str(metadata.current_details)

    async def snapshot(self, placed: Placement) -> Snapshot:
        """Return the order's snapshot."""
        return await self.baton.snapshot(placed.reference)

    async def until(self, placed: Placement, **fields: Any) -> Snapshot:
        """Wait until the snapshot's fields have these values; return it."""

        def reached(snapshot: Snapshot) -> bool:
            return all(getattr(snapshot, name) == value for name, value in fields.items())

        return await eventually(lambda: self.snapshot(placed), reached)

    async def statuses(self, placed: Placement) -> list[str]:
        """Return the statuses of an order's transitions in the ledger."""
        return [row.status for row in await self.ledger.transitions(placed.workflow_id)]


@asynccontextmanager
async def running_world(
    environment: WorkflowEnvironment,
    folder: Path,
    *,
    coalesce: float = 0.2,
    with_worker: bool = True,
    tracking: Tracking = "webhooks",
    chains: Mapping[str, ChainSpec] = MappingProxyType({}),
    settle: Path | None = None,
    reads_per_second: float = 200,
    sandboxed: bool = True,
    ledger_url: str = "",
    gateway_port: int = 0,
) -> AsyncIterator[World]:
    """Run all parts of Baton against one Temporal server.

    Args:
        environment: The Temporal server.
        folder: The ledger's folder.
        coalesce: Seconds within which webhooks of one order share a signal.
        with_worker: Whether to run a worker; otherwise the test starts its own.
        tracking: How the account tracks its orders.
        chains: The chains that are watched for deposits.
        settle: File of the nodes that the sandbox uses for deposit addresses and payments.
        reads_per_second: The account's read budget.
        sandboxed: Whether Temporal's workflow sandbox guards the workflows; see `tests.shared_sandbox`.
        ledger_url: Where the ledger is; without it in the folder.
        gateway_port: Where a gateway runs that the test starts itself; webhooks to it are repeated soon.
    """
    listener = None if gateway_port else listen("127.0.0.1", 0)
    gateway_url = address_of(listener) if listener else f"http://127.0.0.1:{gateway_port}"
    ledger_url = ledger_url or f"sqlite:///{folder / 'ledger.db'}"
    async with AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(await Ledger.open(ledger_url))
        await ledger.mark_complete()  # the server may have orders of other worlds, which have their own ledgers
        webhook_url = f"{gateway_url}/webhooks/orchestra/default"
        pace = {"step_seconds": 0.03, "detect_seconds": 0.05, "retry_scale": 0.01 if gateway_port else 1.0}
        sandbox_url, sandbox = await stack.enter_async_context(
            running_sandbox(webhook_url=webhook_url, webhook_secret=SECRET, settle=settle, **pace)
        )
        account = PartnerAccount(
            name="default",
            base_url=sandbox_url,
            api_key=SecretStr("fn_sandbox"),
            webhook_secrets=[SecretStr(SECRET)],
            reads_per_second=reads_per_second,
            tracking=tracking,
        )
        if listener:
            coalescer = Coalescer(SignalSender(environment.client), window=coalesce)
            parts = GatewayParts({"default": account}, environment.client, ledger, coalescer, TokenBook(own=ALL_VERBS))
            await stack.enter_async_context(serving(create_app(parts), listener, grace=1))
        if with_worker:
            await stack.enter_async_context(running_worker(environment, ledger, account, chains, sandboxed=sandboxed))
        http = await stack.enter_async_context(api_client(gateway_url))
        baton, ledger_file = BatonClient(environment.client), folder / "ledger.db"
        yield World(environment, baton, sandbox, ledger, gateway_url, account, ledger_file, ledger_url, http)


def api_client(gateway_url: str, token: str = TOKEN) -> httpx.AsyncClient:
    """Return a client of the order API."""
    return http_client(base_url=gateway_url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


@asynccontextmanager
async def running_worker(
    environment: WorkflowEnvironment,
    ledger: Ledger,
    account: PartnerAccount,
    chains: Mapping[str, ChainSpec],
    *,
    sandboxed: bool = True,
) -> AsyncIterator[None]:
    """Run a worker until the block ends; running activities then get five seconds to finish.

    A worker that dies is started again, and the test that ran meanwhile fails.
    """
    stop, accounts = asyncio.Event(), {account.name: account}
    runner = SharedSandboxRunner() if sandboxed else workflow_runner(sandboxed=False)

    async def serve_all() -> None:
        grace = timedelta(seconds=5)
        endpoints = EndpointBook(None, ledger, LOOPBACK)
        await serve(
            environment.client,
            ledger,
            accounts,
            grace,
            stop,
            chains,
            runner=runner,
            endpoints=endpoints,
            pages=order_pages(Settings(public_url=PUBLIC_URL, page_key=SecretStr("k" * 40))),
        )

    running = asyncio.create_task(start_again(serve_all))
    try:
        yield
    finally:
        stop.set()
        await running
