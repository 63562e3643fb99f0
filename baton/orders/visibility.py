"""Search attributes: the one registry, their values for an order, and an order as a list shows it.

Visibility is for people and lags a moment behind; nothing decides by it.

No addresses and no personal data stand here: search attributes are never encrypted.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pydantic import BaseModel, ValidationError
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from baton.chains.decimals import decimals_of
from baton.orchestra.lifecycle import PROGRESS, known
from baton.orchestra.onramp_models import OnrampRequest
from baton.orders.amounts import AssetAmount
from baton.orders.answers import Interruption
from baton.orders.models import Phase
from baton.orders.names import ATTENTION_WORKFLOW, attention_workflow_id
from baton.orders.observation import Observation
from baton.orders.order_source import source_names
from baton.orders.place_order import PlaceOrder, first_phase
from baton.orders.rules.deadlines import next_deadline
from baton.orders.state import OrderState
from baton.orders.summaries import asset_of_amount, route_of

if TYPE_CHECKING:
    from temporalio.client import WorkflowExecution

PARTNER = SearchAttributeKey.for_keyword("BatonPartner")
PHASE = SearchAttributeKey.for_keyword("BatonPhase")
OUTCOME = SearchAttributeKey.for_keyword("BatonOutcome")
ROUTE = SearchAttributeKey.for_keyword("BatonRoute")
STATUS = SearchAttributeKey.for_keyword("OrchestraStatus")
QUOTE_ID = SearchAttributeKey.for_keyword("OrchestraQuoteId")
ORDER_ID = SearchAttributeKey.for_keyword("OrchestraOrderId")
SOURCE = SearchAttributeKey.for_keyword("BatonSource")
ATTENTION = SearchAttributeKey.for_bool("BatonAttention")
NEXT_DEADLINE = SearchAttributeKey.for_datetime("BatonNextDeadline")

REGISTRY: dict[str, str] = {
    PARTNER.name: "Keyword",
    PHASE.name: "Keyword",
    OUTCOME.name: "Keyword",
    ROUTE.name: "Keyword",
    STATUS.name: "Keyword",
    QUOTE_ID.name: "Keyword",
    ORDER_ID.name: "Keyword",
    SOURCE.name: "Keyword",
    ATTENTION.name: "Bool",
    NEXT_DEADLINE.name: "Datetime",
}
"""Each attribute's type, as `temporal operator search-attribute create --type` spells it."""

MEMO_AMOUNT, MEMO_DOLLARS = "BatonAmount", "BatonDollars"
"""Entries of the memo with what was ordered: a list shows it, and nobody searches by it."""

_LONGEST_KEYWORD = 255
"""Characters that the SQL visibility store takes."""

_COLUMNS = {
    "account": PARTNER.name,
    "phase": PHASE.name,
    "outcome": OUTCOME.name,
    "attention": ATTENTION.name,
}


def first_listing(order: PlaceOrder, first: Observation | None = None) -> TypedSearchAttributes:
    """Return an order's search attributes at its start; of an order that is adopted, with its first observation."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(PARTNER, order.account),
        SearchAttributePair(PHASE, (order.state.phase if order.state else first_phase(order)).value),
        SearchAttributePair(ROUTE, route_of(order)),
        SearchAttributePair(ATTENTION, bool(order.state and order.state.attentions)),
    ]
    if order.source is not None:
        pairs.append(SearchAttributePair(SOURCE, order.source.name))
    if first is not None:
        known = ((STATUS, first.status), (ORDER_ID, first.record.id), (QUOTE_ID, first.record.quote_id))
        # Half an id would be another id, so one that is too long is left out.
        pairs += [SearchAttributePair(key, value) for key, value in known if value and len(value) <= _LONGEST_KEYWORD]
    return TypedSearchAttributes(pairs)


def memo_of(order: PlaceOrder) -> dict[str, Any]:
    """Return the memo of an order's workflow: what was ordered, with the decimals that are known then."""
    request = order.request
    if request.amount is None:
        return {MEMO_DOLLARS: request.amount_fiat_usd} if isinstance(request, OnrampRequest) else {}
    chain, asset = asset_of_amount(request)
    decimals = decimals_of(chain, asset) if order.amount_decimals is None else order.amount_decimals
    amount = AssetAmount(amount=request.amount, asset=asset, chain=chain, decimals=decimals)
    return {MEMO_AMOUNT: amount.model_dump(mode="json")}


def changes(listed: TypedSearchAttributes, order: PlaceOrder, state: OrderState) -> list[SearchAttributeUpdate[Any]]:
    """Return those updates of `listing` that change what is listed, and always the phase: an update is never empty."""
    return [
        update
        for update in listing(order, state)
        if update.key.name == PHASE.name or listed.get(update.key) != update.value
    ]


def listing(order: PlaceOrder, state: OrderState) -> list[SearchAttributeUpdate[Any]]:
    """Return the updates that make an order's search attributes current."""
    deadline = next_deadline(state, order.policy)
    quote = state.quote
    return [
        PHASE.value_set(state.phase.value),
        # After the order's end another workflow holds what is open, see `ended_order`.
        ATTENTION.value_set(bool(state.attentions) and state.phase is not Phase.CLOSED),
        STATUS.value_set(state.view.status) if state.view.status else STATUS.value_unset(),
        QUOTE_ID.value_set(quote.quote_id) if quote else QUOTE_ID.value_unset(),
        ORDER_ID.value_set(state.view.order_id) if state.view.order_id else ORDER_ID.value_unset(),
        OUTCOME.value_set(state.outcome.value) if state.outcome else OUTCOME.value_unset(),
        NEXT_DEADLINE.value_set(deadline.at) if deadline else NEXT_DEADLINE.value_unset(),
    ]


def ended_listing(order_workflow_id: str) -> TypedSearchAttributes:
    """Return the search attributes of the workflow that holds an ended order's attention."""
    _, account, _ = order_workflow_id.split("/", 2)
    return TypedSearchAttributes(
        [
            SearchAttributePair(PARTNER, account),
            SearchAttributePair(PHASE, Phase.CLOSED.value),
            SearchAttributePair(ATTENTION, True),
        ]
    )


def no_attention() -> list[SearchAttributeUpdate[Any]]:
    """Return the update that lists a workflow as one that needs nobody any more."""
    return [ATTENTION.value_set(False)]


class Listed(NamedTuple):
    """What the search attributes of an order last said."""

    phase: Phase
    attention: bool
    status: str | None

    @classmethod
    def of(cls, state: OrderState) -> Self:
        """Return what the search attributes say if they are written now."""
        return cls(state.phase, state.attention is not None, state.view.status)


def must_list(
    listed: Listed | None, current: Listed, *, status_counts: bool = True, stands: bool = False, lazily: bool = False
) -> bool:
    """Whether the search attributes must be written; each time costs an event.

    Attention, most phases, and the statuses in which an order stops or waits for somebody are written at once.
    Progress, which passes within seconds on the happy path, is written only once it stands.

    Args:
        listed: What they say; None if that is unknown.
        current: What they would say.
        status_counts: Whether they follow the status.
        stands: Whether a timer of the order has fired since they were written: nothing moved for a while. No clock is
            read here (docs/decisions/0002).
        lazily: Whether progress waits also where the order has just entered the phase `tracking`.
    """
    if listed is None or listed.attention != current.attention:
        return True
    enters_tracking = listed.phase is not current.phase and lazily and current.phase is Phase.TRACKING
    if listed.phase is not current.phase and not enters_tracking:
        return True
    status = known(current.status or "")
    settled = stands or (status is not None and status not in PROGRESS)
    return settled and status_counts and (enters_tracking or current.status not in (None, listed.status))


class OrderLine(BaseModel):
    """One order in a list. Lists lag a moment behind; a snapshot does not."""

    reference: str
    account: str
    workflow_id: str
    phase: str | None = None
    status: str | None = None
    outcome: str | None = None
    attention: bool = False
    route: str | None = None
    order_id: str | None = None
    source: str | None = None
    """`address/REF` or `paylink/REF`: what the order came of, where the business did not place it."""
    amount: AssetAmount | None = None
    """What was ordered, as known at the start; None for an order in US dollars, and for one of an older version."""
    amount_fiat_usd: str | None = None
    next_deadline: datetime | None = None
    opened_at: datetime
    interrupted: Interruption | None = None
    """Set if the workflow ended without an outcome, for instance because somebody terminated it."""


def list_query(*, ids: Iterable[str] = (), source: str | None = None, **filters: Any) -> str:
    """Return the visibility query for orders with these values; None means any value.

    Args:
        ids: Workflow ids; none means any.
        source: What the orders came of, by its reference or its name.
        filters: Any of account, phase, outcome and attention.
    """
    return " AND ".join(["WorkflowType = 'OrderWorkflow'", *_terms(**filters), *_from(source), *_among(ids)])


def attention_query(*, order_ids: Iterable[str] = (), account: str | None = None) -> str:
    """Return the visibility query for the open attention of ended orders: of these orders, or of an account."""
    terms = [f"WorkflowType = '{ATTENTION_WORKFLOW}'", "ExecutionStatus = 'Running'"]
    return " AND ".join([*terms, *_terms(account=account), *_among(map(attention_workflow_id, order_ids))])


def _terms(**filters: Any) -> list[str]:
    return [f"{_COLUMNS[name]} = {_literal(value)}" for name, value in filters.items() if value is not None]


def _from(source: str | None) -> list[str]:
    return _among(source_names(source), SOURCE.name) if source is not None else []


def _among(values: Iterable[str], name: str = "WorkflowId") -> list[str]:
    literals = ", ".join(map(_literal, values))
    return [f"{name} IN ({literals})"] if literals else []


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "'{}'".format(re.sub(r"['\\]", "", str(value)))


def ended_order_id(execution: "WorkflowExecution") -> str:
    """Return the id of the ended order's workflow whose attention another workflow holds."""
    return execution.id.removesuffix(attention_workflow_id(""))


def attention_line(execution: "WorkflowExecution") -> OrderLine:
    """Return the list line of an ended order whose attention is open, although Temporal no longer has the order."""
    order_id = ended_order_id(execution)
    _, account, reference = order_id.split("/", 2)
    return OrderLine(
        reference=reference,
        account=account,
        workflow_id=order_id,
        phase=Phase.CLOSED,
        attention=True,
        opened_at=execution.start_time,
    )


def order_line(execution: "WorkflowExecution", memo: Mapping[str, Any] | None = None) -> OrderLine:
    """Return the list line of an order's workflow.

    Args:
        execution: The workflow, as a list shows it.
        memo: Its memo; None leaves out what that holds.
    """
    _, account, reference = execution.id.split("/", 2)
    attributes = execution.typed_search_attributes
    return OrderLine(
        reference=reference,
        account=account,
        workflow_id=execution.id,
        phase=attributes.get(PHASE),
        status=attributes.get(STATUS),
        outcome=attributes.get(OUTCOME),
        attention=bool(attributes.get(ATTENTION)),
        route=attributes.get(ROUTE),
        order_id=attributes.get(ORDER_ID),
        source=attributes.get(SOURCE),
        next_deadline=attributes.get(NEXT_DEADLINE),
        **_ordered(memo or {}),
        opened_at=execution.start_time,
        # A refused order fails with an outcome.
        interrupted=None if attributes.get(OUTCOME) else interruption_of(execution),
    )


def _ordered(memo: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a memo says was ordered; nothing if it cannot be read."""
    try:
        amount = AssetAmount.model_validate(memo[MEMO_AMOUNT]) if MEMO_AMOUNT in memo else None
    except ValidationError:
        amount = None
    dollars = memo.get(MEMO_DOLLARS)
    return {"amount": amount, "amount_fiat_usd": dollars if isinstance(dollars, str) else None}


def newest_lines(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """Return one line for each order: the newest, if it was placed again after a refusal."""
    newest: dict[str, OrderLine] = {}
    for line in lines:
        known = newest.get(line.workflow_id)
        if known is None or line.opened_at > known.opened_at:
            newest[line.workflow_id] = line
    return list(newest.values())


def interruption_of(execution: "WorkflowExecution") -> Interruption | None:
    """Return how an order's workflow ended, if that was neither a result nor a continue-as-new."""
    how = _INTERRUPTED.get(execution.status.name) if execution.status else None
    return Interruption(how=how, at=execution.close_time or execution.start_time) if how else None


_INTERRUPTED = {"TERMINATED": "terminated", "CANCELED": "cancelled", "TIMED_OUT": "timed_out", "FAILED": "failed"}
"""How an interruption is named, by Temporal's status: the SDK's enumeration would make this module slow to load."""
