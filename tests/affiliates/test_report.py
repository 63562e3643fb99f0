"""What an affiliate earned is held against its claims, in exact integers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.affiliates.plan import may_be_due, planned_claims
from baton.affiliates.report import balance_lines, worth_in_cents
from baton.orchestra.affiliate_models import AffiliateClaim
from baton.orchestra.rules.affiliates import ClaimPolicy, SettlementLedger

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = ClaimPolicy(claim_minimum_usd="2.50")


@dataclass(frozen=True)
class Fee:
    recipient_amount: int | None
    minute: int = 0
    chain: str | None = "solana"
    asset: str | None = "USDC"
    timed: bool = True

    @property
    def recorded_at(self) -> datetime | None:
        return NOON + timedelta(minutes=self.minute) if self.timed else None


def claim(amount: int, minute: int, status: str = "completed", **fields: Any) -> AffiliateClaim:
    return AffiliateClaim(
        **{
            "id": f"clm_{minute}",
            "amount": amount,
            "status": status,
            "settlement_chain": "solana",
            "settlement_asset": "USDC",
            "created_at": NOON + timedelta(minutes=minute),
            **fields,
        }
    )


def lines(fees: list[Fee], claims: list[AffiliateClaim]) -> list[Any]:
    return balance_lines("friend", fees, claims, lambda chain, asset: 6 if asset == "USDC" else None)


def test_fees_before_and_after_a_claim_are_kept_apart() -> None:
    (line,) = lines([Fee(700, 1), Fee(300, 2), Fee(50, 9)], [claim(1000, 5)])

    assert (line.earned, line.fees, line.claimed, line.claims) == (1050, 3, 1000, 1)
    assert (line.difference, line.balance) == (0, 50)


@pytest.mark.parametrize(("claimed", "difference"), [(1200, 200), (900, -100)])
def test_a_claim_of_another_amount_is_the_difference_and_not_the_balance(claimed: int, difference: int) -> None:
    (line,) = lines([Fee(1000, 1), Fee(50, 9)], [claim(claimed, 5)])

    assert (line.difference, line.balance) == (difference, 50)


def test_a_failed_claim_gives_its_amount_back() -> None:
    (line,) = lines([Fee(1000, 1)], [claim(1000, 5, "failed")])

    assert (line.claimed, line.claims, line.difference, line.balance) == (0, 0, 0, 1000)


def test_a_claim_under_way_is_claimed_and_being_paid() -> None:
    (line,) = lines([Fee(1000, 1)], [claim(400, 2), claim(600, 5, "processing")])

    assert (line.claimed, line.paying, line.difference, line.balance) == (1000, 600, 0, 0)


def test_each_ledger_has_a_line_of_its_own() -> None:
    found = lines([Fee(10, 1), Fee(2**120, 1, chain="spark", asset="USDB"), Fee(5, 1, asset=None)], [claim(10, 5)])

    assert [(line.chain, line.asset, line.earned, line.balance) for line in found] == [
        ("solana", None, 5, 5),
        ("solana", "USDC", 10, 0),
        ("spark", "USDB", 2**120, 2**120),
    ]


def test_fees_of_unknown_share_are_counted_and_add_nothing() -> None:
    (line,) = lines([Fee(None, 1), Fee(10, 1)], [])

    assert (line.earned, line.fees, line.unknown_fees) == (10, 1, 1)


def test_a_fee_without_a_time_counts_as_not_claimed() -> None:
    (line,) = lines([Fee(10, timed=False)], [claim(10, 5)])

    assert (line.difference, line.balance) == (10, 10)


def test_the_worth_of_a_balance_is_rounded_down_and_may_be_unknown() -> None:
    dollars, unknown = lines([Fee(2_509_999), Fee(5, asset="WBTC")], [])

    assert worth_in_cents(dollars) == 250
    assert worth_in_cents(unknown) is None


def test_a_balance_is_due_from_the_minimum_on_and_the_largest_comes_first() -> None:
    fees = [Fee(2_499_999, chain="base"), Fee(2_500_000, chain="solana"), Fee(9_000_000, chain="tron")]

    planned = planned_claims(lines(fees, []), [], POLICY)

    assert [(each.ledger.chain, each.due) for each in planned] == [("tron", True), ("solana", True), ("base", False)]
    assert planned[2].why == "$2.49 is below the minimum of $2.50"
    assert all(each.several for each in planned)


def test_a_single_balance_needs_no_name_and_an_unknown_worth_a_person() -> None:
    (usual,) = planned_claims(lines([Fee(9_000_000)], [claim(5, -5)]), [claim(5, -5)], POLICY)
    (odd,) = planned_claims(lines([Fee(9_000_000, asset="WBTC")], []), [], POLICY)

    assert (usual.due, usual.several, usual.ledger) == (True, False, SettlementLedger("solana", "USDC"))
    assert usual.known.ids == ["clm_-5"]
    assert (odd.due, "by hand" in odd.why) == (False, True)


@pytest.mark.parametrize(
    ("fees", "may_be"),
    [
        ([], False),
        ([Fee(2_499_999)], False),
        ([Fee(2_499_999), Fee(1)], True),
        ([Fee(1, asset="WBTC")], True),
        ([Fee(None)], False),
    ],
)
def test_claims_are_read_only_of_an_affiliate_that_earned_enough_in_all(fees: list[Fee], may_be: bool) -> None:
    assert may_be_due(fees, lambda chain, asset: 6 if asset == "USDC" else None, POLICY) is may_be


def test_an_empty_balance_is_not_planned() -> None:
    assert planned_claims(lines([Fee(1000, 1)], [claim(1000, 5)]), [], POLICY) == []
