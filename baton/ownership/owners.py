"""The workflow that tracks an order: named by the index, judged by Temporal."""

from dataclasses import replace

from pydantic import ValidationError
from temporalio.client import Client

from baton.ledger.ledger import Ledger
from baton.orchestra.models import OrderRecord
from baton.orders.answers import Snapshot
from baton.orders.rules.follow_up import OrderEnd
from baton.ownership.order_workflows import Fate, Holder, OrderWorkflows


class Owners:
    """Finds the workflows of orders.

    Args:
        client: A Temporal client; it may be lazy.
        ledger: The ledger with the index.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._ledger = ledger
        self._workflows = OrderWorkflows(client)

    async def find(self, account: str, record: OrderRecord) -> str | None:
        """Return the workflow that the index names for an order: by its id, its quote, or its deposit address.

        The address counts only where the record names no quote: another quote than ours is not ours.

        Raises:
            LedgerError: The ledger did not answer.
        """
        return await self._ledger.find_workflow(
            account,
            order_id=record.id,
            quote_id=record.quote_id,
            deposit_address=None if record.quote_id else record.deposit_address,
            source_chain=record.source_chain,
        )

    async def inspect(self, workflow_id: str, order_id: str | None = None) -> Holder:
        """Return what became of a workflow, see `OrderWorkflows.inspect`.

        If Temporal does not know it, its row in the read model says what the order was, so that its policy and quotes
        are kept; the row decides nothing.

        Raises:
            RPCError: Temporal or the workers did not answer.
            LedgerError: The ledger did not answer.
        """
        holder = await self._workflows.inspect(workflow_id, order_id)
        if holder.fate is not Fate.UNKNOWN:
            return holder
        closed = await self._recorded(workflow_id)
        end = OrderEnd.of(closed)._replace(outcome=None) if closed else OrderEnd()
        return replace(holder, end=end, closed=closed)

    async def closed(self, holder: Holder) -> Snapshot | None:
        """Return the order of a workflow that is not open, as it stood last; None if nobody can tell.

        Raises:
            RPCError: Temporal or the workers did not answer.
        """
        if holder.closed is not None or holder.fate is not Fate.ENDED:
            return holder.closed
        return await self._workflows.last_state(holder.workflow_id)

    async def _recorded(self, workflow_id: str) -> Snapshot | None:
        row = await self._ledger.order(workflow_id)
        try:
            return Snapshot.model_validate(row.snapshot) if row else None
        except ValidationError:
            return None
