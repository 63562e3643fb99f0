"""The route of a webhook: one pure decision from the event, the account's setting, and what is known of the order.

The dispatcher carries the route out. If that brings a new fact, such as a workflow that has closed, the dispatcher adds
the fact and asks for the route again.
"""

from dataclasses import dataclass
from enum import StrEnum

from baton.ledger.rows import OrderRow
from baton.orchestra.lifecycle import EVENTS, PROGRESS, known
from baton.orchestra.models import WebhookEvent
from baton.orders.models import Outcome
from baton.orders.names import adopted_reference, order_workflow_id
from baton.settings import PartnerAccount

_DECIDED_BY_BATON = frozenset({Outcome.EXPIRED, Outcome.CANCELLED, Outcome.UNFULFILLED, Outcome.FAILED})
"""Outcomes that Baton can decide without Orchestra; a webhook after one of them means that money came later."""


class UnknownOrders(StrEnum):
    """What an account does with orders that were not placed here."""

    ADOPT = "adopt"
    IGNORE = "ignore"


class Route(StrEnum):
    """What is done with a webhook."""

    DELIVER = "deliver"
    """Signal the order's workflow."""
    AWAIT_CLAIM = "await_claim"
    """Give a workflow of ours a moment to claim the order."""
    ADOPT = "adopt"
    """Start a workflow for an order that was not placed here."""
    FOLLOW_UP = "follow_up"
    """Start a workflow for what happens after an order of ours has closed."""
    LATE = "late"
    """Record the webhook under the closed order, and do no more."""
    UNCLAIMED = "unclaimed"
    """Record the webhook under no order, and do no more."""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What is known of a webhook's order.

    Attributes:
        workflow_id: The workflow that the ledger's index names for the order or its quote, or None.
        workflow_gone: Whether Temporal has no open workflow of that id.
        closed_order: The ledger's row of the workflow that is gone, or None.
        waited: Whether a workflow of ours was given time to claim the order.
        no_successor: Whether no workflow can track the order further: the one that would has closed as well.
    """

    workflow_id: str | None = None
    workflow_gone: bool = False
    closed_order: OrderRow | None = None
    waited: bool = False
    no_successor: bool = False


def choose_route(event: WebhookEvent, account: PartnerAccount, facts: OrderFacts) -> Route:
    """Return what to do with a webhook of the account."""
    if facts.workflow_id is None:
        return _route_of_unknown_order(event, account, facts)
    if not facts.workflow_gone:
        return Route.DELIVER
    if facts.no_successor:
        return Route.LATE
    if facts.closed_order is None:
        # The index may name an adopting workflow that never started, because Temporal did not accept it at that time.
        return Route.ADOPT if facts.workflow_id == adopted_workflow_id(account.name, event.data.id) else Route.LATE
    if is_another_order(facts.closed_order, event):
        return _route_of_unknown_order(event, account, facts)
    return Route.FOLLOW_UP if resumes(facts.closed_order, event) else Route.LATE


def _route_of_unknown_order(event: WebhookEvent, account: PartnerAccount, facts: OrderFacts) -> Route:
    if account.unknown_orders == UnknownOrders.IGNORE:
        return Route.UNCLAIMED
    # A Lightning order may be an onramp of ours: its webhook can be faster than the response that names the order.
    if event.data.source_chain == "lightning" and not facts.waited:
        return Route.AWAIT_CLAIM
    return Route.ADOPT


def is_another_order(closed: OrderRow, event: WebhookEvent) -> bool:
    """Whether a webhook is about a second order under a closed order's quote: its address was paid again."""
    superseded = closed.snapshot.get("superseded")
    replaced = superseded if isinstance(superseded, list) else []
    return closed.order_id is not None and event.data.id not in (closed.order_id, *replaced)


def resumes(closed: OrderRow, event: WebhookEvent) -> bool:
    """Whether a webhook shows that a closed order continues at Orchestra.

    If Orchestra ended the order, nothing can follow: the webhook is late. If Baton ended it, because no deposit arrived
    in time or the business cancelled, any webhook means that the order continues. An order that Orchestra left
    unfulfilled continues when its status changes.
    """
    decided_by_baton = closed.outcome in _DECIDED_BY_BATON and closed.status != closed.outcome
    return decided_by_baton or (closed.outcome == Outcome.UNFULFILLED and event.data.status != closed.status)


def is_progress(event: WebhookEvent) -> bool:
    """Whether an event is only progress, which may wait a moment and share a signal with the next event."""
    status = known(event.data.status)
    return status in PROGRESS and EVENTS.get(event.event) is status


def adopted_workflow_id(account: str, order_id: str) -> str:
    """Return the id of the workflow that tracks an order that was not placed here."""
    return order_workflow_id(account, adopted_reference(order_id))
