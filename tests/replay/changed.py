"""Order workflows with careless changes, which the replay test must catch.

They have a module of their own because the workflow sandbox imports it again for each order.
"""

from datetime import timedelta

from temporalio import workflow

from baton.orders.answers import OrderResult
from baton.orders.messages import READ_ORDER
from baton.orders.models import STAY, NextStep, Phase
from baton.orders.names import partner_queue
from baton.orders.place_order import PlaceOrder
from workflows.order import OrderWorkflow


@workflow.defn(name="OrderWorkflow")
class ReadsFirst(OrderWorkflow):
    """Starts with an additional activity."""

    @workflow.init
    def __init__(self, order: PlaceOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: PlaceOrder) -> OrderResult:
        await workflow.execute_activity(
            READ_ORDER, task_queue=partner_queue(order.account), start_to_close_timeout=timedelta(seconds=1)
        )
        return await super().run(order)


@workflow.defn(name="OrderWorkflow")
class PausesFirst(OrderWorkflow):
    """Starts with an additional timer."""

    @workflow.init
    def __init__(self, order: PlaceOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: PlaceOrder) -> OrderResult:
        await workflow.sleep(1)
        return await super().run(order)


@workflow.defn(name="OrderWorkflow")
class WaitsInsteadOfSubmitting(OrderWorkflow):
    """Does something else in a late step of the order."""

    @workflow.init
    def __init__(self, order: PlaceOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: PlaceOrder) -> OrderResult:
        return await super().run(order)

    async def _next_step(self) -> NextStep:
        if self._state.phase is not Phase.SUBMITTING:
            return await super()._next_step()
        await workflow.sleep(1)
        return STAY


@workflow.defn(name="OrderWorkflow")
class PublishesTwice(OrderWorkflow):
    """Publishes the end twice: with another upsert and another ledger write."""

    @workflow.init
    def __init__(self, order: PlaceOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: PlaceOrder) -> OrderResult:
        result = await super().run(order)
        self._monitor.reset_silence()
        await self._monitor.publish_end()
        return result


CARELESS = (ReadsFirst, PausesFirst, WaitsInsteadOfSubmitting, PublishesTwice)
