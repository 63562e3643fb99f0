"""The workflow that tracks an order: named by the index, judged by Temporal.

What the index said is remembered, so that the next webhook of an order needs no look-up. A remembered workflow cannot
lose its order while it is open (`baton/ownership/claims.py`), and Temporal refuses a signal to one that has closed; the
caller then has it forgotten. A workflow that adopted its order is never remembered: it gives the order up while it is
open, when another process asks it to.
"""

from collections import OrderedDict
from dataclasses import replace

from pydantic import ValidationError
from temporalio.client import Client

from baton.ledger.ledger import Ledger
from baton.orchestra.models import OrderRecord
from baton.orders.answers import Snapshot
from baton.orders.names import adopted_workflow_ids
from baton.orders.rules.follow_up import OrderEnd
from baton.ownership.order_workflows import Fate, Holder, OrderWorkflows

MOST_REMEMBERED = 20_000
"""Orders whose workflows are remembered, some megabytes; the one that is asked about least recently is dropped."""


class Owners:
    """Finds the workflows of orders.

    Args:
        client: A Temporal client; it may be lazy.
        ledger: The ledger with the index.
        most_remembered: How many orders are remembered.
    """

    def __init__(self, client: Client, ledger: Ledger, most_remembered: int = MOST_REMEMBERED) -> None:
        self._ledger = ledger
        self._workflows = OrderWorkflows(client)
        self._remembered: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._most_remembered = most_remembered

    async def find(self, account: str, record: OrderRecord) -> str | None:
        """Return the workflow that the index names for an order: by its id, its quote, or its deposit address.

        The address counts only where the record names no quote: another quote than ours is not ours.

        Raises:
            LedgerError: The ledger did not answer.
        """
        order = (account, record.id)
        if order in self._remembered:
            self._remembered.move_to_end(order)
            return self._remembered[order]
        owner = await self._ledger.find_workflow(account, order_id=record.id, quote_id=record.quote_id)
        if owner is None:
            return await self._find_by_address(account, record)
        if owner not in adopted_workflow_ids(*order):
            self._remember(order, owner)
        return owner

    async def find_successor(self, account: str, order_id: str, closed: str) -> str | None:
        """Return the workflow that the index names instead of one that has closed; None if it names no other.

        Raises:
            LedgerError: The ledger did not answer.
        """
        if self._remembered.pop((account, order_id), None) != closed:
            return None  # it was not remembered, so the index was read a moment ago
        owner = await self._ledger.find_workflow(account, order_id=order_id)
        return None if owner == closed else owner

    def _remember(self, order: tuple[str, str], workflow_id: str) -> None:
        self._remembered[order] = workflow_id
        if len(self._remembered) > self._most_remembered:
            self._remembered.popitem(last=False)

    async def _find_by_address(self, account: str, record: OrderRecord) -> str | None:
        if record.quote_id or record.deposit_address is None:
            return None
        # Not remembered: another workflow with this address may yet claim the order.
        return await self._ledger.find_workflow(
            account, deposit_address=record.deposit_address, source_chain=record.source_chain
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
