"""How the workflow of the holds calls its activity."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from baton.holds.models import MIN_RATE, OrdersReleased, ReleaseOrders
from baton.holds.names import RELEASE_ORDERS

HEARTBEAT = timedelta(seconds=5)
"""Heartbeat timeout: after this silence Temporal gives the release to another worker, which continues it."""

_GRACE = 60.0
"""Seconds beyond its planned time that one part of a release may take."""

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10))


async def release_orders(call: ReleaseOrders) -> OrdersReleased:
    """Signal the next orders that wait behind a hold; retries without end."""
    interval = 1 / max(call.rate, MIN_RATE) if call.rate else 0.0
    part: OrdersReleased = await workflow.execute_activity(
        RELEASE_ORDERS,
        call,
        result_type=OrdersReleased,
        start_to_close_timeout=timedelta(seconds=call.seconds + interval + _GRACE),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=_RETRY,
        summary=f"release what waits behind {call.hold_id}",
    )
    return part
