"""A signal bears the name of its newest status, out of a closed set that holds nothing from outside."""

from typing import Any

import pytest

from baton.chains.deposits import Deposit, DepositState
from baton.orders.seen_deposits import DepositNotice
from baton.orders.signal_names import (
    DEPOSIT_SIGNALS,
    ORDER_SIGNALS,
    UNKNOWN_STATUS,
    carries_notices,
    carries_observations,
    deposit_signal,
    order_signal,
)


def envelope(status: str, updated_at: str | None = None, event: str | None = None) -> dict[str, Any]:
    record = {"id": "ord_1", "status": status} | ({"updatedAt": updated_at} if updated_at else {})
    return {"source": "webhook", "event": event, "record": record}


def test_a_signal_is_named_by_the_newest_status_in_it() -> None:
    newest, older = envelope("swapping", "2026-02-01T12:00:00.005Z"), envelope("bridging", "2026-02-01T12:00:00Z")

    assert order_signal([older, newest]) == order_signal([newest, older]) == "order.swapping"


def test_of_the_same_time_the_last_to_arrive_is_the_newest() -> None:
    assert order_signal([envelope("bridging"), envelope("swapping")]) == "order.swapping"


def test_an_event_that_is_no_status_names_its_signal() -> None:
    assert order_signal([envelope("refunding", event="order.superseded")]) == "order.superseded"


@pytest.mark.parametrize("status", ["polishing", "ord_b0b/../..", "x" * 9_000, ""])
def test_a_name_never_holds_a_value_from_outside(status: str) -> None:
    assert order_signal([envelope(status, event=f"order.{status}")]) == UNKNOWN_STATUS


@pytest.mark.parametrize("state", DepositState)
def test_a_notice_is_named_by_what_the_chain_says_of_its_deposit(state: DepositState) -> None:
    deposit = Deposit(chain="base", address="0xa", asset="native", tx_id="0xb", index="0", amount=1, state=state)

    assert deposit_signal(DepositNotice(deposit=deposit)) == f"chain.deposit_{state}"


def test_every_name_says_which_payload_it_carries() -> None:
    assert all(carries_observations(name) and not carries_notices(name) for name in ORDER_SIGNALS)
    assert all(carries_notices(name) and not carries_observations(name) for name in DEPOSIT_SIGNALS.values())
