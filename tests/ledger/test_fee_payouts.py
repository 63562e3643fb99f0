"""The app fees of orders: written with their order, never twice, and restored with it."""

from typing import Any

import pytest

from baton.ledger import fee_payouts
from baton.ledger.ledger import Ledger
from baton.ledger.restoration import RestoredOrder
from baton.ledger.rows import FeePayoutRow
from tests.ledger.examples import NOON, ORDER, order

HUGE = 2**200


def fee(payout: str = "order:ord_1:full:appfee:0", **given: Any) -> FeePayoutRow:
    defaults = {
        "account": "default",
        "order_id": "ord_1",
        "workflow_id": ORDER,
        "affiliate_id": "friend",
        "chain": "solana",
        "asset": "USDC",
        "amount": 24_750,
        "recipient_amount": 19_800,
        "recorded_at": NOON,
    }
    return FeePayoutRow(payout=payout, **{**defaults, **given})


async def test_the_fees_of_an_order_are_written_with_it_and_once(ledger: Ledger) -> None:
    await ledger.write_order(order(), [], (), [fee()])
    await ledger.write_order(order(revision=2), [], (), [fee(tx_hash="5kW"), fee("second", recipient_amount=HUGE)])

    assert await ledger.fee_payouts.of_affiliate("default", "friend") == [
        fee(tx_hash="5kW"),
        fee("second", recipient_amount=HUGE),
    ]


async def test_an_older_revision_changes_no_fee(ledger: Ledger) -> None:
    await ledger.write_order(order(revision=2), [], (), [fee()])

    assert not await ledger.write_order(order(revision=1), [], (), [fee(recipient_amount=1)])

    assert await ledger.fee_payouts.of_affiliate("default", "friend") == [fee()]


async def test_a_restored_order_adds_its_missing_fees_and_changes_none(ledger: Ledger) -> None:
    await ledger.write_order(order(revision=5), [], (), [fee()])

    await ledger.restoration.restore(RestoredOrder(order(revision=1), fees=[fee(amount=1), fee("second")]))

    assert await ledger.fee_payouts.of_affiliate("default", "friend") == [fee(), fee("second")]


async def test_fees_are_kept_apart_by_account_and_affiliate(ledger: Ledger) -> None:
    rows = [fee(), fee("b", affiliate_id="other"), fee("c", affiliate_id=None), fee(account="shop")]

    await ledger.fee_payouts.record(rows)

    assert await ledger.fee_payouts.affiliates("default") == ["friend", "other"]
    assert await ledger.fee_payouts.of_affiliate("shop", "friend") == [fee(account="shop")]
    assert await ledger.fee_payouts.of_affiliate("default", "other") == [fee("b", affiliate_id="other")]


async def test_every_page_of_fees_is_read(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fee_payouts, "PAGE", 2)
    rows = [fee(payout, order_id=order_id) for order_id in ("ord_1", "ord_2") for payout in ("a", "b", "c")]
    await ledger.fee_payouts.record(rows)

    assert await ledger.fee_payouts.of_affiliate("default", "friend") == rows
