"""The activity that reads where to deposit, and is repeated by Temporal until an order has a quote."""

from datetime import timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from baton.orders.answers import Placement
from baton.orders.messages import READ_PLACEMENT, ReadPlacement
from baton.orders.models import Phase
from baton.orders.snapshot import placement_of_snapshot
from baton.temporal_orders import TemporalOrders

PATIENCE = timedelta(seconds=8)
"""How long one attempt waits for the order's answer."""


class PlacementActivities:
    """The activity that reads placements.

    Args:
        temporal: A Temporal client with the pydantic data converter.
    """

    def __init__(self, temporal: Client) -> None:
        self._orders = TemporalOrders(temporal, PATIENCE)

    @activity.defn(name=READ_PLACEMENT)
    async def read_placement(self, call: ReadPlacement) -> Placement:
        """Return the order's placement, if it has a quote or has ended.

        Raises:
            ApplicationError: It still waits for its quote (benign).
            BatonError: Nobody answered, or its workflow ended without an outcome.
        """
        snapshot = await self._orders.snapshot(call.reference, call.account)
        self._orders.require_followed(snapshot)
        if snapshot.phase is Phase.QUOTING:
            message = "the order has no quote yet"
            raise ApplicationError(message, type="NoQuoteYet", category=ApplicationErrorCategory.BENIGN)
        return placement_of_snapshot(snapshot)
