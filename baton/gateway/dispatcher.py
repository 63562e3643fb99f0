"""Dispatch of webhooks: look the order up, choose a route, carry it out.

If the workflow turns out to be closed, or another workflow claims the order meanwhile, that is a new fact, and the
route is chosen again with it. Each round adds a fact, so the loop ends.
"""

import asyncio
import logging
from dataclasses import dataclass, replace

from baton.gateway.adoption import Adopter
from baton.gateway.coalescer import Coalescer
from baton.gateway.deliveries import DeliveryRecords, log_fields, outages_as_503
from baton.gateway.router import OrderFacts, Route, adopted_workflow_id, choose_route, is_progress
from baton.gateway.signals import WorkflowGone
from baton.ledger.errors import LedgerConflict
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DeliveryRow
from baton.orchestra.models import WebhookEvent
from baton.orders.observation import Observation
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

CLAIM_LOOKUPS = 20
"""How often the index is read before a Lightning order is adopted, because a workflow of ours may yet claim it."""
CLAIM_INTERVAL = 0.1
"""Seconds before each of those lookups."""

_LOG_LINES = {
    Route.DELIVER: (logging.INFO, "webhook handed over"),
    Route.ADOPT: (logging.WARNING, "webhook started a workflow for the order"),
    Route.FOLLOW_UP: (logging.WARNING, "webhook started a workflow for the order"),
    Route.LATE: (logging.INFO, "webhook after the order closed"),
    Route.UNCLAIMED: (logging.WARNING, "webhook for an unknown order"),
}
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A webhook whose route was carried out.

    Attributes:
        route: The route.
        delivery: The delivery, with the workflow that has it now.
    """

    route: Route
    delivery: DeliveryRow


class Dispatcher:
    """Brings webhooks to their workflows.

    Args:
        ledger: The ledger whose index names the workflows.
        coalescer: Signals the workflows.
        adopter: Starts the workflows of orders that were not placed here.
        records: Records what no workflow gets.
    """

    def __init__(self, ledger: Ledger, coalescer: Coalescer, adopter: Adopter, records: DeliveryRecords) -> None:
        self._ledger = ledger
        self._coalescer = coalescer
        self._adopter = adopter
        self._records = records

    async def dispatch(self, event: WebhookEvent, account: PartnerAccount, delivery: DeliveryRow) -> Dispatched:
        """Carry out the route of a webhook; return once Temporal has it, or the ledger if no workflow gets it.

        Raises:
            TryLater: Temporal or the ledger is unavailable.
        """
        with outages_as_503(delivery):
            facts = OrderFacts(workflow_id=await self._find_workflow(delivery))
        while True:
            delivery = delivery.model_copy(update={"workflow_id": facts.workflow_id})
            route = choose_route(event, account, facts)
            with outages_as_503(delivery):
                result = await self._try(route, event, delivery, facts)
            if isinstance(result, Dispatched):
                _log_dispatched(result)
                return result
            facts = result

    async def _try(
        self, route: Route, event: WebhookEvent, delivery: DeliveryRow, facts: OrderFacts
    ) -> Dispatched | OrderFacts:
        """Carry out a route; return what was dispatched, or new facts that need another route."""
        if route is Route.AWAIT_CLAIM:
            return await self._await_claim(delivery, facts)
        try:
            workflow_id = await self._carry_out(route, event, delivery, facts)
        except WorkflowGone:
            return await self._facts_after_gone(route, delivery, facts)
        except LedgerConflict:
            return await self._facts_after_conflict(delivery, facts)
        return Dispatched(route, delivery.model_copy(update={"workflow_id": workflow_id}))

    async def _carry_out(
        self, route: Route, event: WebhookEvent, delivery: DeliveryRow, facts: OrderFacts
    ) -> str | None:
        """Carry out a route; return the workflow that has the webhook now."""
        match route:
            case Route.DELIVER:
                envelope = Observation.of_webhook(event).envelope()
                await self._coalescer.offer(str(facts.workflow_id), envelope, urgent=not is_progress(event))
            case Route.ADOPT:
                return await self._adopter.adopt(delivery.account, event)
            case Route.FOLLOW_UP:
                assert facts.closed_order is not None
                return await self._adopter.follow_up(facts.closed_order, event)
            case Route.LATE:
                await self._records.record_late(delivery, event)
            case Route.UNCLAIMED:
                await self._records.record_unclaimed(delivery)
        return delivery.workflow_id

    async def _await_claim(self, delivery: DeliveryRow, facts: OrderFacts) -> OrderFacts:
        """Read the index until it names another workflow, `CLAIM_LOOKUPS` times at most; return the facts then."""
        for _ in range(CLAIM_LOOKUPS):
            await asyncio.sleep(CLAIM_INTERVAL)
            workflow_id = await self._find_workflow(delivery)
            if workflow_id not in (None, facts.workflow_id):
                return OrderFacts(workflow_id=workflow_id, waited=True)
        return replace(facts, waited=True)

    async def _facts_after_gone(self, route: Route, delivery: DeliveryRow, facts: OrderFacts) -> OrderFacts:
        """Return the facts after Temporal had no open workflow for the route."""
        if route is Route.DELIVER:
            return replace(facts, workflow_gone=True, closed_order=await self._ledger.order(str(facts.workflow_id)))
        successor_gone = replace(facts, workflow_gone=True, no_successor=True)
        if route is Route.ADOPT:
            # The index may have lost the order; the late webhook belongs to the workflow that had adopted it.
            workflow_id = adopted_workflow_id(delivery.account, delivery.order_id or "")
            return replace(successor_gone, workflow_id=workflow_id)
        return successor_gone

    async def _facts_after_conflict(self, delivery: DeliveryRow, facts: OrderFacts) -> OrderFacts:
        """Return the facts after the claim for adoption was refused, because another workflow owns the order."""
        workflow_id = await self._find_workflow(delivery)
        if workflow_id is not None and workflow_id == facts.workflow_id:
            # The order belongs to the same workflow that is gone, and no other may claim it.
            return replace(facts, no_successor=True)
        return OrderFacts(workflow_id=workflow_id, waited=facts.waited)

    async def _find_workflow(self, delivery: DeliveryRow) -> str | None:
        return await self._ledger.find_workflow(
            delivery.account, order_id=delivery.order_id, quote_id=delivery.quote_id
        )


def _log_dispatched(dispatched: Dispatched) -> None:
    level, line = _LOG_LINES[dispatched.route]
    _log.log(level, line, **log_fields(dispatched.delivery))
