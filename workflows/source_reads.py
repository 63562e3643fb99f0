"""The planned read of an account's addresses, links and their orders at Orchestra, which a Schedule starts."""

from temporalio import workflow

from baton.sources.messages import FindOrders, OrdersFound, ReadSources, SourcesRead
from workflows.support import source_calls


@workflow.defn
class SourceReadWorkflow:
    """One planned read; its id begins with `sources/{account}`."""

    @workflow.run
    async def run(self, read: ReadSources) -> SourcesRead:
        """Compare every address and link with Orchestra, find their orders, and return what was found."""
        done = read.read or await source_calls.read_sources(read)
        while done.after is not None:
            _show(done)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(read.model_copy(update={"read": done}))
            done = await source_calls.read_sources(read.model_copy(update={"read": done}))
        _show(done)
        if not workflow.patched("find-orders-of-sources"):
            return done
        done.orders = read.found
        while done.orders.place is not None:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(read.model_copy(update={"read": done, "found": done.orders}))
            done.orders = await source_calls.find_orders(
                FindOrders(account=read.account, pause=read.pause, found=done.orders)
            )
            _show(done)
        return done


def _show(done: SourcesRead) -> None:
    """Show what was done so far in the Temporal UI."""
    compared = f"{done.read} read, {done.signalled} signalled because they differ, {done.unread} without an answer"
    workflow.set_current_details(f"{compared}{_of_orders(done.orders)}")


def _of_orders(found: OrdersFound | None) -> str:
    if found is None:
        return ""
    return f"; {found.started} orders found that nothing had reported, {found.unread} without an answer"
