"""App fees as orders show them: what each affiliate earned, and in which ledger."""

import json
from typing import Any

import pytest

from baton.orchestra.rules.accrued_fees import accrued_fees
from tests.paths import FIXTURES

PLAN = {"settlementChain": "solana", "settlementAsset": "USDC"}
ENTRY = {"idempotencyKey": "order:ord_1:full:appfee:0", "role": "app_fee", "chain": "base", "affiliateId": "friend"}


def test_the_documented_order_shows_what_its_affiliate_earned() -> None:
    data = json.loads((FIXTURES / "seed003_webhook_order_refunding_exact_out.json").read_text(encoding="utf-8"))["data"]

    (fee,) = accrued_fees(data["feePayouts"], data["feePlan"])

    assert fee.key == "order:ord_...:full:appfee:0"
    assert (fee.affiliate_id, fee.chain, fee.asset) == ("flashpartner", "solana", "USDC")
    assert (fee.amount, fee.recipient_amount, fee.tx_hash) == (24_750, 19_800, "5kW...")


@pytest.mark.parametrize(
    ("fields", "earned"),
    [
        ({"amount": "999", "platformCutAmount": "199", "recipientAmount": "800"}, 800),
        ({"amount": "999", "platformCutAmount": "199"}, 800),
        ({"amount": "999"}, None),
        ({"amount": "1", "platformCutAmount": "2"}, 0),
        ({"amount": "many"}, None),
        ({}, None),
    ],
)
def test_a_share_that_the_order_does_not_say_is_unknown(fields: dict[str, Any], earned: int | None) -> None:
    (fee,) = accrued_fees({"entries": [ENTRY | fields]}, PLAN)

    assert fee.recipient_amount == earned


def test_without_a_plan_the_fee_has_the_chain_of_its_payout_and_no_asset() -> None:
    (fee,) = accrued_fees({"entries": [ENTRY]}, None)

    assert (fee.chain, fee.asset) == ("base", None)


def test_entries_without_a_key_are_told_apart_by_their_position() -> None:
    bare = {"role": "app_fee", "affiliateId": "friend"}

    fees = accrued_fees({"entries": [{"role": "recipient_payout"}, bare, bare]}, PLAN)

    assert [fee.key for fee in fees] == ["full:app_fee:0", "full:app_fee:1"]


@pytest.mark.parametrize("payouts", [None, {}, {"entries": None}, {"entries": ["odd", 7]}])
def test_an_order_without_payouts_has_no_fees(payouts: Any) -> None:
    assert accrued_fees(payouts, PLAN) == []
