"""A second namespace of the test's Temporal server, with a shop whose workflows call Baton over Nexus."""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from pydantic import BaseModel
from temporalio import workflow
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Worker

from baton.nexus.endpoint import ensure_endpoint
from baton.nexus.service import ENDPOINT, BatonService
from baton.orders.answers import Placement
from examples.nexus_shop.sale import Receipt, Sale, SaleWorkflow, ship
from examples.nexus_shop.worker import QUEUE
from tests.end_to_end.world import SPARK
from tests.eventually import eventually

Selling = WorkflowHandle[SaleWorkflow, Receipt]


class Question(BaseModel):
    """One operation of Baton's service, with its input."""

    operation: str
    input: Any


@workflow.defn(sandboxed=False)
class AskWorkflow:
    """A caller that asks one thing."""

    @workflow.run
    async def run(self, question: Question) -> Any:
        """Return the operation's answer."""
        baton = workflow.create_nexus_client(service=BatonService, endpoint=ENDPOINT)
        answer: Any = await baton.execute_operation(getattr(BatonService, question.operation), question.input)
        return answer


class Shop:
    """The shop's namespace.

    Attributes:
        client: A Temporal client of the namespace.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    async def sell(self, sale: Sale) -> Selling:
        """Start a sale; several sales of one id are several workflows that place the same order."""
        workflow_id = f"sale/{sale.id}/{uuid.uuid4().hex[:6]}"
        return await self.client.start_workflow(SaleWorkflow.run, sale, id=workflow_id, task_queue=QUEUE)

    async def sold(self, sale: Sale) -> Receipt:
        """Start a sale and wait for its end."""
        return await (await self.sell(sale)).result()

    async def ask(self, operation: str, **fields: Any) -> Any:
        """Return what one of Baton's operations answers to a workflow of the shop."""
        asking = self.client.start_workflow(
            AskWorkflow.run,
            Question(operation=operation, input=fields),
            id=f"ask/{operation}/{uuid.uuid4().hex[:6]}",
            task_queue=QUEUE,
        )
        return await (await asking).result()


def a_sale(**fields: Any) -> Sale:
    """Return a sale with a fresh id."""
    usual = {"id": f"sale-{uuid.uuid4().hex[:12]}", "item": "a mug", "usdc": 100_000_000, "spark_address": SPARK}
    return Sale.model_validate(usual | fields)


async def payment_of(selling: Selling) -> Placement:
    """Return what the shop shows the payer, once it knows it."""
    shown = await eventually(lambda: selling.query(SaleWorkflow.payment), within=30)
    assert shown is not None
    return shown


async def open_shop(baton: Client, name: str = "shop") -> Shop:
    """Create Baton's endpoint and the shop's namespace; return it once the server finds it."""
    await ensure_endpoint(baton, ENDPOINT)
    retention = Duration()
    retention.FromTimedelta(timedelta(days=1))
    request = RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=retention)
    await baton.workflow_service.register_namespace(request)
    address = baton.service_client.config.target_host
    client = await Client.connect(address, namespace=name, data_converter=pydantic_data_converter)
    await eventually(lambda: _is_found(client), within=30)
    return Shop(client)


async def _is_found(client: Client) -> bool:
    try:
        await client.count_workflows()
    except RPCError:
        return False
    return True


@asynccontextmanager
async def shop_worker(shop: Shop, *others: type) -> AsyncIterator[None]:
    """Run the shop's worker in this process, with other workflows of the test."""
    workflows = [SaleWorkflow, AskWorkflow, *others]
    async with Worker(shop.client, task_queue=QUEUE, workflows=workflows, activities=[ship]):
        yield


def environment_of(shop: Shop) -> dict[str, str]:
    """Return the environment of a process that uses the shop's namespace."""
    address = shop.client.service_client.config.target_host
    return os.environ | {"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": shop.client.namespace}


@asynccontextmanager
async def shop_process(shop: Shop) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the shop's worker as the process that the example documents; the block may kill it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "examples.nexus_shop.worker", env=environment_of(shop)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
