"""An order never loses a payout, in whatever order its observations arrive."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.fees import merge_fee_payouts, read_payouts
from baton.orders.observation import Observation, OrderView, Source
from baton.orders.rules.present import merge
from tests.paths import FIXTURES

FIXTURE = FIXTURES / "seed003_webhook_order_refunding_exact_out.json"
START = datetime(2026, 2, 4, 1, 30, tzinfo=UTC)


def payouts(*entries: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"version": 1, "entries": list(entries), **fields}


def entry(key: str, **fields: Any) -> dict[str, Any]:
    return {"idempotencyKey": key, "amount": "1", **fields}


def keys(merged: dict[str, Any] | None) -> list[str]:
    assert merged is not None
    return [payout["idempotencyKey"] for payout in merged["entries"]]


@st.composite
def some_payouts(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from("abcde"), unique=True))
    return payouts(*(entry(name, txHash=draw(st.sampled_from([None, "0x1", "0x2"]))) for name in names))


def test_later_payouts_are_added_to_the_earlier_ones() -> None:
    merged = merge_fee_payouts(payouts(entry("a"), entry("b")), payouts(entry("b"), entry("c")))
    assert keys(merged) == ["a", "b", "c"]


def test_a_repeated_payout_takes_new_fields_and_keeps_missing_ones() -> None:
    older = payouts(entry("a", txHash=None, recipient="r", note="first"))
    newer = payouts(entry("a", txHash="0x1", recipient=None, note="second"))
    merged = merge_fee_payouts(older, newer)
    assert merged == payouts(entry("a", txHash="0x1", recipient="r", note="second"))


def test_an_observation_without_payouts_removes_none() -> None:
    older = payouts(entry("a"))
    assert merge_fee_payouts(older, None) == older
    assert merge_fee_payouts(None, older) == older
    assert merge_fee_payouts(None, None) is None
    assert merge_fee_payouts(older, payouts()) == older
    assert merge_fee_payouts(older, {}) == older


@pytest.mark.parametrize("odd", [{"entries": None}, {"entries": "lots"}, {"entries": [None, 3, "x"]}])
def test_odd_entries_are_ignored(odd: dict) -> None:
    assert keys(merge_fee_payouts(payouts(entry("a")), {"version": 1, **odd})) == ["a"]


@pytest.mark.parametrize("odd", [None, "", 7, [], ["a"]])
def test_payouts_without_a_key_are_kept_once(odd: Any) -> None:
    nameless, other = {"amount": "1"}, {"amount": "2", "idempotencyKey": odd}
    merged = merge_fee_payouts(payouts(nameless), payouts(nameless, other))
    assert merged == payouts(nameless, other)
    assert merge_fee_payouts(merged, payouts(nameless)) == merged


def test_all_other_fields_come_from_the_newer_observation() -> None:
    merged = merge_fee_payouts(payouts(entry("a"), version=1, old=True), payouts(entry("a"), version=2))
    assert merged == payouts(entry("a"), version=2, old=True)


@given(some_payouts(), some_payouts())
def test_a_merge_has_every_payout_of_both_exactly_once(older: dict, newer: dict) -> None:
    merged = keys(merge_fee_payouts(older, newer))
    assert set(merged) == {*keys(older), *keys(newer)}
    assert len(merged) == len(set(merged))


@given(some_payouts(), some_payouts())
def test_merging_again_changes_nothing_nor_its_inputs(older: dict, newer: dict) -> None:
    before = json.dumps([older, newer])
    merged = merge_fee_payouts(older, newer)
    assert merge_fee_payouts(merged, newer) == merged
    assert merge_fee_payouts(merged, merged) == merged
    assert json.dumps([older, newer]) == before


def test_the_documented_payouts_read() -> None:
    record = OrderRecord.model_validate(json.loads(FIXTURE.read_text(encoding="utf-8"))["data"])
    first, second = read_payouts(record)
    assert (first.role, first.affiliate_id, first.fee_bps) == ("app_fee", "flashpartner", 50)
    assert (first.amount, first.platform_cut_amount, first.recipient_amount) == (24_750, 4_950, 19_800)
    assert (second.role, second.fee_bps, second.amount, second.tx_hash) == (
        "recipient_payout",
        None,
        2_475_000,
        "3hN...",
    )


@pytest.mark.parametrize("odd", [None, {}, {"entries": None}, {"entries": [None, 4]}])
def test_a_record_without_payouts_reads_as_having_none(odd: Any) -> None:
    assert read_payouts(OrderRecord(id="ord_1", status="processing", fee_payouts=odd)) == []


def observed(second: float, fee_payouts: dict[str, Any] | None, status: str = "delivering") -> Observation:
    at = START + timedelta(seconds=second)
    record = OrderRecord(id="ord_1", status=status, updated_at=at, fee_payouts=fee_payouts)
    return Observation(source=Source.STATUS_READ, record=record)


def seen(*observations: Observation) -> OrderView:
    view = OrderView()
    for one in observations:
        view = merge(view, one).view
    return view


def payouts_of(view: OrderView) -> dict[str, Any] | None:
    assert view.record is not None
    return view.record.fee_payouts


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_payouts_are_kept_in_any_order_of_observations(order: tuple[int, ...]) -> None:
    observations = [
        observed(0, payouts(entry("a", txHash=None))),
        observed(1, payouts(entry("a", txHash="0x1"), entry("b"))),
        observed(2, payouts(entry("c"))),
    ]
    view = seen(*(observations[place] for place in order))
    assert sorted(keys(payouts_of(view))) == ["a", "b", "c"]
    assert {payout["idempotencyKey"]: payout.get("txHash") for payout in payouts_of(view)["entries"]}["a"] == "0x1"


def test_an_older_observation_adds_payouts_and_overwrites_none() -> None:
    view = seen(
        observed(5, payouts(entry("a", txHash="0xnew"))), observed(1, payouts(entry("a", txHash="0xold"), entry("b")))
    )
    assert payouts_of(view) == payouts(entry("a", txHash="0xnew"), entry("b"))


def test_an_order_observed_without_payouts_keeps_its_payouts() -> None:
    assert payouts_of(seen(observed(0, payouts(entry("a"))), observed(1, None, "completed"))) == payouts(entry("a"))
    assert payouts_of(seen(observed(0, None), observed(1, None))) is None


def test_repeated_payouts_are_not_a_change() -> None:
    first, second = observed(0, payouts(entry("a"))), observed(1, payouts(entry("b")))
    view = seen(first, second)
    assert not merge(view, second).changed
    assert not merge(view, first).changed


def test_an_added_payout_is_a_change() -> None:
    view = seen(observed(0, payouts(entry("a")), "completed"))
    assert merge(view, observed(1, payouts(entry("b")), "completed")).changed
