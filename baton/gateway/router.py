"""The route of a webhook: one pure decision from the event, the account's setting, and what is known of the order.

The dispatcher carries the route out. If that brings a new fact, such as a workflow that has closed, the dispatcher adds
the fact and asks for the route again.
"""

from dataclasses import dataclass
from enum import StrEnum

from baton.orchestra.lifecycle import EVENTS, PROGRESS, Status, known
from baton.orchestra.models import WebhookEvent
from baton.orders.names import adopted_workflow_ids
from baton.ownership.order_workflows import Fate, Holder
from baton.settings import PartnerAccount


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


FOR_UNKNOWN_ORDERS = frozenset({Route.AWAIT_CLAIM, Route.ADOPT, Route.UNCLAIMED})
"""Routes by which an order of ours would get a second workflow or be forgotten if the ledger did not have it yet."""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What is known of a webhook's order.

    Attributes:
        workflow_id: The workflow that the ledger's index names for the order, its quote or its deposit address, or
            None. It is a hint: Temporal decides.
        holder: What Temporal knows of that workflow; None as long as it took every signal.
        waited: Whether a workflow of ours was given time to claim the order.
        has_source: Whether the order came of a reusable address or a pay link of ours; None while nobody looked.
    """

    workflow_id: str | None = None
    holder: Holder | None = None
    waited: bool = False
    has_source: bool | None = None


def choose_route(event: WebhookEvent, account: PartnerAccount, facts: OrderFacts) -> Route:
    """Return what to do with a webhook of the account."""
    if facts.workflow_id is None:
        return _route_of_unknown_order(event, account, facts)
    if facts.holder is None or facts.holder.fate is Fate.OPEN:
        return Route.DELIVER
    return _route_of_gone_workflow(event, account, facts, facts.holder)


def _route_of_gone_workflow(event: WebhookEvent, account: PartnerAccount, facts: OrderFacts, holder: Holder) -> Route:
    """Return the route of a webhook whose workflow Temporal has closed or does not know."""
    if not _is_about(holder, account.name, event):
        return _route_of_unknown_order(event, account, facts)
    adopts_again = holder.fate is Fate.UNKNOWN and _is_adopter(holder, account.name, event)
    if adopts_again or (holder.fate is not Fate.ENDED and holder.closed is None):
        return Route.ADOPT
    return Route.FOLLOW_UP if holder.end.resumes(event.data.status) else Route.LATE


def lost_holder(event: WebhookEvent, account: str, facts: OrderFacts) -> Holder | None:
    """Return the workflow that tracked an order before it is adopted, and did not end by itself; None if none did."""
    holder = facts.holder
    if holder is None or holder.fate in (Fate.OPEN, Fate.ENDED) or not _is_about(holder, account, event):
        return None
    # The index may name an adopting workflow that never started, because Temporal did not accept it at that time.
    never_started = holder.fate is Fate.UNKNOWN and holder.closed is None and _is_adopter(holder, account, event)
    return None if never_started else holder


def _is_about(holder: Holder, account: str, event: WebhookEvent) -> bool:
    """Whether a webhook is about the workflow's order, and not about a second one: its address was paid again."""
    return _is_adopter(holder, account, event) or holder.end.is_about(event.data.id)


def _is_adopter(holder: Holder, account: str, event: WebhookEvent) -> bool:
    return holder.workflow_id in adopted_workflow_ids(account, event.data.id)


def _route_of_unknown_order(event: WebhookEvent, account: PartnerAccount, facts: OrderFacts) -> Route:
    if account.unknown_orders == UnknownOrders.IGNORE and not facts.has_source:
        return Route.UNCLAIMED
    # A Lightning order may be an onramp of ours: its webhook can be faster than the response that names the order.
    # One of a pay link is never that.
    if event.data.source_chain == "lightning" and event.data.pay_link_id is None and not facts.waited:
        return Route.AWAIT_CLAIM
    return Route.ADOPT


def is_progress(event: WebhookEvent) -> bool:
    """Whether an event is only progress, which may wait a moment and share a signal with the next event."""
    status = known(event.data.status)
    return status in PROGRESS and EVENTS.get(event.event) is status


def brings_news(event: WebhookEvent) -> bool:
    """Whether an event may tell an order more than the answer to its submit did.

    `processing` is the status of that answer. A Lightning order is not submitted: there it means that the payer paid.
    """
    repeats_submit = event.data.quote_id is not None and known(event.data.status) is Status.PROCESSING
    return not (repeats_submit and is_progress(event)) or event.data.source_chain == "lightning"
