"""The attention workflow: holds what a person must look at after an order has ended, until it is resolved.

An order that ends with open reasons starts it as a child; money that comes later starts it from outside. It has its own
id, so that a person can resolve the attention of an order whose workflow is closed.
"""

from temporalio import workflow

from baton.orders.child_details import attention_details
from baton.orders.ended_order import AttentionStanding, EndedOrder, RecordAttention, add_attention, resolve_ended
from baton.orders.models import Attention, Resolution
from baton.orders.names import is_order
from baton.orders.rules.updates import check_reason
from baton.orders.visibility import ATTENTION_REASON, no_attention, reasons_listed, reasons_update
from workflows.support import activity_calls
from workflows.support.order_pages import pages_of


@workflow.defn
class AttentionWorkflow:
    """The attention of one ended order; its id is `{order's workflow id}/attention`."""

    @workflow.init
    def __init__(self, ended: EndedOrder) -> None:
        self._standing = AttentionStanding(
            attentions=ended.attentions, resolutions=ended.resolutions, cleared=ended.cleared
        )
        self._order_workflow_id = ended.order_workflow_id
        self._news: list[Attention] = []
        self._has_news = False

    @workflow.run
    async def run(self, ended: EndedOrder) -> AttentionStanding:
        """Wait until every reason is resolved, however long that takes a person, and return what was done."""
        recorded = self._standing
        while self._take_news():
            self._show()
            self._list()
            recorded = await self._record(ended, recorded)
            await workflow.wait_condition(lambda: self._has_news)
            if not self._take_news():
                recorded = await self._record(ended, recorded)  # meanwhile another reason may come
        workflow.upsert_search_attributes(no_attention())
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._standing

    def _take_news(self) -> bool:
        """Add the new reasons; return whether any reason is open."""
        for attention in self._news:
            self._standing = add_attention(self._standing, attention)
        self._news, self._has_news = [], False
        return bool(self._standing.attentions)

    async def _record(self, ended: EndedOrder, recorded: AttentionStanding) -> AttentionStanding:
        """Write into the ledger what the order itself has not written before its end; return what is written."""
        standing = self._standing
        if standing != recorded and is_order(ended.order_workflow_id) and workflow.patched("attention-is-an-event"):
            call = RecordAttention(order_workflow_id=ended.order_workflow_id, standing=standing)
            await activity_calls.record_attention(call)
        return standing

    def _show(self) -> None:
        """Show people in the Temporal UI what is open, and what to do about it."""
        workflow.set_current_details(attention_details(self._standing, pages_of(self._order_workflow_id)))

    def _list(self) -> None:
        """Make the search attributes name the open reasons."""
        reasons = reasons_listed(attention.reason for attention in self._standing.attentions)
        listed = workflow.info().typed_search_attributes.get(ATTENTION_REASON)
        if listed != reasons and workflow.patched("an-ended-order-lists-its-reasons"):
            workflow.upsert_search_attributes([reasons_update(reasons)])

    @workflow.signal(description="Another reason to look at the ended order.")
    def attend(self, attention: Attention) -> None:
        """Add a reason; one that is open already names another deposit at most."""
        self._news.append(attention)
        self._has_news = True

    @workflow.update(description="Record what was done about a reason, and clear it.")
    def resolve(self, resolution: Resolution) -> AttentionStanding:
        """Resolve a reason, or all; return what is left."""
        self._standing, self._has_news = resolve_ended(self._standing, resolution, workflow.now()), True
        return self._standing

    @resolve.validator
    def _may_resolve(self, resolution: Resolution) -> None:
        check_reason({attention.reason: attention for attention in self._standing.attentions}, resolution)

    @workflow.query(description="The reasons that are open, and those that were resolved.")
    def attention(self) -> AttentionStanding:
        """Return the open reasons and the resolved ones."""
        return self._standing
