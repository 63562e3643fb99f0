"""The placement workflow: waits for an order's quote on behalf of a Nexus operation that its handler could not answer.

A handler has ten seconds, and a quote may take minutes while Orchestra is down.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from baton.orders.answers import Placement
from baton.orders.messages import READ_PLACEMENT, ReadPlacement

READ_TIMEOUT = timedelta(seconds=10)
"""Timeout of one attempt to read the order."""

READ_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=1.5, maximum_interval=timedelta(seconds=10)
)
"""Attempts add no events to the history, and the quote itself is given up after some minutes."""


@workflow.defn
class PlacementWorkflow:
    """The wait for one order's quote; its id is `{order}/placement`."""

    @workflow.run
    async def run(self, call: ReadPlacement) -> Placement:
        """Return where to deposit, or why nothing can be paid, once that is known."""
        placement: Placement = await workflow.execute_activity(
            READ_PLACEMENT,
            call,
            result_type=Placement,
            start_to_close_timeout=READ_TIMEOUT,
            retry_policy=READ_RETRY,
            summary="wait for the quote",
        )
        return placement
