"""Which fields differ between two requests under one reference. Pure."""

from typing import Any

import pytest

from baton.orders.differences import differences
from baton.orders.document import read_document
from tests.end_to_end.test_onramps import ONRAMP
from tests.end_to_end.world import USDC_TO_BTC

SWAP = {**USDC_TO_BTC, "reference": "r"}
PAID = {**ONRAMP, "reference": "r", "payer": "p-1"}


@pytest.mark.parametrize(
    ("placed", "change", "phrases"),
    [
        (SWAP, {}, []),
        (SWAP, {"amount": "200000000"}, ["amount: 100000000 placed, 200000000 requested"]),
        (SWAP, {"slippageBps": 50}, ["slippageBps: nothing placed, 50 requested"]),
        (
            SWAP,
            {"appFees": [{"recipient": "x", "fee": 25}]},
            ['appFees: nothing placed, [{"recipient": "x", "fee": 25}] requested'],
        ),
        (
            SWAP,
            {"policy": {"depositWindow": 60}},
            ["policy.depositWindow: P1D placed, PT1M requested"],
        ),
        (
            SWAP,
            {"destinationAsset": "USDB", "amount": "1"},
            ["amount: 100000000 placed, 1 requested", "destinationAsset: BTC placed, USDB requested"],
        ),
        (PAID, {"payer": "p-2"}, ["payer: p-1 placed, p-2 requested"]),
    ],
)
def test_each_differing_field_is_named_with_both_values(
    placed: dict[str, Any], change: dict[str, Any], phrases: list[str]
) -> None:
    before, after = read_document(placed).order(), read_document({**placed, **change}).order()

    assert sorted(differences(before, after)) == phrases
    assert before.same_as(after) is not bool(phrases)


def test_orders_of_different_kinds_differ_in_their_kind_alone() -> None:
    swap, onramp = read_document(SWAP).order(), read_document(PAID).order()

    assert differences(swap, onramp) == ["kind: swap placed, onramp requested"]


def test_a_long_value_is_shortened() -> None:
    before = read_document({**SWAP, "recipientAddress": "a" * 500}).order()
    after = read_document(SWAP).order()

    assert all(len(phrase) < 250 for phrase in differences(before, after))
