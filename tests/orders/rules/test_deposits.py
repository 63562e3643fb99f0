"""Which deposit is submitted when the chain, the business and Orchestra report deposits, in any order."""

from datetime import timedelta
from typing import Any

import pytest

from baton.chains.deposits import Deposit, DepositState
from baton.orchestra.proofs import DepositProof, is_same_deposit
from baton.orders.models import Phase, Reason
from baton.orders.observation import AnomalyKind
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.attention import AttentionReason
from baton.orders.rules.deposits import (
    apply_deposits,
    awaits_confirmation,
    begin_submit,
    set_aside,
)
from baton.orders.rules.intake import apply_batch
from baton.orders.seen_deposits import MAX_SEEN_DEPOSITS, DepositNotice
from baton.orders.state import OrderState, Resolved
from tests.chains.deposits import CONFIRMED, FINAL, GONE, SEEN, deposit
from tests.orders.states import NOON, attention, known_deposit, order, quote, refused, report, seen, state, tracked
from workflows.support.inbox import Inbox

LATER = NOON + timedelta(minutes=5)
REFUSED = attention("invalid_request", "txHash is malformed")


def notify(known: OrderState, *deposits: Deposit, of: PlaceOrder | None = None, at: DepositState = CONFIRMED) -> bool:
    notices = [DepositNotice(deposit=each, submit_at=at) for each in deposits]
    return apply_deposits(of or order(), known, [], notices, LATER)


def verdicts(known: OrderState) -> list[str]:
    return [seen_deposit.verdict.value for seen_deposit in known.sightings]


def submitted(known: OrderState) -> str | None:
    return known.deposit.proof.key if known.deposit else None


def reason(known: OrderState) -> str | None:
    return known.attention.reason if known.attention else None


def test_a_confirmed_deposit_is_submitted_for_its_quote() -> None:
    known = state(quotes=[quote(1), quote(2)])

    assert notify(known, deposit())
    assert (submitted(known), verdicts(known)) == (None, ["exact"])
    assert awaits_confirmation(known) is known.sightings[0]

    assert notify(known, deposit(state=CONFIRMED))
    assert known.deposit is not None
    assert (known.deposit.quote_id, known.deposit.seen_by, known.deposit.stage) == ("q_1", "chain", "seen")
    assert awaits_confirmation(known) is None
    assert reason(known) is None


@pytest.mark.parametrize("amount", [99_999_999, 100_000_001])
def test_a_deposit_of_another_amount_is_submitted_too(amount: int) -> None:
    known = state()
    notify(known, deposit(amount=amount, state=CONFIRMED))

    assert submitted(known) == "0xdeposit"
    assert reason(known) is None


def test_the_orders_policy_overrides_the_accounts() -> None:
    early, late = state(), state()
    notify(early, deposit(), of=order(submit_at=SEEN), at=FINAL)
    notify(late, deposit(state=CONFIRMED), of=order(submit_at=FINAL), at=SEEN)

    assert (submitted(early), submitted(late)) == ("0xdeposit", None)


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (deposit("0xother", state=FINAL, amount=5), "dust"),
        (deposit("0xother", state=FINAL, index="balance:1"), "unproven"),
        (deposit("0xother", state=FINAL, symbol=None), "unknown_token"),
    ],
    ids=["dust", "unproven", "unknown_token"],
)
def test_a_deposit_that_does_not_pay_is_skipped_for_the_one_that_does(other: Deposit, verdict: str) -> None:
    known = state()
    notify(known, other)
    assert (submitted(known), verdicts(known)) == (None, [verdict])

    notify(known, deposit(state=CONFIRMED))
    assert (submitted(known), verdicts(known)) == ("0xdeposit", [verdict, "exact"])


def test_a_wrong_token_raises_attention_even_after_the_right_one() -> None:
    known = state()
    notify(known, deposit("0xother", symbol="USDT", state=CONFIRMED))
    assert reason(known) == "wrong_token_deposit"

    notify(known, deposit(state=CONFIRMED))
    assert reason(known) == "wrong_token_deposit"


def test_dust_raises_no_attention() -> None:
    known = state()
    notify(known, deposit(amount=5))

    assert reason(known) is None
    assert awaits_confirmation(known) is None


def test_a_second_deposit_raises_attention_and_is_not_submitted() -> None:
    known = state()
    notify(known, deposit(state=CONFIRMED), deposit("0xsecond", state=FINAL))

    assert (submitted(known), verdicts(known), reason(known)) == ("0xdeposit", ["exact", "second"], "second_deposit")


def test_a_second_transfer_in_one_transaction_is_a_second_deposit() -> None:
    known = state()
    notify(known, deposit(state=CONFIRMED, index="0"), deposit(state=CONFIRMED, index="1"))

    assert (submitted(known), verdicts(known), reason(known)) == ("0xdeposit", ["exact", "second"], "second_deposit")


def test_a_repeated_second_deposit_raises_attention_once() -> None:
    known = state()
    notify(known, deposit(), deposit("0xsecond"))
    known.attentions.clear()

    notify(known, deposit("0xsecond", state=CONFIRMED))

    assert reason(known) is None


def test_the_second_deposit_replaces_the_first_when_that_disappears() -> None:
    known = state()
    notify(known, deposit(), deposit("0xsecond", state=CONFIRMED))
    assert (submitted(known), reason(known)) == (None, "second_deposit")

    notify(known, deposit(state=GONE))

    assert (submitted(known), verdicts(known), reason(known)) == ("0xsecond", ["gone", "exact"], None)


def test_a_deposit_that_disappears_before_its_submit_is_not_awaited() -> None:
    known = state()
    notify(known, deposit())
    notify(known, deposit(state=GONE))

    assert (submitted(known), verdicts(known), reason(known)) == (None, ["gone"], None)
    assert awaits_confirmation(known) is None


def test_a_deposit_that_disappears_and_returns_is_submitted() -> None:
    known = state()
    notify(known, deposit())
    notify(known, deposit(state=GONE))
    notify(known, deposit(state=CONFIRMED, block_hash="0xother"))

    assert (submitted(known), verdicts(known)) == ("0xdeposit", ["exact"])


def test_a_submitted_deposit_that_disappears_raises_attention() -> None:
    known = state()
    notify(known, deposit(state=CONFIRMED))
    known.phase = Phase.SUBMITTING
    begin_submit(known.deposit)

    notify(known, deposit(state=GONE))
    assert (submitted(known), reason(known)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)

    notify(known, deposit(state=SEEN))
    assert (submitted(known), reason(known)) == ("0xdeposit", None)


def test_before_orchestra_has_the_order_a_replacement_is_submitted() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit()], submit_generation=2)
    notify(known, deposit(), at=SEEN)
    notify(known, deposit(state=GONE), deposit("0xsuccessor"), at=SEEN)

    assert (submitted(known), verdicts(known), reason(known)) == ("0xsuccessor", ["gone", "exact"], None)


def test_a_replacement_seen_early_stops_being_a_second_deposit() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit()], submit_generation=2)
    notify(known, deposit(), deposit("0xsuccessor"), at=SEEN)
    assert (submitted(known), reason(known)) == ("0xdeposit", "second_deposit")

    notify(known, deposit(state=GONE), at=SEEN)
    assert (submitted(known), verdicts(known), reason(known)) == ("0xsuccessor", ["gone", "exact"], None)


def test_a_confirmed_replacement_clears_the_attention() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit()])
    notify(known, deposit(state=CONFIRMED))
    notify(known, deposit(state=GONE), deposit("0xsuccessor"))
    assert (submitted(known), reason(known)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)

    notify(known, deposit("0xsuccessor", state=CONFIRMED))
    assert (submitted(known), reason(known)) == ("0xsuccessor", None)


def test_after_orchestra_has_the_order_a_replacement_raises_attention() -> None:
    known = tracked("confirming", deposits=[known_deposit()])
    notify(known, deposit(), at=SEEN)
    notify(known, deposit(state=GONE), deposit("0xsuccessor", state=CONFIRMED), at=SEEN)

    assert (submitted(known), reason(known)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)


def test_a_lost_deposit_is_not_raised_again_after_orchestra_moved_on() -> None:
    known = tracked("confirming", deposits=[known_deposit()])
    notify(known, deposit())
    notify(known, deposit(state=GONE))
    inbox = Inbox()
    inbox.add_envelopes(seen("bridging", 5).envelope())
    apply_batch(known, inbox.take(), LATER)

    assert not notify(known)
    notify(known, deposit("0xdust", amount=1))

    assert reason(known) is None


def test_a_log_that_moves_in_its_transaction_is_the_same_deposit() -> None:
    known = tracked("confirming", deposits=[known_deposit()])
    notify(known, deposit(index="5"))
    notify(known, deposit(index="5", state=GONE), deposit(index="7"))

    assert (verdicts(known), reason(known)) == (["gone", "exact"], None)


def test_the_chain_confirms_what_the_business_reported() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit("0xDEADBEEF")])
    notify(known, deposit("0xdeadbeef", state=CONFIRMED))

    assert (submitted(known), verdicts(known), reason(known)) == ("0xdeadbeef", ["exact"], None)
    assert known.deposit is not None
    assert known.deposit.seen_by == "business"


def test_the_business_may_report_what_the_chain_showed() -> None:
    known = state()
    notify(known, deposit())
    apply_deposits(order(), known, [report()], [], LATER)

    assert not notify(known)
    assert (submitted(known), verdicts(known), reason(known)) == ("0xdeposit", ["exact"], None)


def test_a_report_that_differs_from_the_chain_raises_attention() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit("0xreported")])
    notify(known, deposit())

    assert (submitted(known), reason(known)) == ("0xreported", AttentionReason.DEPOSIT_DISAGREES)
    assert known.attention is not None
    assert "0xreported" in known.attention.message
    assert "0xdeposit" in known.attention.message


def test_a_report_after_the_chain_showed_another_raises_attention() -> None:
    known = state()
    notify(known, deposit())
    assert apply_deposits(order(), known, [report("0xreported")], [], LATER)
    assert reason(known) == AttentionReason.DEPOSIT_DISAGREES


def test_a_resolved_disagreement_raises_no_attention_again() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit("0xreported")])
    notify(known, deposit())
    known.attentions.clear()
    known.resolutions = [Resolved(at=LATER, reason=AttentionReason.DEPOSIT_DISAGREES, note="the payer sent both")]

    assert not notify(known)
    notify(known, deposit(state=CONFIRMED))

    assert reason(known) is None


def test_a_reported_deposit_makes_an_earlier_seen_one_the_second() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit("0xreported")])
    notify(known, deposit())
    notify(known, deposit("0xreported"))

    assert (submitted(known), verdicts(known), reason(known)) == ("0xreported", ["second", "exact"], "second_deposit")


def test_an_order_that_orchestra_detected_itself_is_not_submitted() -> None:
    known = tracked("processing")
    notify(known, deposit(state=FINAL))

    assert (submitted(known), verdicts(known), reason(known)) == (None, ["exact"], None)


def test_a_refused_proof_is_not_submitted_again() -> None:
    known = state(deposits=[refused()], attentions=REFUSED)
    notify(known, deposit(state=CONFIRMED))

    assert (submitted(known), reason(known)) == (None, "invalid_request")


def test_a_deposit_on_chain_replaces_a_refused_report() -> None:
    known = state(Phase.SUBMITTING, deposits=[known_deposit("0xtypo")])
    notify(known, deposit(state=CONFIRMED))
    set_aside(known.deposit, Reason(code="invalid_request", message="txHash is malformed"))
    known.phase = Phase.AWAITING_DEPOSIT
    known.attentions.update(REFUSED)

    assert notify(known)

    assert (submitted(known), reason(known)) == ("0xdeposit", None)


def test_a_deposit_after_a_refused_one_keeps_a_wrong_tokens_attention() -> None:
    known = state(deposits=[refused("0xtypo")])
    notify(known, deposit("0xother", symbol="USDT"), deposit(state=CONFIRMED))

    assert (submitted(known), reason(known)) == ("0xdeposit", "wrong_token_deposit")


@pytest.mark.parametrize("phase", [Phase.QUOTING, Phase.TRACKING, Phase.CLOSED])
def test_a_deposit_is_chosen_only_while_one_is_awaited(phase: Phase) -> None:
    known = state(phase, quotes=[quote()])
    notify(known, deposit(state=CONFIRMED))

    assert (submitted(known), verdicts(known)) == (None, ["exact"])


def test_a_deposit_to_an_older_quotes_address_belongs_to_that_quote() -> None:
    known = state(quotes=[quote(1), quote(2)])
    notify(known, deposit(address="0xaddress1", state=CONFIRMED))

    assert known.deposit is not None
    assert known.deposit.quote_id == "q_1"


def test_of_two_quotes_with_one_address_the_newer_one_counts() -> None:
    newer = quote(2)
    newer.quote = newer.quote.model_copy(update={"deposit_address": "0xaddress1"})
    known = state(quotes=[quote(1), newer])
    notify(known, deposit(state=CONFIRMED))

    assert known.deposit is not None
    assert known.deposit.quote_id == "q_2"


def test_a_notice_for_another_address_changes_nothing() -> None:
    known = state()

    assert not notify(known, deposit(address="0xanother", state=CONFIRMED))
    assert known == state()


def test_the_same_notice_again_changes_nothing() -> None:
    known = state()
    notify(known, deposit(state=CONFIRMED))
    before = known.model_copy(deep=True)

    assert not notify(known, deposit(state=CONFIRMED))
    assert known == before


def test_a_deposit_keeps_the_time_it_was_first_seen() -> None:
    known = state()
    apply_deposits(order(), known, [], [DepositNotice(deposit=deposit())], NOON)
    notify(known, deposit(state=CONFIRMED))

    assert [one.first_seen_at for one in known.sightings] == [NOON]


def test_an_order_keeps_a_bounded_number_of_deposits() -> None:
    known = state()
    notify(known, *(deposit(f"0x{number}", amount=1) for number in range(MAX_SEEN_DEPOSITS + 10)))

    assert len(known.sightings) == MAX_SEEN_DEPOSITS
    assert not notify(known, deposit("0xmore", amount=1))


@pytest.mark.parametrize("flood", [{"amount": 1}, {"symbol": None}], ids=["dust", "strange tokens"])
def test_a_flood_of_dust_cannot_hide_the_deposit(flood: dict[str, Any]) -> None:
    known = state()
    notify(known, *(deposit(f"0x{number}", **flood) for number in range(MAX_SEEN_DEPOSITS)))
    notify(known, deposit(state=CONFIRMED))

    assert submitted(known) == "0xdeposit"
    assert len(known.sightings) == MAX_SEEN_DEPOSITS


def test_unreadable_notices_are_noted_and_the_others_applied() -> None:
    known, inbox = state(), Inbox()
    notice = DepositNotice(deposit=deposit(state=CONFIRMED)).model_dump(mode="json")
    inbox.add_notices(["junk", notice, {"deposit": {}}])
    taken = inbox.take()
    apply_batch(known, taken, LATER)
    apply_deposits(order(), known, [], taken.notices, LATER)

    assert [one.kind for one in known.view.anomalies] == [AnomalyKind.UNREADABLE] * 2
    assert submitted(known) == "0xdeposit"


def test_a_bitcoin_report_without_an_output_matches_any_output() -> None:
    whole = DepositProof(bitcoin_txid="AB", bitcoin_vout=1)

    assert is_same_deposit(DepositProof(bitcoin_txid="ab"), whole)
    assert is_same_deposit(whole, DepositProof(bitcoin_txid="ab", bitcoin_vout=1))
    assert not is_same_deposit(whole, DepositProof(bitcoin_txid="ab", bitcoin_vout=2))
    assert not is_same_deposit(DepositProof(tx_hash="0xa"), DepositProof(tx_hash="0xb"))
