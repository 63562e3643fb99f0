"""Having a quote's deposit address watched: written into the ledger, and the chain's watch workflow made sure of."""

import time
from collections.abc import Container

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from baton.ledger.ledger import Ledger
from baton.ledger.rows import QuoteEntry, WatchRow
from baton.orders.names import WORKFLOW_QUEUE, deposit_watch_id
from baton.orders.watch_messages import ChainWatch
from workflows.deposit_watch import DepositWatchWorkflow

_SURE_FOR = 60.0
"""Seconds for which a watch that was made sure of is not asked after again; it outlives its last need for longer."""


class WatchStarter:
    """Begins the watching of addresses.

    Args:
        client: A Temporal client.
        ledger: Where watched addresses stand.
        chains: The chains that are watched.
    """

    def __init__(self, client: Client, ledger: Ledger, chains: Container[str]) -> None:
        self._client = client
        self._ledger = ledger
        self._chains = chains
        self._sure: dict[str, float] = {}

    async def begin(self, entry: QuoteEntry) -> None:
        """Have the quote's address watched, if its chain is watched at all. Doing it again changes nothing.

        Raises:
            LedgerError: It could not be written.
            RPCError: Temporal did not answer.
        """
        chain, address = entry.source_chain, entry.deposit_address
        if chain is None or address is None or chain not in self._chains:
            return
        row = WatchRow(
            account=entry.account,
            quote_id=entry.quote_id,
            workflow_id=entry.workflow_id,
            chain=chain,
            address=address,
            since=entry.created_at,
        )
        await self._ledger.watching.watch(row)
        await self._make_sure(chain)

    async def _make_sure(self, chain: str) -> None:
        if time.monotonic() - self._sure.get(chain, -_SURE_FOR) < _SURE_FOR:
            return
        await self._client.start_workflow(
            DepositWatchWorkflow.run,
            ChainWatch(chain=chain),
            id=deposit_watch_id(chain),
            task_queue=WORKFLOW_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="need",
            static_summary=f"deposits on {chain}",
        )
        self._sure[chain] = time.monotonic()
