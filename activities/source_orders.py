"""The activity that finds orders of addresses and links which no webhook and no chain reported."""

from temporalio import activity
from temporalio.client import Client

from activities.support.account_clients import AccountClients
from activities.support.order_finder import OrderFinder
from baton.ledger.ledger import Ledger
from baton.ownership.adopted_orders import AdoptedOrders
from baton.sources.messages import FindOrders, OrdersFound
from baton.sources.names import FIND_ORDERS


class SourceOrderActivities:
    """The planned reads of the orders of addresses and links.

    Args:
        client: A Temporal client, to start the orders' workflows.
        ledger: Where the addresses and links are, and the orders that are known.
        clients: The accounts, with their clients.
    """

    def __init__(self, client: Client, ledger: Ledger, clients: AccountClients) -> None:
        self._ledger = ledger
        self._clients = clients
        self._adopted = AdoptedOrders(client, ledger)

    @activity.defn(name=FIND_ORDERS)
    async def find_orders(self, call: FindOrders) -> OrdersFound:
        """Read on behind the last place, for about as many calls as wanted; return what was done so far.

        Raises:
            LedgerIncomplete: Orders that the ledger lost would get a second workflow; tried again.
        """
        await self._ledger.require_complete()
        details = activity.info().heartbeat_details
        found = OrdersFound.model_validate(details[0]) if details else call.found
        async with self._clients.for_activity(call.account, found) as orchestra:
            finder = OrderFinder(call.account, orchestra, self._ledger, self._adopted, found, call.pause)
            await finder.run(until=call.found.calls + call.calls)
        return found
