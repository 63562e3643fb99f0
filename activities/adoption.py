"""The activity that follows an order of Orchestra because an operator asked for it."""

from temporalio import activity
from temporalio.client import Client

from activities.support.account_clients import AccountClients
from activities.support.failures import refused
from baton.ledger.ledger import Ledger
from baton.orchestra.errors import NotFound
from baton.orders.adoption import ORDER_NOT_AT_ORCHESTRA, Adoption, AdoptOrder
from baton.orders.messages import Refusal
from baton.orders.names import ADOPT_ORDER
from baton.orders.observation import Observation
from baton.ownership.adoption_by_hand import AdoptionByHand


class AdoptionActivities:
    """The adoption of orders on request.

    Args:
        client: A Temporal client.
        ledger: The ledger whose index names the orders' workflows.
        clients: The accounts, with their clients.
    """

    def __init__(self, client: Client, ledger: Ledger, clients: AccountClients) -> None:
        self._clients = clients
        self._adoption = AdoptionByHand(client, ledger)

    @activity.defn(name=ADOPT_ORDER)
    async def adopt_order(self, call: AdoptOrder) -> Adoption:
        """Read an order at Orchestra and start its workflow, unless one follows it, or did until its end."""
        async with self._clients.for_activity(call.account) as client:
            try:
                observed = Observation.of_status(await client.status(order_id=call.order_id))
            except NotFound:
                message = f"Orchestra knows no order {call.order_id} in the account {call.account}"
                raise refused(Refusal(code=ORDER_NOT_AT_ORCHESTRA, message=message)) from None
            return await self._adoption.adopt(call.account, observed)
