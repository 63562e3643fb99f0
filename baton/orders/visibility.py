"""Search attributes: the one registry, their values for an order, and an order as a list shows it.

Visibility is for people and lags a moment behind; nothing decides by it.

No addresses and no personal data stand here: search attributes are never encrypted.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from baton.chains.decimals import decimals_of
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.rules.money import EXACT_OUT
from baton.orders.amounts import AssetAmount
from baton.orders.answers import Interruption
from baton.orders.models import Phase
from baton.orders.names import ATTENTION_WORKFLOW, attention_workflow_id
from baton.orders.observation import Observation
from baton.orders.order_source import source_names
from baton.orders.place_order import PlaceOrder, first_phase
from baton.orders.rules.deadlines import next_deadline
from baton.orders.rules.listing import first_owner
from baton.orders.rules.wait_plans import OPERATOR
from baton.orders.settlement import amounts_of
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
ATTENTION_REASON = SearchAttributeKey.for_keyword_list("BatonAttentionReason")
WAITING_FOR = SearchAttributeKey.for_keyword("BatonWaitingFor")
AMOUNT_IN = SearchAttributeKey.for_float("BatonAmountIn")
AMOUNT_OUT = SearchAttributeKey.for_float("BatonAmountOut")
"""Amounts are listed in whole units as numbers, so that a query can compare and sort them; they are rounded to what a
double holds. Exact amounts are in the snapshot."""
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
    WAITING_FOR.name: "Keyword",
    ATTENTION.name: "Bool",
    ATTENTION_REASON.name: "KeywordList",
    AMOUNT_IN.name: "Double",
    AMOUNT_OUT.name: "Double",
    NEXT_DEADLINE.name: "Datetime",
}
"""Each attribute's type, as `temporal operator search-attribute create --type` spells it. An SQL database takes ten
keywords in a namespace, and three of each other type."""

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
        SearchAttributePair(WAITING_FOR, first_owner(order)),
    ]
    if (amount := _number(_to_send(order))) is not None:
        pairs.append(SearchAttributePair(AMOUNT_IN, amount))
    if order.source is not None:
        pairs.append(SearchAttributePair(SOURCE, order.source.name))
    if first is not None:
        known = ((STATUS, first.status), (ORDER_ID, first.record.id), (QUOTE_ID, first.record.quote_id))
        # Half an id would be another id, so one that is too long is left out.
        pairs += [SearchAttributePair(key, value) for key, value in known if value and len(value) <= _LONGEST_KEYWORD]
    return TypedSearchAttributes(pairs)


def memo_of(order: PlaceOrder) -> dict[str, Any]:
    """Return the memo of an order's workflow: what was ordered, with the decimals that are known then."""
    amount = _ordered_amount(order)
    if amount is None:
        dollars = order.request.amount_fiat_usd if isinstance(order.request, OnrampRequest) else None
        return {MEMO_DOLLARS: dollars} if dollars else {}
    return {MEMO_AMOUNT: amount.model_dump(mode="json")}


def _ordered_amount(order: PlaceOrder) -> AssetAmount | None:
    """Return the amount that the order names; None if it names US dollars."""
    if order.request.amount is None:
        return None
    chain, asset = asset_of_amount(order.request)
    decimals = decimals_of(chain, asset) if order.amount_decimals is None else order.amount_decimals
    return AssetAmount(amount=order.request.amount, asset=asset, chain=chain, decimals=decimals)


def _to_send(order: PlaceOrder) -> AssetAmount | None:
    """Return what the payer must send, if the order itself says so; else the quote does."""
    return None if order.request.amount_mode == EXACT_OUT else _ordered_amount(order)


def _number(amount: AssetAmount | None) -> float | None:
    """Return an amount in whole units, rounded to a double; None where the asset's decimals are unknown."""
    units = None if amount is None else amount.units
    return None if units is None else float(units)


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
    quote, amounts = state.quote, amounts_of(order, state)
    return [
        PHASE.value_set(state.phase.value),
        # After the order's end another workflow holds what is open, see `ended_order`.
        ATTENTION.value_set(bool(state.attentions) and state.phase is not Phase.CLOSED),
        reasons_update([] if state.phase is Phase.CLOSED else state.attentions),
        _update(WAITING_FOR, deadline.waiting.who if deadline else None),
        _update(STATUS, state.view.status),
        _update(QUOTE_ID, quote.quote_id if quote else None),
        _update(ORDER_ID, state.view.order_id),
        _update(OUTCOME, state.outcome.value if state.outcome else None),
        _update(AMOUNT_IN, _number(amounts.in_)),
        _update(AMOUNT_OUT, _number(amounts.out)),
        _update(NEXT_DEADLINE, deadline.at if deadline else None),
    ]


def reasons_update(reasons: Iterable[str]) -> SearchAttributeUpdate[Any]:
    """Return the update that lists why a person must look; some reasons are Orchestra's codes."""
    return _update(ATTENTION_REASON, reasons_listed(reasons) or None)


def reasons_listed(reasons: Iterable[str]) -> list[str]:
    """Return reasons as they are listed: each once, in their order, and no longer than a keyword."""
    return sorted({reason[:_LONGEST_KEYWORD] for reason in reasons})


def _update(key: SearchAttributeKey[Any], value: Any) -> SearchAttributeUpdate[Any]:
    return key.value_unset() if value in (None, "") else key.value_set(value)


def ended_listing(order_workflow_id: str, reasons: Iterable[str]) -> TypedSearchAttributes:
    """Return the search attributes of the workflow that holds an ended order's attention for these reasons."""
    _, account, _ = order_workflow_id.split("/", 2)
    return TypedSearchAttributes(
        [
            SearchAttributePair(PARTNER, account),
            SearchAttributePair(PHASE, Phase.CLOSED.value),
            SearchAttributePair(ATTENTION, True),
            SearchAttributePair(ATTENTION_REASON, reasons_listed(reasons)),
            SearchAttributePair(WAITING_FOR, OPERATOR),
        ]
    )


def no_attention() -> list[SearchAttributeUpdate[Any]]:
    """Return the update that lists a workflow as one that needs nobody any more."""
    return [ATTENTION.value_set(False), ATTENTION_REASON.value_unset(), WAITING_FOR.value_unset()]


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
