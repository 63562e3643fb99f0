"""Which deposit is submitted when the chain, the business and Orchestra tell of deposits, in whatever order."""

from datetime import timedelta
from typing import Any

import pytest

from baton.chains.deposits import Deposit, DepositState
from baton.orchestra.proofs import DepositProof
from baton.orders.models import Attention, Phase
from baton.orders.observation import AnomalyKind
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.attention import AttentionReason
from baton.orders.rules.deposits import (
    apply_notices,
    awaits_confirmation,
    is_same_deposit,
)
from baton.orders.rules.intake import apply_batch
from baton.orders.seen_deposits import MAX_SEEN_DEPOSITS, DepositNotice
from baton.orders.state import DepositReport, OrderState, Resolved
from tests.chains.deposits import CONFIRMED, FINAL, GONE, SEEN, deposit
from tests.orders.states import NOON, order, quote, report, seen, state, tracked
from workflows.support.inbox import Inbox

LATER = NOON + timedelta(minutes=5)
REFUSED = Attention(reason="invalid_request", message="txHash is malformed", since=NOON)


def told(held: OrderState, *deposits: Deposit, of: PlaceOrder | None = None, at: DepositState = CONFIRMED) -> bool:
    notices = [DepositNotice(deposit=one, submit_at=at) for one in deposits]
    return apply_notices(of or order(), held, notices, LATER)


def verdicts(held: OrderState) -> list[str]:
    return [one.verdict.value for one in held.sightings]


def submitted(held: OrderState) -> str | None:
    return held.deposit.proof.key if held.deposit else None


def reason(held: OrderState) -> str | None:
    return held.attention.reason if held.attention else None


def test_a_deposit_is_waited_for_until_it_is_sure_and_then_submitted_for_its_quote() -> None:
    held = state(quotes=[quote(1), quote(2)])

    assert told(held, deposit())
    assert (submitted(held), verdicts(held)) == (None, ["exact"])
    assert awaits_confirmation(held) is held.sightings[0]

    assert told(held, deposit(state=CONFIRMED))
    assert held.deposit == DepositReport(proof=DepositProof(tx_hash="0xdeposit"), quote_id="q_1", seen_by="chain")
    assert awaits_confirmation(held) is None
    assert reason(held) is None


@pytest.mark.parametrize("amount", [99_999_999, 100_000_001])
def test_a_deposit_of_another_amount_is_submitted_all_the_same(amount: int) -> None:
    held = state()
    told(held, deposit(amount=amount, state=CONFIRMED))

    assert submitted(held) == "0xdeposit"
    assert reason(held) is None


def test_the_orders_own_policy_comes_before_the_accounts() -> None:
    early, late = state(), state()
    told(early, deposit(), of=order(submit_at=SEEN), at=FINAL)
    told(late, deposit(state=CONFIRMED), of=order(submit_at=FINAL), at=SEEN)

    assert (submitted(early), submitted(late)) == ("0xdeposit", None)


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (deposit("0xother", state=FINAL, amount=5), "dust"),
        (deposit("0xother", state=FINAL, index="balance:1"), "unproven"),
        (deposit("0xother", state=FINAL, symbol=None), "wrong_token"),
    ],
    ids=["dust", "unproven", "wrong_token"],
)
def test_what_does_not_pay_is_never_submitted_and_the_real_one_after_it_is(other: Deposit, verdict: str) -> None:
    held = state()
    told(held, other)
    assert (submitted(held), verdicts(held)) == (None, [verdict])

    told(held, deposit(state=CONFIRMED))
    assert (submitted(held), verdicts(held)) == ("0xdeposit", [verdict, "exact"])


def test_a_wrong_token_is_a_matter_for_a_person_also_after_the_right_one_came() -> None:
    held = state()
    told(held, deposit("0xother", symbol="USDT", state=CONFIRMED))
    assert reason(held) == "wrong_token_deposit"

    told(held, deposit(state=CONFIRMED))
    assert reason(held) == "wrong_token_deposit"


def test_dust_is_no_matter_for_a_person() -> None:
    held = state()
    told(held, deposit(amount=5))

    assert reason(held) is None
    assert awaits_confirmation(held) is None


def test_a_second_deposit_is_a_matter_for_a_person_and_never_submitted() -> None:
    held = state()
    told(held, deposit(state=CONFIRMED), deposit("0xsecond", state=FINAL))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xdeposit", ["exact", "second"], "second_deposit")


def test_a_second_deposit_in_the_same_transaction_is_a_second_one_too() -> None:
    held = state()
    told(held, deposit(state=CONFIRMED, index="0"), deposit(state=CONFIRMED, index="1"))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xdeposit", ["exact", "second"], "second_deposit")


def test_a_person_is_asked_once_about_a_second_deposit_however_often_it_is_told() -> None:
    held = state()
    told(held, deposit(), deposit("0xsecond"))
    held.attention = None

    told(held, deposit("0xsecond", state=CONFIRMED))

    assert reason(held) is None


def test_the_second_deposit_takes_the_place_of_the_first_when_that_is_gone() -> None:
    held = state()
    told(held, deposit(), deposit("0xsecond", state=CONFIRMED))
    assert (submitted(held), reason(held)) == (None, "second_deposit")

    told(held, deposit(state=GONE))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xsecond", ["gone", "exact"], None)


def test_a_deposit_that_is_gone_before_it_was_submitted_is_waited_for_no_more() -> None:
    held = state()
    told(held, deposit())
    told(held, deposit(state=GONE))

    assert (submitted(held), verdicts(held), reason(held)) == (None, ["gone"], None)
    assert awaits_confirmation(held) is None


def test_a_deposit_that_is_gone_and_comes_back_is_submitted() -> None:
    held = state()
    told(held, deposit())
    told(held, deposit(state=GONE))
    told(held, deposit(state=CONFIRMED, block_hash="0xother"))

    assert (submitted(held), verdicts(held)) == ("0xdeposit", ["exact"])


def test_a_submitted_deposit_that_is_gone_is_a_matter_for_a_person_until_it_is_back() -> None:
    held = state()
    told(held, deposit(state=CONFIRMED))
    held.phase = Phase.SUBMITTING

    told(held, deposit(state=GONE))
    assert (submitted(held), reason(held)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)

    told(held, deposit(state=SEEN))
    assert (submitted(held), reason(held)) == ("0xdeposit", None)


def test_while_orchestra_has_no_order_the_successor_of_a_replaced_deposit_is_submitted_in_its_place() -> None:
    held = state(Phase.SUBMITTING, deposit=report(), submit_generation=2)
    told(held, deposit(), at=SEEN)
    told(held, deposit(state=GONE), deposit("0xsuccessor"), at=SEEN)

    assert (submitted(held), verdicts(held), reason(held)) == ("0xsuccessor", ["gone", "exact"], None)


def test_a_successor_that_is_seen_before_its_predecessor_is_gone_is_no_second_deposit_any_more() -> None:
    held = state(Phase.SUBMITTING, deposit=report(), submit_generation=2)
    told(held, deposit(), deposit("0xsuccessor"), at=SEEN)
    assert (submitted(held), reason(held)) == ("0xdeposit", "second_deposit")

    told(held, deposit(state=GONE), at=SEEN)
    assert (submitted(held), verdicts(held), reason(held)) == ("0xsuccessor", ["gone", "exact"], None)


def test_a_successor_is_waited_for_until_it_is_sure_and_ends_the_alarm() -> None:
    held = state(Phase.SUBMITTING, deposit=report())
    told(held, deposit(state=CONFIRMED))
    told(held, deposit(state=GONE), deposit("0xsuccessor"))
    assert (submitted(held), reason(held)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)

    told(held, deposit("0xsuccessor", state=CONFIRMED))
    assert (submitted(held), reason(held)) == ("0xsuccessor", None)


def test_once_orchestra_has_the_order_a_replaced_deposit_is_left_to_it_and_to_a_person() -> None:
    held = tracked("confirming", deposit=report())
    told(held, deposit(), at=SEEN)
    told(held, deposit(state=GONE), deposit("0xsuccessor", state=CONFIRMED), at=SEEN)

    assert (submitted(held), reason(held)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)


def test_the_alarm_about_a_gone_deposit_does_not_come_back_after_orchestra_has_moved_on() -> None:
    held = tracked("confirming", deposit=report())
    told(held, deposit())
    told(held, deposit(state=GONE))
    inbox = Inbox()
    inbox.add_envelopes(seen("bridging", 5).envelope())
    apply_batch(held, inbox.take(), LATER)

    assert not told(held)
    told(held, deposit("0xdust", amount=1))

    assert reason(held) is None


def test_a_log_that_moves_within_its_transaction_is_the_same_deposit_to_orchestra() -> None:
    held = tracked("confirming", deposit=report())
    told(held, deposit(index="5"))
    told(held, deposit(index="5", state=GONE), deposit(index="7"))

    assert (verdicts(held), reason(held)) == (["gone", "exact"], None)


def test_what_the_business_reports_first_is_what_the_chain_shows_too() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xDEADBEEF"))
    told(held, deposit("0xdeadbeef", state=CONFIRMED))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xdeadbeef", ["exact"], None)
    assert held.deposit is not None
    assert held.deposit.seen_by == "business"


def test_what_the_chain_showed_first_may_be_reported_too() -> None:
    held = state()
    told(held, deposit())
    inbox = Inbox()
    inbox.add_report(report())
    apply_batch(held, inbox.take(), LATER)

    assert not told(held)
    assert (submitted(held), verdicts(held), reason(held)) == ("0xdeposit", ["exact"], None)


def test_a_report_of_another_deposit_than_the_chain_shows_is_a_matter_for_a_person() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xreported"))
    told(held, deposit())

    assert (submitted(held), reason(held)) == ("0xreported", AttentionReason.DEPOSIT_DISAGREES)
    assert held.attention is not None
    assert "0xreported" in held.attention.message
    assert "0xdeposit" in held.attention.message


def test_a_report_after_the_chain_showed_another_deposit_is_a_matter_for_a_person_at_once() -> None:
    held = state()
    told(held, deposit())
    held.deposit = report("0xreported")

    assert told(held)
    assert reason(held) == AttentionReason.DEPOSIT_DISAGREES


def test_a_disagreement_that_a_person_has_dealt_with_is_told_no_more() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xreported"))
    told(held, deposit())
    held.attention = None
    held.resolutions = [Resolved(at=LATER, reason=AttentionReason.DEPOSIT_DISAGREES, note="the payer sent both")]

    assert not told(held)
    told(held, deposit(state=CONFIRMED))

    assert reason(held) is None


def test_a_reported_deposit_that_the_chain_shows_after_another_one_makes_that_the_second() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xreported"))
    told(held, deposit())
    told(held, deposit("0xreported"))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xreported", ["second", "exact"], "second_deposit")


def test_an_order_that_orchestra_has_by_its_own_eyes_is_not_submitted() -> None:
    held = tracked("processing")
    told(held, deposit(state=FINAL))

    assert (submitted(held), verdicts(held), reason(held)) == (None, ["exact"], None)


def test_a_proof_that_was_refused_is_not_taken_up_again_by_itself() -> None:
    held = state(refused_deposits=[report()], attention=REFUSED)
    told(held, deposit(state=CONFIRMED))

    assert (submitted(held), reason(held)) == (None, "invalid_request")


def test_a_refused_report_gives_way_to_the_deposit_that_the_chain_shows() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xtypo"))
    told(held, deposit(state=CONFIRMED))
    held.refused_deposits, held.deposit = [report("0xtypo")], None
    held.phase, held.attention = Phase.AWAITING_DEPOSIT, REFUSED

    assert told(held)

    assert (submitted(held), reason(held)) == ("0xdeposit", None)


def test_a_wrong_token_stays_a_matter_for_a_person_when_a_deposit_follows_a_refused_one() -> None:
    held = state(refused_deposits=[report("0xtypo")])
    told(held, deposit("0xother", symbol=None), deposit(state=CONFIRMED))

    assert (submitted(held), reason(held)) == ("0xdeposit", "wrong_token_deposit")


@pytest.mark.parametrize("phase", [Phase.QUOTING, Phase.SUBMITTING, Phase.CLOSED])
def test_a_deposit_is_only_taken_up_while_one_is_awaited(phase: Phase) -> None:
    held = state(phase, quotes=[quote()])
    told(held, deposit(state=CONFIRMED))

    assert (submitted(held), verdicts(held)) == (None, ["exact"])


def test_a_deposit_to_the_address_of_an_older_quote_is_for_that_quote() -> None:
    held = state(quotes=[quote(1), quote(2)])
    told(held, deposit(address="0xaddress1", state=CONFIRMED))

    assert held.deposit is not None
    assert held.deposit.quote_id == "q_1"


def test_of_two_quotes_with_one_address_the_newer_one_counts() -> None:
    newer = quote(2)
    newer.quote = newer.quote.model_copy(update={"deposit_address": "0xaddress1"})
    held = state(quotes=[quote(1), newer])
    told(held, deposit(state=CONFIRMED))

    assert held.deposit is not None
    assert held.deposit.quote_id == "q_2"


def test_a_notice_for_another_address_changes_nothing() -> None:
    held = state()

    assert not told(held, deposit(address="0xanother", state=CONFIRMED))
    assert held == state()


def test_the_same_notice_again_changes_nothing() -> None:
    held = state()
    told(held, deposit(state=CONFIRMED))
    before = held.model_copy(deep=True)

    assert not told(held, deposit(state=CONFIRMED))
    assert held == before


def test_a_deposit_keeps_the_moment_it_was_first_seen() -> None:
    held = state()
    apply_notices(order(), held, [DepositNotice(deposit=deposit())], NOON)
    told(held, deposit(state=CONFIRMED))

    assert [one.first_seen_at for one in held.sightings] == [NOON]


def test_no_more_deposits_are_kept_than_an_order_can_carry() -> None:
    held = state()
    told(held, *(deposit(f"0x{number}", amount=1) for number in range(MAX_SEEN_DEPOSITS + 10)))

    assert len(held.sightings) == MAX_SEEN_DEPOSITS
    assert not told(held, deposit("0xmore", amount=1))


@pytest.mark.parametrize("flood", [{"amount": 1}, {"symbol": None}], ids=["dust", "strange tokens"])
def test_a_flood_of_what_nobody_meant_as_the_deposit_cannot_hide_it(flood: dict[str, Any]) -> None:
    held = state()
    told(held, *(deposit(f"0x{number}", **flood) for number in range(MAX_SEEN_DEPOSITS)))
    told(held, deposit(state=CONFIRMED))

    assert submitted(held) == "0xdeposit"
    assert len(held.sightings) == MAX_SEEN_DEPOSITS


def test_notices_that_cannot_be_read_are_noted_and_the_others_are_taken() -> None:
    held, inbox = state(), Inbox()
    notice = DepositNotice(deposit=deposit(state=CONFIRMED)).model_dump(mode="json")
    inbox.add_notices(["junk", notice, {"deposit": {}}])
    taken = inbox.take()
    apply_batch(held, taken, LATER)
    apply_notices(order(), held, taken.notices, LATER)

    assert [one.kind for one in held.view.anomalies] == [AnomalyKind.UNREADABLE] * 2
    assert submitted(held) == "0xdeposit"


def test_a_bitcoin_report_without_its_output_is_any_output_of_that_transaction() -> None:
    whole = DepositProof(bitcoin_txid="AB", bitcoin_vout=1)

    assert is_same_deposit(DepositProof(bitcoin_txid="ab"), whole)
    assert is_same_deposit(whole, DepositProof(bitcoin_txid="ab", bitcoin_vout=1))
    assert not is_same_deposit(whole, DepositProof(bitcoin_txid="ab", bitcoin_vout=2))
    assert not is_same_deposit(DepositProof(tx_hash="0xa"), DepositProof(tx_hash="0xb"))
