"""What a planned read makes of what Orchestra lists, decided without Orchestra."""

from datetime import timedelta
from typing import Any

import pytest

from baton.ledger.rows import SourceRow
from baton.orchestra.address_deposit_models import StandingDeposit
from baton.orchestra.models import OrderRecord
from baton.orders.observation import Observation, Source
from baton.orders.rules.attention import AttentionReason
from baton.ownership.found_orders import is_open, is_recent, of_listed, of_read
from baton.ownership.link_orders import links_of
from tests.ledger.examples import NOON
from tests.ledger.test_sources import source

LONG_AGO = NOON - timedelta(days=40)
LATELY = NOON - timedelta(days=31)
TERMS = {"destinationChain": "base", "destinationAsset": "USDC", "recipientAddress": "0xpayee", "amountOut": "25000000"}


def record(**given: Any) -> OrderRecord:
    """Return an order over Lightning to the recipient of the links here."""
    usual = {
        "id": "ord_1",
        "status": "processing",
        "source_chain": "lightning",
        "source_asset": "BTC",
        "destination_chain": "base",
        "destination_asset": "USDC",
        "recipient_address": "0xpayee",
        "payment_intent": {"targetAmountOut": "25000000"},
        "created_at": NOON,
    }
    return OrderRecord.model_validate(usual | given)


def pay_link(reference: str = "tips", **request: Any) -> SourceRow:
    return source(reference, "paylink", orchestra_id=f"pl_{reference}", request=TERMS | request)


@pytest.mark.parametrize(
    "other",
    [
        {"destination_asset": "USDT"},
        {"destination_chain": "solana"},
        {"recipient_address": "0xsomebody"},
        {"payment_intent": {"targetAmountOut": "26000000"}},
        {"amount_fiat_usd": "25.00"},
        {"created_at": NOON - timedelta(days=1)},
    ],
)
def test_an_order_with_another_term_is_not_of_the_link(other: dict[str, Any]) -> None:
    assert links_of([pay_link()], record()) == [pay_link()]
    assert links_of([pay_link()], record(**other)) == []


def test_an_order_in_dollars_is_of_the_link_with_these_dollars() -> None:
    tips = pay_link(amountOut=None, amountFiatUsd="5.00")
    assert links_of([tips], record(payment_intent=None, amount_fiat_usd="5.00")) == [tips]
    assert links_of([tips], record(payment_intent=None, amount_fiat_usd="6.00")) == []


def test_the_link_that_the_order_names_counts_before_its_terms() -> None:
    first, second = pay_link("first"), pay_link("second")
    assert links_of([first, second], record(pay_link_id="pl_second")) == [second]


def test_of_one_possible_link_the_order_is_and_of_none_it_is_not() -> None:
    found = of_read(_read(record()), [pay_link()], NOON)
    assert found is not None
    assert (found.observed.record.pay_link_id, found.attention) == ("pl_tips", None)
    assert of_read(_read(record(recipient_address="0xsomebody")), [pay_link()], NOON) is None


def test_of_two_possible_links_a_person_says_which() -> None:
    found = of_read(_read(record()), [pay_link("first"), pay_link("second")], NOON)
    assert found is not None
    assert found.attention is not None
    assert found.observed.record.pay_link_id is None
    assert found.attention.reason == AttentionReason.SOURCE_UNCLEAR
    assert "first, second" in found.attention.message


def test_orders_that_ended_long_ago_are_left_out() -> None:
    assert is_recent(record(), LATELY)
    assert is_recent(record(status="completed", completed_at=NOON), LATELY)
    assert not is_recent(record(status="completed", completed_at=LONG_AGO), LATELY)
    assert is_recent(record(status="processing", updated_at=LONG_AGO), LATELY)


@pytest.mark.parametrize(
    ("fields", "needs_order"),
    [
        ({"status": "held"}, True),
        ({"status": "held", "observedAt": LONG_AGO.isoformat()}, True),
        ({"status": "completed", "orderId": "ord_1"}, True),
        ({"status": "completed", "orderId": "ord_1", "observedAt": LONG_AGO.isoformat()}, False),
        ({"status": "refunded"}, False),
    ],
)
def test_a_listed_deposit_needs_an_order_until_it_is_settled(fields: dict[str, Any], needs_order: bool) -> None:
    assert is_open(StandingDeposit.model_validate({"id": "dep_1", **fields}), LATELY) is needs_order


def test_the_list_names_the_output_that_the_order_leaves_out() -> None:
    bitcoin = _read(record(source_chain="bitcoin", source_tx_hash="ab" * 32))
    listed = StandingDeposit.model_validate({"id": "dep_1", "status": "processing", "sourceTxIndex": "1"})
    assert of_listed(bitcoin, listed).observed.record.source_tx_vout == 1


def _read(found: OrderRecord) -> Observation:
    return Observation(source=Source.STATUS_READ, record=found)
