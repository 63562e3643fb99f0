"""A foreign record is cut to what Temporal can carry, and says what was cut."""

import json

from baton.orchestra.bounds import MAX_DOCUMENTS, MAX_STATUS, MAX_TEXT, bounded, without_documents
from baton.orchestra.models import OrderRecord


def record(**fields: object) -> OrderRecord:
    return OrderRecord.model_validate({"id": "ord_1", "status": "swapping", **fields})


def test_a_record_within_the_bounds_stays_as_it_is() -> None:
    whole = record(feePlan={"fees": [1, 2]}, errorMessage="x" * MAX_TEXT)

    assert bounded(whole) == (whole, [])


def test_a_long_status_and_a_long_text_are_cut() -> None:
    cut = bounded(record(status="s" * 3_000, errorMessage="m" * 3_000))

    assert (len(cut.record.status), len(cut.record.error_message)) == (MAX_STATUS, MAX_TEXT)
    assert cut.cut == ["error_message", "status"]


def test_a_large_sub_object_is_left_out_and_the_others_stay() -> None:
    cut = bounded(record(feePlan={"x": "y" * 700_000}, swap={"pool": "p"}))

    assert cut.record.fee_plan is None
    assert cut.record.swap == {"pool": "p"}
    assert cut.cut == ["fee_plan"]


def test_many_large_sub_objects_stay_below_the_sum() -> None:
    names = ("swap", "ingressSwap", "egressSwap", "feePlan", "feePayouts", "priceLock", "reprice", "paymentIntent")
    cut = bounded(record(**{name: {"x": "y" * 15_000} for name in names}))

    assert len(json.dumps(cut.record.wire())) < MAX_DOCUMENTS + 10_000
    assert cut.cut


def test_a_flood_of_stages_is_left_out() -> None:
    stages = [{"name": f"stage_{number}", "status": "done"} for number in range(2_000)]

    assert bounded(record(stages=stages)).cut == ["stages"]


def test_a_record_without_its_sub_objects_keeps_all_else() -> None:
    bare = without_documents(record(feePlan={"a": 1}, amountIn="5"))

    assert (bare.fee_plan, bare.amount_in) == (None, 5)
