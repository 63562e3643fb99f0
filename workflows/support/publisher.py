"""Shows an order to people: search attributes, current details, and its row in the read model."""

from temporalio import workflow

from baton.orders.place_order import PlaceOrder
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from baton.orders.summaries import current_details
from baton.orders.visibility import listing
from workflows.support import activity_calls


class Publisher:
    """Publishes an order's state when something worth showing changed.

    Search attributes are written only when the phase or the attention changes: each upsert costs an event.
    """

    def __init__(self, order: PlaceOrder, state: OrderState) -> None:
        self._order = order
        self._state = state
        continued = order.state is not None
        self._dirty = continued
        self._listed = None if continued else (state.phase, False)

    def mark_dirty(self) -> None:
        """Make the next `publish` write the state."""
        self._dirty = True

    async def publish(self) -> None:
        """Publish the state if it was marked dirty since the last time."""
        if not self._dirty:
            return
        self._dirty = False
        self._state.revision += 1
        self._state.published_at = workflow.now()
        listed = (self._state.phase, self._state.attention is not None)
        if listed != self._listed:
            self._listed = listed
            workflow.upsert_search_attributes(listing(self._order, self._state))
        snapshot = snapshot_of(self._order, self._state)
        workflow.set_current_details(current_details(snapshot))
        await activity_calls.record_order(snapshot)
