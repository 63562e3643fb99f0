"""Finds addresses and links whose workflows were stopped from outside, and raises attention in their rows.

Such a workflow cannot hold its own attention any more. The address or the link still exists at Orchestra, so its row
stays enabled and its deposits still become orders.
"""

from datetime import UTC, datetime

from temporalio.client import Client, WorkflowExecution

from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceRow
from baton.orders.visibility import interruption_of
from baton.recovery.differences import Difference, DifferenceKind
from baton.recovery.executions import stopped_sources_query
from baton.sources.answers import SourceSnapshot
from baton.sources.record import source_row
from baton.sources.rules.attention import SourceReason, attention_for


class StoppedSources:
    """The comparison of the rows of addresses and links with Temporal.

    Args:
        client: A Temporal client.
        ledger: The ledger.
        repair: Whether to raise attention in the rows.
    """

    def __init__(self, client: Client, ledger: Ledger, *, repair: bool) -> None:
        self._client = client
        self._ledger = ledger
        self._repair = repair

    async def differences(self) -> list[Difference]:
        """Return the rows that show an enabled source without attention, although its workflow was stopped.

        Raises:
            LedgerError: The ledger did not answer.
            RPCError: Temporal did not answer.
        """
        found = []
        async for execution in self._client.list_workflows(stopped_sources_query()):
            row = await self._row(execution.id)
            if row is not None and row.enabled and row.attention != SourceReason.WORKFLOW_STOPPED:
                mended = self._repair and await self._mend(row, execution)
                message = f"its workflow was {_how(execution)}, and the row says enabled"
                found.append(Difference(execution.id, DifferenceKind.STOPPED, message, mended=mended))
        return found

    async def _row(self, workflow_id: str) -> SourceRow | None:
        kind, account, reference = workflow_id.split("/", 2)
        return await self._ledger.sources.source(account, kind, reference)

    async def _mend(self, row: SourceRow, execution: WorkflowExecution) -> bool:
        snapshot = SourceSnapshot.model_validate(row.snapshot)
        message = f"its workflow was {_how(execution)} in Temporal; it still exists at Orchestra"
        attention = attention_for(SourceReason.WORKFLOW_STOPPED, message, execution.close_time or datetime.now(UTC))
        changed = snapshot.model_copy(
            update={
                "attention": attention,
                "attentions": [*snapshot.attentions, attention],
                "revision": snapshot.revision + 1,
            }
        )
        return await self._ledger.sources.write(source_row(changed))


def _how(execution: WorkflowExecution) -> str:
    interruption = interruption_of(execution)
    return interruption.how if interruption else "stopped"
