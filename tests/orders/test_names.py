"""The names others build on: a changed one would orphan running orders or break an idempotency key."""

import re
from collections.abc import Callable

import pytest

from baton.orders import names

ORDER = "order/default/invoice-42"


def test_ids_keys_and_queues_are_what_running_orders_were_started_with() -> None:
    assert names.order_workflow_id("default", "invoice-42") == ORDER
    assert names.refund_workflow_id(ORDER) == f"{ORDER}/refund"
    assert names.approval_workflow_id(ORDER, "z_1") == f"{ORDER}/zeroconf/z_1"
    assert names.deposit_watch_id("base") == "deposit-watch/base"
    assert names.partner_queue("default") == "baton-partner-default"
    assert names.poll_queue("default") == "baton-poll-default"
    assert names.idempotency_key(ORDER, "submit", 2) == f"{ORDER}/submit/2"


def test_an_adopted_order_is_named_after_its_orchestra_id() -> None:
    assert names.adopted_reference("ord_1") == "~orchestra:ord_1"
    assert names.adopted_workflow_id("default", "ord_1") == "order/default/~orchestra:ord_1"


def test_an_order_adopted_by_an_earlier_version_is_recognized() -> None:
    assert "order/default/orchestra:ord_1" in names.adopted_workflow_ids("default", "ord_1")


def test_a_follow_up_is_named_after_its_closed_order_alone() -> None:
    assert names.follow_up_reference("invoice-42") == "invoice-42~late"


@pytest.mark.parametrize("name", [names.adopted_reference, names.follow_up_reference])
def test_long_names_stay_within_the_limit_and_differ(name: Callable[[str], str]) -> None:
    made = {name("x" * 500 + end) for end in "ab"}
    assert {len(reference) for reference in made} == {names.MAX_REFERENCE}
    assert len(made) == 2


@pytest.mark.parametrize("reference", [names.adopted_reference("ord_1"), names.follow_up_reference("invoice-42")])
def test_no_business_can_choose_the_reference_of_such_an_order(reference: str) -> None:
    assert not re.fullmatch(names.REFERENCE, reference)


@pytest.mark.parametrize("reference", ["a", "invoice-42", "A.b_c:d-e", "x" * 128])
def test_a_reference_of_plain_characters_is_taken(reference: str) -> None:
    assert re.fullmatch(names.REFERENCE, reference)


@pytest.mark.parametrize("reference", ["", "-a", ".a", "a b", "a/b", "ü", "x" * 129])
def test_a_reference_that_would_break_an_id_is_not(reference: str) -> None:
    assert not re.fullmatch(names.REFERENCE, reference)


def test_runs_of_one_minute_have_keys_of_their_own() -> None:
    first, second = "01a22765-1a65-760d-87ef-386a87681d67", "01a22765-0200-7a63-ac46-07bdde7ade82"
    assert names.placed_again_step("quote", first) == "quote-386a87681d67"
    assert names.placed_again_step("quote", second) != names.placed_again_step("quote", first)
    assert names.placed_again_step("quote", first, by_time=True) == "quote-01a22765"
