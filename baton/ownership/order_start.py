"""Starts a workflow together with an update that answers the caller."""

import asyncio
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio.client import Client, WithStartWorkflowOperation

from baton.orders.answers import OrderResult
from baton.orders.names import ORDER_WORKFLOW
from baton.orders.place_order import PlaceOrder
from baton.orders.start import as_started, start_options

A = TypeVar("A", bound=BaseModel)


async def start_with_update(client: Client, order: PlaceOrder, update: str, argument: BaseModel, answer: type[A]) -> A:
    """Start the order's workflow unless it is open, send it an update, and return the update's answer.

    Raises:
        WorkflowAlreadyStartedError: The workflow has closed.
        WorkflowUpdateFailedError: The order does not take the update.
        RPCError: Temporal did not answer.
    """
    start: WithStartWorkflowOperation[Any, OrderResult] = WithStartWorkflowOperation(
        ORDER_WORKFLOW, as_started(order), result_type=OrderResult, **start_options(order)
    )
    return await update_with_start(client, start, update, argument, answer)


async def update_with_start(
    client: Client, start: WithStartWorkflowOperation[Any, Any], update: str, argument: BaseModel, answer: type[A]
) -> A:
    """Start a workflow unless it is open, send it an update, and return the update's answer.

    Raises:
        WorkflowAlreadyStartedError: The workflow has closed.
        WorkflowUpdateFailedError: The workflow does not take the update.
        RPCError: Temporal did not answer.
    """
    try:
        answered: A = await client.execute_update_with_start_workflow(
            update, argument, result_type=answer, start_workflow_operation=start
        )
    except BaseException:
        await consume_start(start)
        raise
    return answered


async def consume_start(start: WithStartWorkflowOperation[Any, Any]) -> None:
    """Take the failure of the start; asyncio would report it as never retrieved."""
    try:
        async with asyncio.timeout(0):
            await start.workflow_handle()
    except (Exception, asyncio.CancelledError):
        return
