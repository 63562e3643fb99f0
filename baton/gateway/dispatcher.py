"""Dispatch of webhooks: look the order up, choose a route, carry it out.

If the workflow turns out to be closed, Temporal is asked how, and if another workflow claims the order meanwhile, that
one is asked about. Each is a new fact, and the route is chosen again with it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from baton.gateway.adoption import Adopter
from baton.gateway.coalescer import Coalescer
from baton.gateway.deliveries import DeliveryRecords, log_fields, outages_as_503
from baton.gateway.router import (
    FOR_UNKNOWN_ORDERS,
    OrderFacts,
    Route,
    brings_news,
    choose_route,
    is_progress,
    lost_holder,
)
from baton.gateway.signals import NotHandedOver, WorkflowGone, hand_over_errors
from baton.ledger.errors import LedgerConflict
from baton.ledger.rows import DeliveryRow
from baton.metrics.applied import RECEIVED_AT
from baton.orchestra.models import WebhookEvent
from baton.orders.observation import Observation
from baton.ownership.owners import Owners
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

HAND_OVER_TIMEOUT = 6.0
"""Seconds that a webhook may take from its lookup on; with its wait for room before, less than the 10 that Orchestra
waits for the response."""

CLAIM_LOOKUPS = 20
"""How often the index is read before a Lightning order is adopted, because a workflow of ours may yet claim it."""
CLAIM_INTERVAL = 0.1
"""Seconds before each of those lookups."""

MAX_ROUTES = 12
"""How many routes are tried at most: each one that fails brings a new fact, such as a follow-up that has closed."""

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
        owners: Names the workflows of orders.
        coalescer: Signals the workflows.
        adopter: Starts the workflows of orders that were not placed here.
        records: Records what no workflow gets.
        require_complete: Raises `LedgerIncomplete` if the ledger does not have all orders.
        timeout: Seconds that one webhook may take.
    """

    def __init__(
        self,
        owners: Owners,
        coalescer: Coalescer,
        adopter: Adopter,
        records: DeliveryRecords,
        *,
        require_complete: Callable[[], Awaitable[None]],
        timeout: float = HAND_OVER_TIMEOUT,
    ) -> None:
        self._owners = owners
        self._coalescer = coalescer
        self._adopter = adopter
        self._records = records
        self._require_complete = require_complete
        self._timeout = timeout

    async def dispatch(self, event: WebhookEvent, account: PartnerAccount, delivery: DeliveryRow) -> Dispatched:
        """Carry out the route of a webhook; return once Temporal has it, or the ledger if no workflow gets it.

        Raises:
            TryLater: Temporal or the ledger is unavailable, or did not answer within the time for one webhook.
        """
        with outages_as_503(delivery):
            try:
                async with asyncio.timeout(self._timeout):
                    dispatched = await self._dispatch(event, account, delivery)
            except TimeoutError:
                raise NotHandedOver(f"not handed over within {self._timeout:g} s") from None
        _log_dispatched(dispatched)
        return dispatched

    async def _dispatch(self, event: WebhookEvent, account: PartnerAccount, delivery: DeliveryRow) -> Dispatched:
        facts = OrderFacts(workflow_id=await self._owners.find(account.name, event.data))
        for _ in range(MAX_ROUTES):
            delivery = delivery.model_copy(update={"workflow_id": facts.workflow_id})
            route = choose_route(event, account, facts)
            if route is Route.UNCLAIMED and facts.has_source is None:
                facts = replace(facts, has_source=await self._adopter.has_source(account.name, event.data))
                continue
            if route in FOR_UNKNOWN_ORDERS:
                async with hand_over_errors(str(facts.workflow_id)):
                    await self._require_complete()
                if found := await self._restored_since(event, account.name, facts):
                    facts = OrderFacts(workflow_id=found, waited=facts.waited)
                    continue
            result = await self._try(route, event, delivery, facts)
            if isinstance(result, Dispatched):
                return result
            facts = result
        raise NotHandedOver(f"none of {MAX_ROUTES} routes could be carried out")

    async def _restored_since(self, event: WebhookEvent, account: str, facts: OrderFacts) -> str | None:
        """Return the workflow of an order that was not found if a rebuild has restored it since."""
        return None if facts.workflow_id else await self._owners.find(account, event.data)

    async def _try(
        self, route: Route, event: WebhookEvent, delivery: DeliveryRow, facts: OrderFacts
    ) -> Dispatched | OrderFacts:
        """Carry out a route; return what was dispatched, or new facts that need another route."""
        if route is Route.AWAIT_CLAIM:
            return await self._await_claim(event, delivery.account, facts)
        try:
            workflow_id = await self._carry_out(route, event, delivery, facts)
        except WorkflowGone as gone:
            return await self._facts_after(gone, event, delivery.account, facts)
        except LedgerConflict as conflict:
            return OrderFacts(conflict.holder, waited=facts.waited)
        if workflow_id != delivery.workflow_id:
            delivery = delivery.model_copy(update={"workflow_id": workflow_id})
        return Dispatched(route, delivery)

    async def _facts_after(
        self, gone: WorkflowGone, event: WebhookEvent, account: str, facts: OrderFacts
    ) -> OrderFacts:
        """Return what is known once a workflow turned out to have closed: its successor, or how it ended."""
        successor = await self._owners.find_successor(account, event.data.id, gone.workflow_id)
        if successor is not None:
            return OrderFacts(successor, waited=facts.waited)
        async with hand_over_errors(gone.workflow_id):
            holder = await self._owners.inspect(gone.workflow_id, event.data.id)
        return OrderFacts(holder.workflow_id, holder, facts.waited)

    async def _carry_out(
        self, route: Route, event: WebhookEvent, delivery: DeliveryRow, facts: OrderFacts
    ) -> str | None:
        """Carry out a route; return the workflow that has the webhook now."""
        match route:
            case Route.DELIVER:
                arrived = {RECEIVED_AT: round(delivery.received_at.timestamp(), 3)}
                envelope = Observation.of_webhook(event).envelope() | arrived
                urgent, news = not is_progress(event), brings_news(event)
                await self._coalescer.offer(str(facts.workflow_id), envelope, urgent=urgent, news=news)
            case Route.ADOPT:
                return await self._adopter.adopt(delivery.account, event, lost_holder(event, delivery.account, facts))
            case Route.FOLLOW_UP:
                assert facts.holder is not None
                return await self._adopter.follow_up(facts.holder, delivery.account, event)
            case Route.LATE:
                await self._records.record_late(delivery, event)
            case Route.UNCLAIMED:
                await self._records.record_unclaimed(delivery)
        return delivery.workflow_id

    async def _await_claim(self, event: WebhookEvent, account: str, facts: OrderFacts) -> OrderFacts:
        """Read the index until it names another workflow, `CLAIM_LOOKUPS` times at most; return the facts then."""
        for _ in range(CLAIM_LOOKUPS):
            await asyncio.sleep(CLAIM_INTERVAL)
            workflow_id = await self._owners.find(account, event.data)
            if workflow_id not in (None, facts.workflow_id):
                return OrderFacts(workflow_id=workflow_id, waited=True)
        return replace(facts, waited=True)


def _log_dispatched(dispatched: Dispatched) -> None:
    level, line = _LOG_LINES[dispatched.route]
    _log.log(level, line, **log_fields(dispatched.delivery))
