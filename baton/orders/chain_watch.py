"""Starts the workflows that watch chains for deposits."""

from collections.abc import Iterable

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from baton.orders.names import DEPOSIT_WATCH_WORKFLOW, WORKFLOW_QUEUE, deposit_watch_id
from baton.orders.watch_messages import ChainWatch


async def start_watches(client: Client, chains: Iterable[str]) -> None:
    """Start the watch of each chain, or reset its idle count if it runs already. Repeating it is harmless.

    Raises:
        RPCError: Temporal did not answer.
    """
    for chain in chains:
        await client.start_workflow(
            DEPOSIT_WATCH_WORKFLOW,
            ChainWatch(chain=chain),
            id=deposit_watch_id(chain),
            task_queue=WORKFLOW_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="need",
            static_summary=f"deposits on {chain}",
        )
