"""An offer is read tolerantly, and a policy decides about it with reasons and figures."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.zeroconf import (
    ZeroConfAction,
    ZeroConfMode,
    ZeroConfOffer,
    ZeroConfPolicy,
    decide_by,
    judge,
    on_silence,
    read_offer,
)

OFFERED = datetime(2026, 2, 4, 1, 30, tzinfo=UTC)
DOCUMENTED = {
    "version": 1,
    "status": "pending",
    "quoteId": "zc_1",
    "sparkAddress": "spark1...",
    "txid": "aa" * 32,
    "vout": 0,
    "depositSats": "250000",
    "instantSats": "249500",
    "holdbackSats": "0",
    "feeSats": "500",
    "confirmationProbability": 0.98,
    "offeredAt": "2026-02-04T01:30:00.000Z",
    "expiresAt": "2026-02-04T01:35:00.000Z",
    "resolvedAt": None,
}
DECIDING = ZeroConfPolicy(mode=ZeroConfMode.DECIDE)


def order(offer: Any) -> OrderRecord:
    return OrderRecord.model_validate({"id": "ord_1", "status": "awaiting_approval", "zeroconfOffer": offer})


def offer(**fields: Any) -> ZeroConfOffer:
    return ZeroConfOffer.model_validate({**DOCUMENTED, **fields})


def deciding(**bounds: Any) -> ZeroConfPolicy:
    return ZeroConfPolicy(mode=ZeroConfMode.DECIDE, **bounds)


def test_a_documented_offer_is_read_completely() -> None:
    read = read_offer(order(DOCUMENTED))
    assert read is not None
    assert read.pending
    assert (read.quote_id, read.txid, read.vout) == ("zc_1", "aa" * 32, 0)
    assert (read.deposit_sats, read.instant_sats, read.holdback_sats, read.fee_sats) == (250_000, 249_500, 0, 500)
    assert read.confirmation_probability == 0.98
    assert (read.offered_at, read.expires_at) == (OFFERED, OFFERED + timedelta(minutes=5))
    assert read.resolved_at is None
    assert read.fee_bps == 20


def test_a_denied_offer_without_other_fields_reads() -> None:
    read = read_offer(order({"status": "denied", "deniedAt": "2026-02-04T01:31:00Z"}))
    assert read is not None
    assert not read.pending
    assert read.denied_at == OFFERED + timedelta(minutes=1)
    assert read.fee_bps is None


@pytest.mark.parametrize("nonsense", [None, "pending", [], 7, {}, {"status": None}, {"status": ""}, {"status": 1}])
def test_an_unreadable_offer_reads_as_none(nonsense: Any) -> None:
    assert read_offer(order(nonsense)) is None


@pytest.mark.parametrize("status", ["accepted", "declined", "expired", "confirmed", "denied", "brand_new"])
def test_an_offer_that_is_not_pending_needs_no_decision(status: str) -> None:
    resolved = offer(status=status)
    assert not resolved.pending
    verdict = judge(resolved, DECIDING, 0)
    assert (verdict.action, verdict.reasons) == (
        ZeroConfAction.LAPSE,
        [f"the offer is {status}: nothing is left to decide"],
    )


@pytest.mark.parametrize(
    ("odd", "probability"),
    [(None, None), ("0.5", 0.5), (1, 1.0), (98, None), (-0.1, None), (True, None), ("high", None), ([], None)],
)
def test_a_probability_outside_0_to_1_reads_as_none(odd: Any, probability: float | None) -> None:
    assert offer(confirmationProbability=odd).confirmation_probability == probability


@pytest.mark.parametrize("odd", ["1.5", -1, {}, "many"])
def test_an_odd_figure_leaves_the_other_fields_readable(odd: Any) -> None:
    read = offer(feeSats=odd)
    assert read.fee_sats is None
    assert read.cost_sats == 500


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ({}, 500),
        ({"feeSats": "100"}, 500),
        ({"feeSats": "900"}, 900),
        ({"holdbackSats": "400", "feeSats": "100"}, 100),
        ({"instantSats": None}, 500),
        ({"instantSats": None, "feeSats": None}, None),
        ({"instantSats": "260000", "feeSats": None}, 0),
    ],
)
def test_the_cost_is_the_larger_of_fee_and_missing_credit(fields: dict, cost: int | None) -> None:
    assert offer(**fields).cost_sats == cost


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_the_fee_in_basis_points_is_rounded_up(deposit: int, fee: int) -> None:
    candidate = offer(depositSats=str(deposit), instantSats=None, feeSats=str(fee))
    assert candidate.fee_bps is not None
    for bound in {max(candidate.fee_bps - 1, 0), candidate.fee_bps, 0, 100}:
        assert (candidate.fee_bps > bound) == (fee * 10_000 > bound * deposit)


def test_an_offer_within_all_bounds_is_accepted_naming_each_bound() -> None:
    policy = deciding(
        min_confirmation_probability=0.9,
        max_fee_sats=500,
        max_fee_bps=20,
        min_deposit_sats=250_000,
        max_deposit_sats=250_000,
        max_holdback_sats=0,
        daily_cap_sats=349_500,
    )
    verdict = judge(offer(), policy, 100_000)
    assert verdict.action is ZeroConfAction.ACCEPT
    assert verdict.reasons == [
        "minConfirmationProbability: the confirmation probability of 0.98 is not below 0.9",
        "maxFeeSats: the fee of 500 sats is within 500 sats",
        "maxFeeBps: the fee of 20 bps is within 20 bps",
        "minDepositSats: the deposit of 250000 sats is not below 250000 sats",
        "maxDepositSats: the deposit of 250000 sats is within 250000 sats",
        "maxHoldbackSats: the holdback of 0 sats is within 0 sats",
        "dailyCapSats: 100000 sats open and 249500 more make 349500, within 349500 sats",
    ]


@pytest.mark.parametrize(
    ("bounds", "fields", "reason"),
    [
        (
            {"min_confirmation_probability": 0.99},
            {},
            "minConfirmationProbability: the confirmation probability of 0.98 is below 0.99",
        ),
        ({"max_fee_sats": 499}, {}, "maxFeeSats: the fee of 500 sats is above 499 sats"),
        ({"max_fee_bps": 19}, {}, "maxFeeBps: the fee of 20 bps is above 19 bps"),
        ({"min_deposit_sats": 250_001}, {}, "minDepositSats: the deposit of 250000 sats is below 250001 sats"),
        ({"max_deposit_sats": 249_999}, {}, "maxDepositSats: the deposit of 250000 sats is above 249999 sats"),
        ({"max_holdback_sats": 9}, {"holdbackSats": "10"}, "maxHoldbackSats: the holdback of 10 sats is above 9 sats"),
        (
            {"daily_cap_sats": 349_499},
            {},
            "dailyCapSats: 100000 sats open and 249500 more make 349500, above 349499 sats",
        ),
        ({"max_holdback_sats": 9}, {"holdbackSats": None}, "maxHoldbackSats: the offer states no holdback"),
        ({"min_deposit_sats": 1, "max_fee_bps": 10_000}, {"depositSats": None}, "maxFeeBps: the offer states no fee"),
        (
            {"daily_cap_sats": 10**9, "max_fee_bps": 10_000},
            {"depositSats": None, "instantSats": None},
            "dailyCapSats: the offer states no credit",
        ),
    ],
)
def test_an_offer_outside_a_bound_is_declined_naming_that_bound(bounds: dict, fields: dict, reason: str) -> None:
    verdict = judge(offer(**fields), deciding(**bounds), 100_000)
    assert verdict.action is ZeroConfAction.DECLINE
    assert reason in verdict.reasons


def test_only_the_broken_bounds_are_named() -> None:
    verdict = judge(offer(), deciding(max_fee_sats=1, max_deposit_sats=1, min_deposit_sats=1), 0)
    assert [reason.partition(":")[0] for reason in verdict.reasons] == ["maxFeeSats", "maxDepositSats"]


@pytest.mark.parametrize("beyond", [ZeroConfAction.DECLINE, ZeroConfAction.ASK, ZeroConfAction.LAPSE])
def test_an_offer_outside_the_bounds_is_answered_as_the_policy_says(beyond: ZeroConfAction) -> None:
    assert judge(offer(), deciding(max_fee_sats=1, beyond=beyond), 0).action is beyond


def test_an_offer_without_a_probability_needs_the_policys_permission() -> None:
    silent = offer(confirmationProbability=None)
    cautious = judge(silent, deciding(), 0)
    assert cautious.action is ZeroConfAction.DECLINE
    assert "acceptWithoutProbability would allow that" in cautious.reasons[0]
    assert judge(silent, deciding(accept_without_probability=True), 0).action is ZeroConfAction.ACCEPT


def test_a_probability_on_the_bound_is_accepted() -> None:
    verdict = judge(offer(), deciding(min_confirmation_probability=0.98), 0)
    assert verdict.action is ZeroConfAction.ACCEPT
    assert "0.98 is not below 0.98" in verdict.reasons[0]


def test_a_least_probability_of_0_sets_no_bound() -> None:
    verdict = judge(offer(confirmationProbability=None), deciding(min_confirmation_probability=0), 0)
    assert verdict.action is ZeroConfAction.ACCEPT
    assert [reason.partition(":")[0] for reason in verdict.reasons] == ["maxFeeBps"]


def test_a_low_probability_is_refused_even_if_none_is_allowed() -> None:
    verdict = judge(offer(confirmationProbability=0.5), deciding(accept_without_probability=True), 0)
    assert verdict.action is ZeroConfAction.DECLINE


def test_the_default_policy_asks_the_business() -> None:
    assert judge(offer(), ZeroConfPolicy(), 0).action is ZeroConfAction.ASK


@pytest.mark.parametrize("mode", [ZeroConfMode.ASK, ZeroConfMode.DECLINE, ZeroConfMode.LAPSE])
def test_a_policy_that_does_not_decide_names_the_broken_bounds(mode: ZeroConfMode) -> None:
    verdict = judge(offer(), ZeroConfPolicy(mode=mode, max_fee_sats=1), 0)
    assert verdict.action == mode.value
    assert verdict.reasons == [f"mode is {mode}", "maxFeeSats: the fee of 500 sats is above 1 sats"]


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_accepted_offers_never_exceed_the_cap(cap: int, exposure: int, credit: int) -> None:
    candidate = offer(depositSats=str(credit), instantSats=str(credit), feeSats="0")
    policy = deciding(daily_cap_sats=cap, max_fee_bps=10_000)
    accepted = judge(candidate, policy, exposure).action is ZeroConfAction.ACCEPT
    assert accepted == (exposure + credit <= cap and credit > 0)


@pytest.mark.parametrize("action", [ZeroConfAction.DECLINE, ZeroConfAction.LAPSE])
def test_silence_is_answered_as_the_policy_says(action: ZeroConfAction) -> None:
    verdict = on_silence(ZeroConfPolicy(on_silence=action))
    assert verdict.action is action
    assert "onSilence" in verdict.reasons[0]


def test_an_answer_is_due_one_margin_before_the_offer_expires() -> None:
    assert decide_by(offer(), ZeroConfPolicy()) == OFFERED + timedelta(minutes=5, seconds=-30)
    assert decide_by(offer(), ZeroConfPolicy(margin_seconds=90)) == OFFERED + timedelta(minutes=3, seconds=30)


def test_an_offer_without_an_expiry_lasts_five_minutes() -> None:
    assert decide_by(offer(expiresAt=None), ZeroConfPolicy(margin_seconds=0)) == OFFERED + timedelta(minutes=5)
    assert decide_by(offer(expiresAt=None, offeredAt=None), ZeroConfPolicy()) is None


def test_an_answer_is_never_due_before_the_offer_was_made() -> None:
    brief = offer(expiresAt="2026-02-04T01:30:05Z")
    assert decide_by(brief, ZeroConfPolicy()) == OFFERED
    assert decide_by(offer(expiresAt="2026-02-04T01:30:05Z", offeredAt=None), ZeroConfPolicy()) == OFFERED - timedelta(
        seconds=25
    )


@pytest.mark.parametrize(
    "odd",
    [
        {"mode": "gamble"},
        {"beyond": "accept"},
        {"onSilence": "ask"},
        {"onSilence": "accept"},
        {"minConfirmationProbability": 1.1},
        {"minConfirmationProbability": 95},
        {"maxFeeSats": -1},
        {"maxFeeSats": 1.5},
        {"maxFeeBps": 10_001},
        {"dailyCapSats": "lots"},
        {"marginSeconds": -1},
        {"marginSeconds": 300},
    ],
)
def test_an_invalid_policy_is_refused(odd: dict) -> None:
    with pytest.raises(ValidationError):
        ZeroConfPolicy.model_validate(odd)


def test_a_policy_that_no_deposit_satisfies_is_refused() -> None:
    with pytest.raises(ValidationError, match="minDepositSats 2 is above maxDepositSats 1"):
        ZeroConfPolicy(min_deposit_sats=2, max_deposit_sats=1)


def test_a_policy_survives_json() -> None:
    policy = deciding(
        max_fee_sats=5, beyond=ZeroConfAction.ASK, on_silence=ZeroConfAction.LAPSE, min_confirmation_probability=0
    )
    assert ZeroConfPolicy.model_validate(policy.wire()) == policy
    assert ZeroConfPolicy.model_validate_json(policy.model_dump_json()) == policy
