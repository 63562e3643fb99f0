"""How an order calls Orchestra about its deposit to a reusable address: queues, timeouts and retries."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from baton.orders.messages import (
    INDEX_ADDRESS,
    REFUND_ADDRESS_DEPOSIT,
    TRACK_ORDER,
    IndexAddress,
    RefundAccepted,
    RefundAddressDeposit,
    Refusal,
    TrackOrder,
)
from baton.orders.names import partner_queue, poll_queue
from workflows.support.activity_calls import CALL_TIMEOUT, HEARTBEAT, PARTNER_RETRY
from workflows.support.refusals import refusal_in


async def index_address(call: IndexAddress) -> Refusal | None:
    """Have Orchestra look for deposits to the address again; retries until it answers."""
    try:
        await workflow.execute_activity(
            INDEX_ADDRESS,
            call,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            summary="have Orchestra look for the deposit again",
        )
    except ActivityError as error:
        return refusal_in(error)
    return None


async def refund_deposit(call: RefundAddressDeposit) -> RefundAccepted | Refusal:
    """Have Orchestra refund the deposit; retries until it answers."""
    try:
        accepted: RefundAccepted = await workflow.execute_activity(
            REFUND_ADDRESS_DEPOSIT,
            call,
            result_type=RefundAccepted,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            summary="have Orchestra refund the deposit",
        )
    except ActivityError as error:
        return refusal_in(error)
    return accepted


async def track_order(call: TrackOrder) -> Refusal | None:
    """Have an Orchestra order tracked by a workflow of its own; retries until that runs."""
    try:
        await workflow.execute_activity(
            TRACK_ORDER,
            call,
            task_queue=poll_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            summary=f"have {call.order_id} tracked",
        )
    except ActivityError as error:
        return refusal_in(error)
    return None
