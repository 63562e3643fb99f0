"""The inbox takes everything, loses nothing, and says when `run` has something to do."""

from typing import Any

import pytest

from baton.orders.messages import ReadResult, Refusal
from baton.orders.models import Attention, Resolution
from baton.orders.observation import AnomalyKind
from tests.chains.deposits import deposit
from tests.orders.states import NOON, report, seen
from workflows.support.inbox import Inbox

ENVELOPE = seen("processing").envelope()
NOTICE = {"deposit": deposit().model_dump(mode="json")}


def test_a_new_inbox_has_nothing_to_do() -> None:
    inbox = Inbox()

    assert inbox.empty
    assert not inbox.has_work


@pytest.mark.parametrize(
    "fill",
    [
        lambda inbox: inbox.add_envelopes(ENVELOPE),
        lambda inbox: inbox.add_notices(NOTICE),
        lambda inbox: inbox.add_report(report()),
        lambda inbox: inbox.add_read(ReadResult()),
        lambda inbox: inbox.add_read(Refusal(code="unauthorized", message="no")),
        lambda inbox: inbox.add_attention(Attention(reason="overdue", message="late", since=NOON)),
        lambda inbox: inbox.add_resolution(Resolution(note="done")),
        lambda inbox: inbox.add_envelopes("junk"),
    ],
    ids=["envelope", "notice", "report", "read", "refused read", "attention", "resolution", "junk"],
)
def test_whatever_is_added_is_work_until_it_is_taken(fill: Any) -> None:
    inbox = Inbox()
    fill(inbox)
    assert inbox.has_work
    assert not inbox.empty

    inbox.take()

    assert inbox.empty


def test_a_batch_keeps_the_order_of_arrival() -> None:
    inbox = Inbox()
    inbox.add_envelopes([ENVELOPE, seen("swapping", 5).envelope()])
    inbox.add_envelopes(seen("completed", 9).envelope())

    assert [each.status for each in inbox.take().observations] == ["processing", "swapping", "completed"]


def test_an_unreadable_part_is_noted_and_the_rest_is_taken() -> None:
    inbox = Inbox()
    inbox.add_envelopes([{"record": {}}, ENVELOPE])
    inbox.add_notices(["junk", NOTICE])
    batch = inbox.take()

    assert [anomaly.kind for anomaly in batch.anomalies] == [AnomalyKind.UNREADABLE] * 2
    assert len(batch.observations) == len(batch.notices) == 1


def test_a_read_without_an_order_still_counts() -> None:
    inbox = Inbox()
    inbox.add_read(ReadResult())

    assert inbox.take().reads_done == 1


@pytest.mark.parametrize("request_made", ["cancel_requested", "read_requested"])
def test_a_request_is_work_but_not_part_of_a_batch(request_made: str) -> None:
    inbox = Inbox()
    setattr(inbox, request_made, True)

    assert inbox.empty
    assert inbox.has_work
