"""The claim of an Orchestra order: which workflow the index names, and how one workflow takes an order from another.

Every source that learns of an order claims it here: a submit, an onramp, a read, a webhook, late money. Temporal judges
the workflow that holds the order already, so no row can give an order to two owners or keep it from the only one.
"""

from temporalio.client import Client
from temporalio.service import RPCError

from baton.ledger.errors import LedgerConflict
from baton.ledger.ledger import Ledger
from baton.orders.names import STEP_ASIDE, adopted_workflow_ids
from baton.ownership.order_workflows import OrderWorkflows, is_unknown


class Claims:
    """Claims Orchestra orders for workflows.

    Args:
        client: A Temporal client; it may be lazy.
        ledger: The ledger with the index.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger
        self._workflows = OrderWorkflows(client)

    async def claim(self, account: str, order_id: str, workflow_id: str) -> bool:
        """Name a workflow in the index as the one that tracks an order. Repeating it is harmless.

        A workflow that adopted the order is asked to step aside, and one that has closed or that Temporal does not know
        loses the order.

        Returns:
            Whether another workflow had the order until now, so that its webhooks may have gone there.

        Raises:
            LedgerConflict: Another open order has it.
            LedgerError: The index could not be read or written.
            RPCError: Temporal did not answer.
        """
        try:
            await self._ledger.index_order(account, order_id, workflow_id)
        except LedgerConflict as conflict:
            await self._release(conflict, order_id)
            await self._ledger.reassign_order(account, order_id, workflow_id)
            return True
        return False

    async def _release(self, conflict: LedgerConflict, order_id: str) -> None:
        """Make the present holder give the order up, or raise the conflict if it may keep it."""
        adopters = adopted_workflow_ids(conflict.account, order_id)
        if conflict.holder in adopters and conflict.claimant not in adopters:
            await self._ask_to_step_aside(conflict.holder, conflict.claimant)
        elif await self._workflows.is_open(conflict.holder):
            raise conflict

    async def _ask_to_step_aside(self, adopter: str, claimant: str) -> None:
        try:
            await self._client.get_workflow_handle(adopter).signal(STEP_ASIDE, claimant)
        except RPCError as error:
            if not is_unknown(error):
                raise
