"""What comes in is applied once, and a person is asked wherever the money is unclear."""

from datetime import timedelta

import pytest

from baton.orders.messages import ReadResult, Refusal
from baton.orders.models import Phase
from baton.orders.reports import RepriceReport
from baton.orders.rules.attention import AttentionReason
from baton.orders.rules.deposits import apply_deposits
from baton.orders.rules.intake import MAX_REPORTS, Applied, apply_batch
from baton.orders.state import DepositReport, OrderState
from tests.orders.states import NOON, attention, known_deposit, order, report, seen, state, tracked
from workflows.support.inbox import Inbox

LATER = NOON + timedelta(minutes=5)


def applied(known: OrderState, fill) -> Applied:
    inbox = Inbox()
    fill(inbox)
    batch = inbox.take()
    effect = apply_batch(known, batch, LATER)
    changed = apply_deposits(order(), known, batch.reports, batch.notices, LATER)
    return effect._replace(worth_publishing=effect.worth_publishing or changed)


def test_a_change_of_status_is_published_and_restarts_the_patience() -> None:
    known = tracked("processing", reminders=2)
    effect = applied(known, lambda inbox: inbox.add_envelopes(seen("swapping", 5).envelope()))

    assert effect.worth_publishing
    assert known.view.status == "swapping"
    assert (known.status_since, known.reminders) == (LATER, 0)


def test_news_is_never_older_than_its_arrival() -> None:
    known, arrival = tracked("processing"), LATER + timedelta(hours=1)
    envelope = {**seen("swapping", 5).envelope(), "received_at": arrival.timestamp()}
    applied(known, lambda inbox: inbox.add_envelopes(envelope))

    assert known.status_since == arrival
    assert known.present(LATER) == arrival
    assert known.present(arrival + timedelta(seconds=1)) == arrival + timedelta(seconds=1)


@pytest.mark.parametrize("received_at", [None, True, "soon", float("inf"), 1e300, [], {}])
def test_news_that_does_not_say_when_it_arrived_counts_from_now(received_at: object) -> None:
    known = tracked("processing")
    envelope = {**seen("swapping", 5).envelope(), "received_at": received_at}
    applied(known, lambda inbox: inbox.add_envelopes(envelope))

    assert (known.view.status, known.status_since) == ("swapping", LATER)


def test_a_repeated_webhook_ends_the_silence_but_is_not_published() -> None:
    known = tracked("processing")
    effect = applied(known, lambda inbox: inbox.add_envelopes([seen("processing").envelope()] * 2))

    assert not effect.worth_publishing
    assert known.heard_at == LATER


def test_news_found_by_a_read_shortens_the_silence_until_a_webhook() -> None:
    known = tracked("processing")
    applied(known, lambda inbox: inbox.add_read(ReadResult(observations=[seen("bridging", 1, "status_read")])))
    assert not known.webhooks_flow

    applied(known, lambda inbox: inbox.add_envelopes(seen("swapping", 2).envelope()))
    assert known.webhooks_flow


def test_a_change_of_status_clears_an_overdue_wait() -> None:
    known = tracked("processing", attentions=attention(AttentionReason.OVERDUE, "late"))
    applied(known, lambda inbox: inbox.add_envelopes(seen("swapping", 5).envelope()))

    assert known.attention is None


def test_the_first_report_counts_and_belongs_to_the_quote_in_force() -> None:
    known = state()
    applied(known, lambda inbox: inbox.add_report(DepositReport(proof=report().proof)))

    assert known.deposit.quote_id == "q_1"
    assert known.attention is None


def test_the_same_report_again_changes_nothing() -> None:
    known = state(deposits=[known_deposit("0xAB")])
    applied(known, lambda inbox: inbox.add_report(report("0xab")))

    assert known.attention is None


def test_a_report_of_a_second_deposit_raises_attention() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit("0xfirst")])
    effect = applied(known, lambda inbox: inbox.add_report(report("0xsecond")))

    assert effect.worth_publishing
    assert known.attention.reason == AttentionReason.SECOND_DEPOSIT
    assert known.deposit.proof.tx_hash == "0xfirst"


def test_a_second_order_of_the_same_placement_raises_attention() -> None:
    known = tracked("swapping")
    applied(known, lambda inbox: inbox.add_envelopes(seen("processing", 9, order_id="ord_2").envelope()))

    assert known.attention.reason == AttentionReason.SECOND_ORDER
    assert "ord_2" in known.attention.message
    assert known.view.order_id == "ord_1"


def test_a_refused_read_raises_attention_until_a_read_succeeds() -> None:
    known = tracked("swapping")
    refusal = Refusal(code="unauthorized", message="The key is disabled", unauthorized=True)
    applied(known, lambda inbox: inbox.add_read(refusal))
    assert known.attention.reason == AttentionReason.PARTNER_ACCESS
    assert "The key is disabled" in known.attention.message

    applied(known, lambda inbox: inbox.add_read(ReadResult(observations=[seen("swapping", 0, "status_read")])))
    assert known.attention is None


def test_an_unreadable_envelope_is_noted() -> None:
    known = tracked("swapping")
    effect = applied(known, lambda inbox: inbox.add_envelopes([{"record": {}}, "junk"]))

    assert effect.worth_publishing
    assert len(known.view.anomalies) == 2
    assert known.view.status == "swapping"


def test_a_doubtful_webhook_requests_a_read() -> None:
    assert applied(tracked("refunding"), lambda inbox: inbox.add_envelopes(seen("bridging", 5).envelope())).doubt


def test_a_status_inserted_in_the_past_is_published() -> None:
    known = tracked("processing")
    applied(known, lambda inbox: inbox.add_envelopes(seen("delivering", 9).envelope()))

    effect = applied(known, lambda inbox: inbox.add_envelopes(seen("swapping", 5).envelope()))

    assert effect.worth_publishing
    assert [one.status for one in known.view.transitions] == ["processing", "swapping", "delivering"]


def test_late_news_of_a_replaced_order_is_no_second_order() -> None:
    known = tracked("processing", superseded=["ord_0"])
    effect = applied(known, lambda inbox: inbox.add_envelopes(seen("unfulfilled", 5, order_id="ord_0").envelope()))

    assert not effect.worth_publishing
    assert known.attention is None
    assert known.view.order_id == "ord_1"


def test_an_order_of_another_quote_is_not_taken_for_this_one() -> None:
    waiting = state()
    past = seen("completed", order_id="ord_past")
    past = past.model_copy(update={"record": past.record.model_copy(update={"quote_id": "q_past"})})

    applied(waiting, lambda inbox: inbox.add_envelopes(past.envelope()))

    assert waiting.view.order_id is None
    assert [anomaly.kind for anomaly in waiting.view.anomalies] == ["other_order"]
    applied(waiting, lambda inbox: inbox.add_envelopes(seen("processing").envelope()))
    assert waiting.view.order_id == "ord_1"


def test_reads_that_keep_disagreeing_raise_attention() -> None:
    known = tracked("swapping")
    known.view = known.view.model_copy(update={"present_at": NOON + timedelta(minutes=1)})
    for _ in range(3):
        effect = applied(
            known, lambda inbox: inbox.add_read(ReadResult(observations=[seen("bridging", 1, "status_read")]))
        )

    assert effect.unsettled
    assert known.attention.reason == AttentionReason.READ_DISAGREES
    applied(known, lambda inbox: inbox.add_read(ReadResult(observations=[seen("swapping", 99, "status_read")])))
    assert known.attention is None


def test_only_the_newest_reports_are_kept_and_all_are_counted() -> None:
    known = tracked("awaiting_approval")
    for number in range(MAX_REPORTS + 5):
        report = RepriceReport(action="approve", by="policy", reasons=[str(number)])
        applied(known, lambda inbox, report=report: inbox.add_reprice(report))

    assert len(known.reprices) == MAX_REPORTS
    assert known.reprices[-1].reasons == [str(MAX_REPORTS + 4)]
    assert known.reprice_count == MAX_REPORTS + 5
