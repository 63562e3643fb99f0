"""The workflows of orders that were not placed here, and of orders that continue after Baton closed them.

Deposits to reusable addresses have no quote, pay links and other apps make orders under the same account, and money may
arrive after an order of ours closed unpaid. Each of these orders gets a workflow that tracks it, so that none is lost
(docs/decisions/0006).
"""

from temporalio.client import Client

from baton.gateway.signals import NotHandedOver, hand_over_errors
from baton.ledger.ledger import Ledger
from baton.orchestra.models import OrderRecord, WebhookEvent
from baton.orders.answers import Snapshot
from baton.orders.names import adopted_workflow_id, follow_up_reference, order_workflow_id
from baton.orders.observation import Observation
from baton.ownership.adopted_orders import AdoptedOrders, ReadOrderRecord
from baton.ownership.claims import Claims
from baton.ownership.follow_ups import FollowUps, attention_for
from baton.ownership.order_workflows import Holder
from baton.ownership.owners import Owners


class Adopter:
    """Starts the workflows that track orders which were not placed here, or whose workflows have closed.

    Args:
        client: A Temporal client.
        ledger: The ledger whose index will name the workflow of the order.
        owners: Tells what closed orders were.
        read_order: Reads an order at Orchestra where a webhook does not name the whole deposit.
    """

    def __init__(
        self, client: Client, ledger: Ledger, owners: Owners, read_order: ReadOrderRecord | None = None
    ) -> None:
        self._ledger = ledger
        self._adopted = AdoptedOrders(client, ledger, read_order)
        self._claims = Claims(client, ledger)
        self._owners = owners
        self._follow_ups = FollowUps(client)

    async def adopt(self, account: str, event: WebhookEvent, lost: Holder | None = None) -> str:
        """Start to track an order that was not placed here; return its workflow id. Repeating it is harmless.

        Args:
            account: The account of the order.
            event: The webhook that reports it.
            lost: The workflow that tracked it before, if that did not end by itself.

        Raises:
            HandOverError: Temporal did not accept the workflow, or it has closed already.
            LedgerConflict: Another open workflow has the order.
            LedgerError: The index could not be read or written.
        """
        async with hand_over_errors(adopted_workflow_id(account, event.data.id)):
            attention = attention_for(lost) if lost else None
            return await self._adopted.track(account, Observation.of_webhook(event), attention)

    async def has_source(self, account: str, record: OrderRecord) -> bool:
        """Whether an order came of a reusable address or a pay link that Baton created.

        Raises:
            LedgerError: The ledger did not answer.
        """
        return await self._adopted.source(account, record) is not None

    async def follow_up(self, holder: Holder, account: str, event: WebhookEvent) -> str:
        """Start to track what happens after an order of ours closed; return the follow-up's workflow id.

        Raises:
            HandOverError: Temporal or the workers did not answer, or the follow-up has closed too.
            LedgerConflict: Another open workflow has the order.
            LedgerError: The index could not be read or written.
        """
        closed = await self._closed(holder)
        async with hand_over_errors(order_workflow_id(closed.account, follow_up_reference(closed.reference))):
            workflow_id = await self._follow_ups.track(closed, event, attention_for(holder))
            await self._claims.claim(account, event.data.id, workflow_id)
        await self._ledger.watching.reassign(holder.workflow_id, workflow_id)
        return workflow_id

    async def _closed(self, holder: Holder) -> Snapshot:
        async with hand_over_errors(holder.workflow_id):
            closed = await self._owners.closed(holder)
        if closed is None:
            raise NotHandedOver(f"workflow {holder.workflow_id} closed, and nobody can tell what its order was")
        return closed
