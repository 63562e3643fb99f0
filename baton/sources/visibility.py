"""Search attributes of addresses and links, and one of them as a list shows it. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from temporalio.common import SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from baton.orders.answers import Interruption
from baton.orders.order_source import SourceKind
from baton.orders.rules.wait_plans import OPERATOR
from baton.orders.visibility import (
    ATTENTION,
    OUTCOME,
    PARTNER,
    PHASE,
    ROUTE,
    SOURCE,
    WAITING_FOR,
    interruption_of,
    reasons_update,
)
from baton.sources.create_source import CreateSource
from baton.sources.names import WORKFLOW_OF
from baton.sources.state import SourcePhase, SourceState

if TYPE_CHECKING:
    from temporalio.client import WorkflowExecution


def first_source_listing(source: CreateSource) -> TypedSearchAttributes:
    """Return the search attributes at the start."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(PARTNER, source.account),
            SearchAttributePair(PHASE, SourcePhase.CREATING.value),
            SearchAttributePair(ROUTE, source.route),
            SearchAttributePair(SOURCE, source.source.name),
            SearchAttributePair(ATTENTION, False),
        ]
    )


def source_listing(state: SourceState) -> list[SearchAttributeUpdate[Any]]:
    """Return the updates that make the search attributes current."""
    reasons = [] if state.is_closed else list(state.attentions)
    return [
        PHASE.value_set(state.phase.value),
        ATTENTION.value_set(bool(reasons)),
        reasons_update(reasons),
        WAITING_FOR.value_set(OPERATOR) if reasons else WAITING_FOR.value_unset(),
        OUTCOME.value_set(state.phase.value) if state.is_closed else OUTCOME.value_unset(),
    ]


class SourceLine(BaseModel):
    """One address or link in a list. Lists lag a moment behind; a snapshot does not."""

    reference: str
    account: str
    kind: SourceKind
    workflow_id: str
    phase: str | None = None
    attention: bool = False
    route: str | None = None
    opened_at: datetime
    interrupted: Interruption | None = None
    """Set if the workflow ended without a result, for instance because somebody terminated it."""


def source_query(kind: SourceKind, account: str | None = None, phase: SourcePhase | None = None) -> str:
    """Return the visibility query for addresses or links with these values; None means any value."""
    terms = [f"WorkflowType = '{WORKFLOW_OF[kind]}'"]
    if account is not None:
        terms.append(f"{PARTNER.name} = '{account.replace(chr(39), '')}'")
    if phase is not None:
        terms.append(f"{PHASE.name} = '{phase.value}'")
    return " AND ".join(terms)


def source_line(execution: "WorkflowExecution") -> SourceLine:
    """Return the list line of an address's or a link's workflow."""
    kind, account, reference = execution.id.split("/", 2)
    attributes = execution.typed_search_attributes
    return SourceLine(
        reference=reference,
        account=account,
        kind=SourceKind(kind),
        workflow_id=execution.id,
        phase=attributes.get(PHASE),
        attention=bool(attributes.get(ATTENTION)),
        route=attributes.get(ROUTE),
        opened_at=execution.start_time,
        interrupted=None if attributes.get(OUTCOME) else interruption_of(execution),
    )
