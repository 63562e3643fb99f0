"""What is refused before an affiliate is registered, and when a claim has ended."""

from datetime import UTC, datetime
from typing import Any

import pytest

from baton.orchestra.affiliate_models import AffiliateClaim, AffiliateTerms
from baton.orchestra.rules.affiliates import affiliate_objection, counts, has_ended, ledger_of

EVM = "0x" + "ab" * 20
NOW = datetime(2026, 2, 12, tzinfo=UTC)


def terms(**changes: Any) -> AffiliateTerms:
    fields = {"fee_bps": 50, "payout_chain": "base", "payout_asset": "USDC", "payout_address": EVM}
    return AffiliateTerms.model_validate({**fields, **changes})


def test_a_usual_affiliate_has_no_objection() -> None:
    assert affiliate_objection("flash-partner_1", terms()) is None
    assert affiliate_objection("flash-partner_1") is None


@pytest.mark.parametrize(
    ("affiliate_id", "changes", "code", "words"),
    [
        ("Flash", {}, "invalid_request", "affiliateId"),
        ("friend\n", {}, "invalid_request", "affiliateId"),
        ("a" * 65, {}, "invalid_request", "affiliateId"),
        ("friend", {"fee_bps": 0}, "invalid_request", "feeBps"),
        ("friend", {"fee_bps": 10_000}, "invalid_request", "feeBps"),
        ("friend", {"payout_chain": "lightning"}, "invalid_payout_destination", "Lightning"),
        ("friend", {"payout_address": "0x1"}, "invalid_address", "payoutAddress"),
    ],
)
def test_a_wrong_affiliate_is_refused_by_its_field(affiliate_id: str, changes: Any, code: str, words: str) -> None:
    objection = affiliate_objection(affiliate_id, terms(**changes))

    assert objection is not None
    assert objection.code == code
    assert words in objection.message


@pytest.mark.parametrize(
    ("fields", "ended", "counted"),
    [
        ({"status": "processing"}, False, True),
        ({"status": "processing", "completed_at": NOW}, False, True),
        ({"status": "completed"}, True, True),
        ({"status": "failed"}, True, False),
        ({"status": "failed", "next_attempt_at": NOW}, False, True),
        ({"status": "sent_by_mail"}, False, True),
        ({"status": "sent_by_mail", "completed_at": NOW}, True, True),
        ({}, False, True),
    ],
)
def test_a_claim_ends_paid_or_finally_failed(fields: Any, ended: bool, counted: bool) -> None:
    claim = AffiliateClaim(id="clm_1", **fields)

    assert (has_ended(claim), counts(claim)) == (ended, counted)


def test_a_claim_without_its_ledger_belongs_to_none() -> None:
    assert ledger_of(AffiliateClaim(id="clm_1", settlement_chain="solana")) is None
    assert str(ledger_of(AffiliateClaim(id="clm_1", settlement_chain="a", settlement_asset="B"))) == "a:B"
