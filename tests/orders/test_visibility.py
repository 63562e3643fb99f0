"""Search attributes: their values for an order, the query of a list, and a line of it."""

from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from baton.orchestra.models import OrderRecord
from baton.orders import visibility
from baton.orders.models import Outcome, Phase
from baton.orders.observation import Observation
from baton.orders.order_source import OrderSource, SourceKind
from baton.orders.state import OrderState
from tests.orders.states import NOON, attention, order, refused, state, tracked


def values(of: list) -> dict[str, object]:
    return {update.key.name: update.value for update in of}


def test_a_new_order_has_account_phase_route_and_no_attention() -> None:
    first = {pair.key.name: pair.value for pair in visibility.first_listing(order())}

    assert first == {
        "BatonPartner": "default",
        "BatonPhase": "quoting",
        "BatonRoute": "base:USDC>spark:BTC",
        "BatonAttention": False,
        "BatonWaitingFor": "baton",
        "BatonAmountIn": 100.0,
    }


def test_an_exact_payout_is_listed_with_its_amount_once_it_is_quoted() -> None:
    exact_out = order().model_copy(update={"request": order().request.model_copy(update={"amount_mode": "exact_out"})})
    first = {pair.key.name for pair in visibility.first_listing(exact_out)}

    assert "BatonAmountIn" not in first
    assert values(visibility.listing(exact_out, state()))["BatonAmountIn"] == 100.0


def test_an_asset_whose_decimals_nobody_knows_has_no_listed_amount() -> None:
    unknown = order().model_copy(update={"request": order().request.model_copy(update={"source_chain": "atlantis"})})

    assert "BatonAmountIn" not in {pair.key.name for pair in visibility.first_listing(unknown)}


def test_an_order_of_an_address_is_listed_under_it() -> None:
    source = OrderSource(kind=SourceKind.ADDRESS, reference="shop-7", metadata={"customer": "7"})
    first = {
        pair.key.name: pair.value for pair in visibility.first_listing(order().model_copy(update={"source": source}))
    }

    assert first["BatonSource"] == "address/shop-7"


def test_an_adopted_order_is_listed_with_its_first_status_and_ids() -> None:
    record = OrderRecord(id="ord_1", status="paused", quote_id="q" * 300)
    first = visibility.first_listing(order(), Observation(source="webhook", record=record))

    listed = {pair.key.name: pair.value for pair in first}
    assert (listed["OrchestraStatus"], listed["OrchestraOrderId"]) == ("processing", "ord_1")
    assert "OrchestraQuoteId" not in listed


def test_a_tracked_order_has_status_order_quote_and_deadline() -> None:
    listed = values(visibility.listing(order(), tracked("swapping")))

    assert listed["OrchestraStatus"] == "swapping"
    assert listed["OrchestraOrderId"] == "ord_1"
    assert listed["OrchestraQuoteId"] == "q_1"
    assert listed["BatonNextDeadline"] > NOON


def test_only_changed_search_attributes_are_written_and_the_phase() -> None:
    before, after = tracked("bridging"), tracked("delivering")
    listed = TypedSearchAttributes(
        [
            SearchAttributePair(update.key, update.value)
            for update in visibility.listing(order(), before)
            if update.value is not None
        ]
    )

    assert values(visibility.changes(listed, order(), before)) == {"BatonPhase": "tracking"}
    assert values(visibility.changes(listed, order(), after))["OrchestraStatus"] == "delivering"
    assert "OrchestraOrderId" not in values(visibility.changes(listed, order(), after))


def test_a_search_attribute_that_no_longer_holds_is_removed() -> None:
    listed = TypedSearchAttributes([SearchAttributePair(visibility.STATUS, "processing")])

    assert values(visibility.changes(listed, order(), state(Phase.QUOTING)))["OrchestraStatus"] is None


def test_a_closed_order_has_an_outcome_and_no_deadline() -> None:
    listed = values(visibility.listing(order(), state(Phase.CLOSED, outcome=Outcome.EXPIRED)))

    assert (listed["BatonOutcome"], listed["BatonNextDeadline"]) == ("expired", None)


def test_attention_is_a_flag_and_its_reasons_are_a_list() -> None:
    late = state(attentions=attention("second_deposit") | attention("overdue"))
    listed = values(visibility.listing(order(), late))

    assert (listed["BatonAttention"], listed["BatonAttentionReason"]) == (True, ["overdue", "second_deposit"])


def test_an_order_without_attention_lists_no_reason() -> None:
    assert values(visibility.listing(order(), state()))["BatonAttentionReason"] is None


def test_a_long_code_of_orchestra_is_cut_to_a_keyword() -> None:
    assert visibility.reasons_listed(["x" * 300]) == ["x" * 255]


@pytest.mark.parametrize(
    ("of", "who"),
    [
        (state(), "payer"),
        (state(Phase.SUBMITTING), "orchestra"),
        (state(deposits=[refused()]), "business"),
        (tracked("confirming"), "chain"),
        (tracked("swapping", attentions=attention("overdue")), "operator"),
        (state(Phase.CLOSED), None),
    ],
)
def test_an_order_is_listed_under_whom_it_waits_for(of: OrderState, who: str | None) -> None:
    assert values(visibility.listing(order(), of))["BatonWaitingFor"] == who


def test_the_attention_of_an_ended_order_waits_for_an_operator() -> None:
    listed = {pair.key.name: pair.value for pair in visibility.ended_listing("order/main/r-1", ["late_deposit"])}

    assert (listed["BatonWaitingFor"], listed["BatonAttentionReason"]) == ("operator", ["late_deposit"])


def test_an_sql_database_has_room_for_every_search_attribute() -> None:
    kinds = Counter(visibility.REGISTRY.values())

    assert kinds.pop("Keyword") <= 10
    assert max(kinds.values()) <= 3


def test_every_value_belongs_to_a_registered_attribute() -> None:
    listed = values(visibility.listing(order(), tracked("swapping")))

    assert listed.keys() <= visibility.REGISTRY.keys()


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({}, "WorkflowType = 'OrderWorkflow'"),
        ({"phase": None, "attention": True}, "WorkflowType = 'OrderWorkflow' AND BatonAttention = true"),
        ({"account": "o'brien"}, "WorkflowType = 'OrderWorkflow' AND BatonPartner = 'obrien'"),
        ({"source": "s-7"}, "WorkflowType = 'OrderWorkflow' AND BatonSource IN ('address/s-7', 'paylink/s-7')"),
        ({"source": "paylink/s"}, "WorkflowType = 'OrderWorkflow' AND BatonSource IN ('paylink/s')"),
        ({"ids": ["a", "b"]}, "WorkflowType = 'OrderWorkflow' AND WorkflowId IN ('a', 'b')"),
    ],
)
def test_a_query_has_a_term_for_each_given_filter(filters: dict[str, object], query: str) -> None:
    assert visibility.list_query(**filters) == query


def test_a_line_takes_the_reference_from_the_workflow_id() -> None:
    attributes = TypedSearchAttributes([SearchAttributePair(visibility.PHASE, "tracking")])
    started = datetime(2026, 2, 1, tzinfo=UTC)
    execution = SimpleNamespace(
        id="order/main/shop/7", typed_search_attributes=attributes, start_time=started, status=None
    )
    line = visibility.order_line(execution)

    assert (line.account, line.reference, line.phase, line.attention) == ("main", "shop/7", "tracking", False)


@pytest.mark.parametrize(
    ("status", "outcome", "how"),
    [
        ("TERMINATED", None, "terminated"),
        ("CANCELED", None, "cancelled"),
        ("TIMED_OUT", None, "timed_out"),
        ("FAILED", None, "failed"),
        ("FAILED", "failed", None),
        ("COMPLETED", "completed", None),
        ("RUNNING", None, None),
    ],
)
def test_a_line_says_how_a_workflow_was_interrupted(status: str, outcome: str | None, how: str | None) -> None:
    pairs = [SearchAttributePair(visibility.OUTCOME, outcome)] if outcome else []
    execution: Any = SimpleNamespace(
        id="order/default/r",
        typed_search_attributes=TypedSearchAttributes(pairs),
        start_time=datetime(2026, 2, 1, tzinfo=UTC),
        close_time=datetime(2026, 2, 2, tzinfo=UTC),
        status=SimpleNamespace(name=status),
    )

    interruption = visibility.order_line(execution).interrupted

    assert (interruption.how if interruption else None) == how
    assert interruption is None or interruption.message.startswith("the order's workflow ")
