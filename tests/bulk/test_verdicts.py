"""What became of an act on one order of a bulk."""

from datetime import UTC, datetime
from typing import Any

import pytest

from baton.bulk.request import BulkAct, BulkRequest
from baton.bulk.verdicts import DONE_BEFORE, act_of, done, not_done
from baton.errors import BatonError, OrderRefused, Unreachable
from baton.ledger.bulk_rows import BulkOrderRow, BulkState
from baton.orders.answers import Standing
from baton.orders.models import Outcome, Phase

NOW = datetime(2026, 11, 29, tzinfo=UTC)
RESOLVE = BulkRequest(act=BulkAct.RESOLVE, note="ticket 1311")
CANCEL = BulkRequest(act=BulkAct.CANCEL)
CLOSE = BulkRequest(act=BulkAct.CLOSE, note="given up", outcome=Outcome.EXPIRED)
REFRESH = BulkRequest(act=BulkAct.REFRESH)


def row(state: BulkState = BulkState.WAITING) -> BulkOrderRow:
    return BulkOrderRow(bulk="bulk_1", position=3, workflow_id="order/a/r", account="a", reference="r", state=state)


def refused(code: str, outcome: Outcome | None = None) -> BatonError:
    return OrderRefused(code, "no", "look", Standing(phase=Phase.CLOSED, outcome=outcome))


def test_a_refusal_keeps_the_orders_own_words() -> None:
    result = not_done(row(), RESOLVE, refused("reason_needed"), NOW)

    assert (result.state, result.code, result.message) == (BulkState.REFUSED, "reason_needed", "no; look")


def test_an_order_that_nobody_answers_for_failed_and_may_be_tried_again() -> None:
    assert not_done(row(), REFRESH, Unreachable("no_worker", "silence"), NOW).state is BulkState.FAILED


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (RESOLVE, refused("nothing_to_resolve")),
        (CANCEL, refused("order_closed", Outcome.CANCELLED)),
        (CLOSE, refused("order_closed", Outcome.EXPIRED)),
        (BulkRequest(act=BulkAct.DECIDE, accept=True), refused("no_offer_pending")),
    ],
)
def test_what_was_done_before_the_worker_was_lost_counts_as_done(request_: BulkRequest, error: BatonError) -> None:
    repeated = not_done(row(BulkState.BEGUN), request_, error, NOW)

    assert (repeated.state, repeated.message, repeated.code) == (BulkState.DONE, DONE_BEFORE, None)
    assert not_done(row(BulkState.WAITING), request_, error, NOW).state is BulkState.REFUSED


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (CANCEL, refused("order_closed", Outcome.COMPLETED)),
        (CLOSE, refused("order_closed", Outcome.CANCELLED)),
        (RESOLVE, refused("reason_needed")),
        (REFRESH, refused("order_closed", Outcome.CANCELLED)),
    ],
)
def test_another_refusal_stays_one_although_the_worker_was_lost(request_: BulkRequest, error: BatonError) -> None:
    assert not_done(row(BulkState.BEGUN), request_, error, NOW).state is BulkState.REFUSED


def test_the_record_of_an_act_names_its_bulk_and_why_it_was_refused() -> None:
    result = not_done(row(), RESOLVE, refused("reason_needed"), NOW)

    act = act_of(result, RESOLVE, "ada", NOW)

    assert (act.id, act.by, act.bulk, act.outcome) == ("bulk_1:3", "ada", "bulk_1", "refused")
    assert (act.note, act.detail) == ("ticket 1311", "reason_needed: no; look")
    assert act_of(done(row(), NOW), RESOLVE, "ada", NOW).detail is None


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"act": "resolve"}, "note: resolve needs one"),
        ({"act": "close", "note": "x"}, "outcome: close needs one"),
        ({"act": "cancel", "outcome": "expired"}, "outcome: close needs one, and no other act takes one"),
        ({"act": "redeliver"}, "endpoint: redeliver needs one"),
        ({"act": "decide"}, "accept: decide needs either"),
        ({"act": "decide", "accept": True, "action": "approve"}, "accept: decide needs either"),
    ],
)
def test_a_request_that_lacks_an_argument_names_it(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        BulkRequest(**fields)
