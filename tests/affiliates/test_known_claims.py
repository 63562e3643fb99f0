"""A claim whose answer was lost is told from those that were there before."""

from datetime import UTC, datetime, timedelta
from typing import Any

from baton.affiliates.known_claims import MAX_KNOWN, known_claims, new_claim
from baton.affiliates.messages import KnownClaims
from baton.orchestra.affiliate_models import AffiliateClaim
from baton.orchestra.rules.affiliates import SettlementLedger

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
USDB, USDC = SettlementLedger("spark", "USDB"), SettlementLedger("solana", "USDC")


def claim(number: int, **fields: Any) -> AffiliateClaim:
    at = NOON + timedelta(minutes=number)
    return AffiliateClaim(**{"id": f"clm_{number}", "created_at": at, "status": "processing", **fields})


def test_without_claims_the_first_one_is_new() -> None:
    assert new_claim([claim(1)], known_claims([]), None) == claim(1)
    assert new_claim([], known_claims([]), None) is None


def test_a_known_claim_is_never_new_whatever_became_of_it() -> None:
    known = known_claims([claim(1), claim(2)])

    assert new_claim([claim(1, status="completed"), claim(2, status="failed")], known, None) is None
    assert new_claim([claim(3), claim(2), claim(1)], known, None) == claim(3)


def test_of_several_new_claims_the_newest_that_pays_is_taken() -> None:
    found = [claim(1), claim(3, status="failed"), claim(2)]

    assert new_claim(found, KnownClaims(), None) == claim(2)
    assert new_claim([claim(3, status="failed")], KnownClaims(), None) == claim(3, status="failed")


def test_a_claim_of_another_ledger_is_not_the_one_that_was_asked_for() -> None:
    other = claim(1, settlement_chain="solana", settlement_asset="USDC")

    assert new_claim([other], KnownClaims(), USDB) is None
    assert new_claim([other], KnownClaims(), USDC) == other
    assert new_claim([claim(1)], KnownClaims(), USDB) == claim(1)


def test_of_many_claims_the_older_ones_are_known_by_their_time() -> None:
    many = [claim(number) for number in range(MAX_KNOWN + 5)]
    known = known_claims(many)

    assert len(known.ids) == MAX_KNOWN
    assert new_claim(many, known, None) is None
    assert new_claim([*many, claim(MAX_KNOWN + 5)], known, None) == claim(MAX_KNOWN + 5)


def test_claims_without_times_are_known_by_their_ids() -> None:
    known = known_claims([claim(1, created_at=None)])

    assert new_claim([claim(1, created_at=None)], known, None) is None
    assert new_claim([claim(2, created_at=None)], known, None) == claim(2, created_at=None)
