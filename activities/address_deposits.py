"""Activities about deposits to reusable addresses without an order: look for them, refund them, track an order."""

from temporalio import activity

from activities.support.account_clients import AccountClients
from activities.support.answered_calls import answered
from activities.support.failures import refused
from baton.orders.address_deposit import STANDING
from baton.orders.messages import (
    INDEX_ADDRESS,
    REFUND_ADDRESS_DEPOSIT,
    TRACK_ORDER,
    IndexAddress,
    RefundAccepted,
    RefundAddressDeposit,
    Refusal,
    TrackOrder,
)
from baton.orders.observation import Observation
from baton.ownership.adopted_orders import AdoptedOrders

NOT_LISTED = "deposit_not_listed"
"""Code of the refusal to refund a deposit that Orchestra does not list."""


class AddressDepositActivities:
    """The calls about deposits to reusable addresses, for every account of this worker.

    Args:
        clients: The accounts, with their clients.
        adopted: Starts the workflows of orders that Orchestra made.
    """

    def __init__(self, clients: AccountClients, adopted: AdoptedOrders) -> None:
        self._clients = clients
        self._adopted = adopted

    @activity.defn(name=INDEX_ADDRESS)
    async def index_address(self, call: IndexAddress) -> None:
        """Have Orchestra look for deposits to an accumulation address that it missed."""
        async with self._clients.for_activity(call.account) as client:
            await client.reindex_accumulation(call.orchestra_id, call.key)

    @activity.defn(name=REFUND_ADDRESS_DEPOSIT)
    async def refund_address_deposit(self, call: RefundAddressDeposit) -> RefundAccepted:
        """Have Orchestra refund a deposit; a repeat under the same key refunds it once."""
        deposit = call.deposit
        async with self._clients.for_activity(call.account) as client:
            if deposit.type != STANDING:
                asked = client.refund_accumulation(deposit.orchestra_id, deposit.tx_id, call.key, call.refund_address)
                return RefundAccepted(batch_id=(await answered(asked)).batch_id)
            if deposit.held is None:
                raise refused(
                    Refusal(code=NOT_LISTED, message="Orchestra does not list the deposit yet; read it first")
                )
            asked = client.resolve_standing(deposit.orchestra_id, deposit.held.id, call.refund_address, call.key)
            return RefundAccepted(batch_id=(await answered(asked)).batch_id)

    @activity.defn(name=TRACK_ORDER)
    async def track_order(self, call: TrackOrder) -> None:
        """Read an order at Orchestra and start its workflow, unless one tracks it already."""
        async with self._clients.for_activity(call.account) as client:
            observed = Observation.of_status(await client.status(order_id=call.order_id))
            await self._adopted.track(call.account, observed)
