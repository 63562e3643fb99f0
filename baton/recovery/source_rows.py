"""Writes the rows of reusable addresses and pay links again, as their workflows answer."""

from collections.abc import AsyncIterator

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError

from baton.ledger.ledger import Ledger
from baton.recovery.executions import sources_query
from baton.recovery.order_reader import QUERY_TIMEOUT, OrderUnread
from baton.sources.answers import SourceSnapshot
from baton.sources.names import SOURCE
from baton.sources.record import source_address_rows, source_row


class SourceRows:
    """The rows of the sources of one Temporal namespace.

    Args:
        client: A Temporal client.
        ledger: The ledger that is written.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger

    async def restore(self) -> AsyncIterator[OrderUnread | None]:
        """Write the rows of every source, open or closed; yield after each, with the reason if it was not read.

        Raises:
            LedgerError: The ledger did not answer.
            RPCError: Temporal did not list the workflows.
        """
        async for execution in self._client.list_workflows(sources_query()):
            try:
                snapshot = await self._ask(execution)
            except OrderUnread as error:
                yield error
                continue
            if snapshot is not None:
                await self._ledger.sources.write(source_row(snapshot), source_address_rows(snapshot))
            yield None

    async def _ask(self, execution: WorkflowExecution) -> SourceSnapshot | None:
        """Return the answer of a source's workflow; None if it has closed and nobody can answer for it.

        Raises:
            OrderUnread: It is open, and no worker answered for it.
        """
        handle = self._client.get_workflow_handle(execution.id, run_id=execution.run_id)
        try:
            snapshot: SourceSnapshot = await handle.query(SOURCE, result_type=SourceSnapshot, rpc_timeout=QUERY_TIMEOUT)
        except (WorkflowQueryFailedError, RPCError) as error:
            if execution.status is WorkflowExecutionStatus.RUNNING:
                raise OrderUnread(f"{execution.id}: {error}") from None
            return None
        return snapshot
