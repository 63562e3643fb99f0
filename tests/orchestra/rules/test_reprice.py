"""The repricing question of older accounts is read, and a policy answers it within the loss that it allows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import Reprice, RepriceAction, RepricePolicy, can_be_refunded, judge, read_reprice

DOCUMENTED = {
    "version": 1,
    "status": "awaiting_approval",
    "previousLockedMinAmountOut": "100000",
    "proposedMinAmountOut": "99000",
    "latestExpectedAmountOut": "99500",
    "requestedAt": "2026-02-04T01:30:00Z",
    "resolvedAt": None,
    "reason": "insufficient_input",
}
APPROVING = RepricePolicy(mode=RepriceAction.APPROVE)


def order(reprice: Any, source: str = "bitcoin") -> OrderRecord:
    fields = {"id": "ord_1", "status": "awaiting_approval", "sourceChain": source, "reprice": reprice}
    return OrderRecord.model_validate(fields)


def reprice(**fields: Any) -> Reprice:
    return Reprice.model_validate({**DOCUMENTED, **fields})


def test_a_documented_repricing_is_read_completely() -> None:
    read = read_reprice(order(DOCUMENTED))
    assert read is not None
    assert read.pending
    assert (read.previous_locked_min_amount_out, read.proposed_min_amount_out) == (100_000, 99_000)
    assert (read.latest_expected_amount_out, read.reason) == (99_500, "insufficient_input")
    assert read.loss_bps == 100


@pytest.mark.parametrize("nonsense", [None, "awaiting_approval", [], {}, {"status": 3}, {"status": ""}])
def test_an_unreadable_repricing_reads_as_none(nonsense: Any) -> None:
    assert read_reprice(order(nonsense)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "approved"},
        {"status": "rejected"},
        {"status": "refund_requested"},
        {"resolvedAt": "2026-02-04T02:00:00Z"},
    ],
)
def test_a_resolved_repricing_is_not_answered_again(fields: dict) -> None:
    resolved = reprice(**fields)
    assert not resolved.pending
    assert judge(resolved, APPROVING, refundable=True).action is None


def test_a_loss_within_the_bound_is_approved_at_the_proposed_minimum() -> None:
    verdict = judge(reprice(), APPROVING, refundable=True)
    assert (verdict.action, verdict.approved_min_amount_out) == (RepriceAction.APPROVE, 99_000)
    assert verdict.reasons == ["maxLossBps: 99000 instead of 100000 is a loss of 100 bps, within 100 bps"]


@pytest.mark.parametrize("beyond", [RepriceAction.ASK, RepriceAction.REJECT, RepriceAction.REFUND])
def test_a_loss_above_the_bound_is_answered_as_the_policy_says(beyond: RepriceAction) -> None:
    policy = RepricePolicy(mode=RepriceAction.APPROVE, max_loss_bps=99, beyond=beyond)
    verdict = judge(reprice(), policy, refundable=True)
    assert (verdict.action, verdict.approved_min_amount_out) == (beyond, None)
    assert verdict.reasons == ["maxLossBps: 99000 instead of 100000 is a loss of 100 bps, above 99 bps"]


def test_a_proposal_above_the_locked_minimum_is_approved_at_that_minimum() -> None:
    verdict = judge(reprice(proposedMinAmountOut="100001"), APPROVING, refundable=True)
    assert (verdict.action, verdict.approved_min_amount_out) == (RepriceAction.APPROVE, 100_000)


@pytest.mark.parametrize("missing", ["previousLockedMinAmountOut", "proposedMinAmountOut"])
def test_a_repricing_of_unknown_loss_is_not_approved(missing: str) -> None:
    verdict = judge(reprice(**{missing: None}), APPROVING, refundable=True)
    assert verdict.action is RepriceAction.ASK
    assert "does not say what it costs" in verdict.reasons[0]


def test_an_impossible_refund_is_not_asked_for() -> None:
    refunding = RepricePolicy(mode=RepriceAction.REFUND)
    assert judge(reprice(), refunding, refundable=True).action is RepriceAction.REFUND
    verdict = judge(reprice(), refunding, refundable=False)
    assert verdict.action is RepriceAction.ASK
    assert verdict.reasons[-1] == "a refund can be asked for only where the source is Bitcoin"
    beyond = RepricePolicy(mode=RepriceAction.APPROVE, max_loss_bps=0, beyond=RepriceAction.REFUND)
    assert judge(reprice(), beyond, refundable=False).action is RepriceAction.ASK


def test_only_a_bitcoin_source_can_be_refunded_by_decision() -> None:
    assert can_be_refunded(order(DOCUMENTED))
    assert not can_be_refunded(order(DOCUMENTED, source="base"))


@pytest.mark.parametrize("mode", [RepriceAction.ASK, RepriceAction.REJECT])
def test_a_policy_may_decide_every_repricing_alike(mode: RepriceAction) -> None:
    assert judge(reprice(), RepricePolicy(mode=mode), refundable=False).action is mode


def test_the_default_policy_asks_the_business() -> None:
    assert judge(reprice(), RepricePolicy(), refundable=True).action is RepriceAction.ASK


@given(st.integers(1, 10**12), st.integers(0, 10**12), st.integers(0, 10_000))
def test_no_approval_exceeds_the_bound(locked: int, proposed: int, bound: int) -> None:
    question = reprice(previousLockedMinAmountOut=str(locked), proposedMinAmountOut=str(proposed))
    verdict = judge(question, RepricePolicy(mode=RepriceAction.APPROVE, max_loss_bps=bound), refundable=True)
    approved = verdict.approved_min_amount_out
    assert (approved is not None) == (proposed > 0 and proposed * 10_000 >= locked * (10_000 - bound))
    assert approved is None or 0 < approved <= locked


@pytest.mark.parametrize("odd", [{"mode": "decide"}, {"beyond": "approve"}, {"maxLossBps": 10_001}, {"maxLossBps": -1}])
def test_an_invalid_policy_is_refused(odd: dict) -> None:
    with pytest.raises(ValidationError):
        RepricePolicy.model_validate(odd)
