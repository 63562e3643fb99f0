"""What is told goes into the state once, and money that is not plain goes to a person."""

from datetime import timedelta

from baton.orders.messages import ReadResult, Refusal
from baton.orders.models import Attention, Phase
from baton.orders.rules.attention import AttentionReason
from baton.orders.rules.intake import Applied, apply_batch
from baton.orders.state import DepositReport, OrderState
from tests.orders.states import NOON, report, seen, state, tracked
from workflows.support.inbox import Inbox

LATER = NOON + timedelta(minutes=5)


def absorbed(held: OrderState, fill) -> Applied:
    inbox = Inbox()
    fill(inbox)
    return apply_batch(held, inbox.take(), LATER)


def test_a_change_of_status_is_published_and_restarts_the_patience() -> None:
    held = tracked("processing", reminders=2)
    intake = absorbed(held, lambda inbox: inbox.add_envelopes(seen("swapping", 5).envelope()))

    assert intake.worth_publishing
    assert held.view.status == "swapping"
    assert (held.status_since, held.reminders) == (LATER, 0)


def test_a_repeated_webhook_ends_the_silence_but_is_not_published() -> None:
    held = tracked("processing")
    intake = absorbed(held, lambda inbox: inbox.add_envelopes([seen("processing").envelope()] * 2))

    assert not intake.worth_publishing
    assert held.heard_at == LATER


def test_news_found_by_a_read_shortens_the_silence_until_a_webhook() -> None:
    held = tracked("processing")
    absorbed(held, lambda inbox: inbox.add_read(ReadResult(observations=[seen("bridging", 1, "status_read")])))
    assert not held.webhooks_flow

    absorbed(held, lambda inbox: inbox.add_envelopes(seen("swapping", 2).envelope()))
    assert held.webhooks_flow


def test_a_change_of_status_clears_an_overdue_wait() -> None:
    held = tracked("processing", attention=Attention(reason=AttentionReason.OVERDUE, message="late", since=NOON))
    absorbed(held, lambda inbox: inbox.add_envelopes(seen("swapping", 5).envelope()))

    assert held.attention is None


def test_the_first_report_counts_and_belongs_to_the_quote_in_force() -> None:
    held = state()
    absorbed(held, lambda inbox: inbox.add_report(DepositReport(proof=report().proof)))

    assert held.deposit.quote_id == "q_1"
    assert held.attention is None


def test_the_same_report_again_changes_nothing() -> None:
    held = state(deposit=report("0xAB"))
    absorbed(held, lambda inbox: inbox.add_report(report("0xab")))

    assert held.attention is None


def test_a_report_of_a_second_deposit_raises_attention() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xfirst"))
    intake = absorbed(held, lambda inbox: inbox.add_report(report("0xsecond")))

    assert intake.worth_publishing
    assert held.attention.reason == AttentionReason.SECOND_DEPOSIT
    assert held.deposit.proof.tx_hash == "0xfirst"


def test_a_second_order_of_the_same_placement_raises_attention() -> None:
    held = tracked("swapping")
    absorbed(held, lambda inbox: inbox.add_envelopes(seen("processing", 9, order_id="ord_2").envelope()))

    assert held.attention.reason == AttentionReason.SECOND_ORDER
    assert "ord_2" in held.attention.message
    assert held.view.order_id == "ord_1"


def test_a_refused_read_raises_attention_until_a_read_succeeds() -> None:
    held = tracked("swapping")
    refusal = Refusal(code="unauthorized", message="The key is disabled", unauthorized=True)
    absorbed(held, lambda inbox: inbox.add_read(refusal))
    assert held.attention.reason == AttentionReason.PARTNER_ACCESS
    assert "The key is disabled" in held.attention.message

    absorbed(held, lambda inbox: inbox.add_read(ReadResult(observations=[seen("swapping", 0, "status_read")])))
    assert held.attention is None


def test_an_unreadable_envelope_is_noted() -> None:
    held = tracked("swapping")
    intake = absorbed(held, lambda inbox: inbox.add_envelopes([{"record": {}}, "junk"]))

    assert intake.worth_publishing
    assert len(held.view.anomalies) == 2
    assert held.view.status == "swapping"


def test_a_doubtful_webhook_requests_a_read() -> None:
    assert absorbed(tracked("refunding"), lambda inbox: inbox.add_envelopes(seen("bridging", 5).envelope())).doubt


def test_a_status_inserted_in_the_past_is_published() -> None:
    held = tracked("processing")
    absorbed(held, lambda inbox: inbox.add_envelopes(seen("delivering", 9).envelope()))

    intake = absorbed(held, lambda inbox: inbox.add_envelopes(seen("swapping", 5).envelope()))

    assert intake.worth_publishing
    assert [one.status for one in held.view.transitions] == ["processing", "swapping", "delivering"]


def test_late_news_of_a_replaced_order_is_no_second_order() -> None:
    held = tracked("processing", superseded=["ord_0"])
    intake = absorbed(held, lambda inbox: inbox.add_envelopes(seen("unfulfilled", 5, order_id="ord_0").envelope()))

    assert not intake.worth_publishing
    assert held.attention is None
    assert held.view.order_id == "ord_1"
