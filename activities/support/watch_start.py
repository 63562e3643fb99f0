"""Starts the watch of a quote's deposit address: a row in the ledger, and the chain's watch workflow."""

import time
from collections.abc import Container

from temporalio.client import Client

from baton.ledger.ledger import Ledger
from baton.ledger.rows import QuoteEntry, WatchRow
from baton.orders.chain_watch import start_watches

_START_PAUSE = 60.0
"""Seconds after a start in which the workflow is not started again; it runs for longer than that when idle."""


class WatchStarter:
    """Starts the watches of deposit addresses.

    Args:
        client: A Temporal client.
        ledger: Where the watched addresses are kept.
        chains: Names of the chains that are watched.
    """

    def __init__(self, client: Client, ledger: Ledger, chains: Container[str]) -> None:
        self._client = client
        self._ledger = ledger
        self._chains = chains
        self._started_at: dict[str, float] = {}

    async def watch(self, entry: QuoteEntry) -> None:
        """Watch the quote's address if its chain is watched. Calling it twice has the effect of one call.

        Raises:
            LedgerError: The row could not be written.
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
        await self._ensure_running(chain)

    async def _ensure_running(self, chain: str) -> None:
        """Start the chain's watch workflow, or reset its idle count if it runs already."""
        if time.monotonic() - self._started_at.get(chain, -_START_PAUSE) < _START_PAUSE:
            return
        await start_watches(self._client, [chain])
        self._started_at[chain] = time.monotonic()
