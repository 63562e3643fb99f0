"""Shows an order to people: search attributes, current details, and its row in the read model."""

from temporalio import workflow

from baton.orders.place_order import PlaceOrder
from baton.orders.rules.changes import note_changes
from baton.orders.rules.listing import Listed, must_list
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from baton.orders.summaries import current_details
from baton.orders.visibility import changes
from workflows.support.order_pages import pages_of
from workflows.support.recorder import Recorder


class Publisher:
    """Publishes an order's state when something worth showing changed.

    Search attributes are written more rarely than the rest, see `must_list`: each upsert costs an event.
    """

    def __init__(self, order: PlaceOrder, state: OrderState) -> None:
        self._order = order
        self._state = state
        continued = order.state is not None
        self._dirty = continued
        self._recorder = Recorder(
            continued=continued,
            beside_history=order.shows_beside_history,
            in_background=order.records_in_background,
        )
        self._stands = False
        self._listed = None if continued else Listed.first(order, state)

    def note_pause(self) -> None:
        """Note that a timer fired: the order's status stands, and is worth listing."""
        self._stands = True

    def mark_dirty(self) -> None:
        """Make the next `publish` write the state."""
        self._dirty = True

    def writes_end(self) -> bool:
        """Whether the end of the order is not written yet."""
        return self._recorder.writes_end()

    async def publish(self) -> None:
        """Publish the state if it was marked dirty since the last time, or its search attributes are behind."""
        if not self._dirty:
            if self._order.lists_status:
                self._list()
            return
        self._dirty = False
        self._state.revision += 1
        self._state.published_at = self._state.present(workflow.now())
        note_changes(self._state, self._order.policy)
        self._list()
        snapshot = snapshot_of(self._order, self._state)
        workflow.set_current_details(current_details(snapshot, pages_of(snapshot.workflow_id)))
        await self._recorder.record(snapshot)

    def _list(self) -> None:
        """Write the search attributes if they are too far behind the state."""
        current = Listed.of(self._order, self._state)
        follows, lazily = self._order.lists_status, self._order.lists_tracking_lazily
        if must_list(self._listed, current, status_counts=follows, stands=self._stands, lazily=lazily):
            self._listed, self._stands = current, False
            listed = workflow.info().typed_search_attributes
            workflow.upsert_search_attributes(changes(listed, self._order, self._state))
