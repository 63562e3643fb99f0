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


def test_a_confirmed_deposit_is_submitted_for_its_quote() -> None:
    held = state(quotes=[quote(1), quote(2)])

    assert told(held, deposit())
    assert (submitted(held), verdicts(held)) == (None, ["exact"])
    assert awaits_confirmation(held) is held.sightings[0]

    assert told(held, deposit(state=CONFIRMED))
    assert held.deposit == DepositReport(proof=DepositProof(tx_hash="0xdeposit"), quote_id="q_1", seen_by="chain")
    assert awaits_confirmation(held) is None
    assert reason(held) is None


@pytest.mark.parametrize("amount", [99_999_999, 100_000_001])
def test_a_deposit_of_another_amount_is_submitted_too(amount: int) -> None:
    held = state()
    told(held, deposit(amount=amount, state=CONFIRMED))

    assert submitted(held) == "0xdeposit"
    assert reason(held) is None


def test_the_orders_policy_overrides_the_accounts() -> None:
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
def test_a_deposit_that_does_not_pay_is_skipped_for_the_one_that_does(other: Deposit, verdict: str) -> None:
    held = state()
    told(held, other)
    assert (submitted(held), verdicts(held)) == (None, [verdict])

    told(held, deposit(state=CONFIRMED))
    assert (submitted(held), verdicts(held)) == ("0xdeposit", [verdict, "exact"])


def test_a_wrong_token_raises_attention_even_after_the_right_one() -> None:
    held = state()
    told(held, deposit("0xother", symbol="USDT", state=CONFIRMED))
    assert reason(held) == "wrong_token_deposit"

    told(held, deposit(state=CONFIRMED))
    assert reason(held) == "wrong_token_deposit"


def test_dust_raises_no_attention() -> None:
    held = state()
    told(held, deposit(amount=5))

    assert reason(held) is None
    assert awaits_confirmation(held) is None


def test_a_second_deposit_raises_attention_and_is_not_submitted() -> None:
    held = state()
    told(held, deposit(state=CONFIRMED), deposit("0xsecond", state=FINAL))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xdeposit", ["exact", "second"], "second_deposit")


def test_a_second_transfer_in_one_transaction_is_a_second_deposit() -> None:
    held = state()
    told(held, deposit(state=CONFIRMED, index="0"), deposit(state=CONFIRMED, index="1"))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xdeposit", ["exact", "second"], "second_deposit")


def test_a_repeated_second_deposit_raises_attention_once() -> None:
    held = state()
    told(held, deposit(), deposit("0xsecond"))
    held.attention = None

    told(held, deposit("0xsecond", state=CONFIRMED))

    assert reason(held) is None


def test_the_second_deposit_replaces_the_first_when_that_disappears() -> None:
    held = state()
    told(held, deposit(), deposit("0xsecond", state=CONFIRMED))
    assert (submitted(held), reason(held)) == (None, "second_deposit")

    told(held, deposit(state=GONE))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xsecond", ["gone", "exact"], None)


def test_a_deposit_that_disappears_before_its_submit_is_not_awaited() -> None:
    held = state()
    told(held, deposit())
    told(held, deposit(state=GONE))

    assert (submitted(held), verdicts(held), reason(held)) == (None, ["gone"], None)
    assert awaits_confirmation(held) is None


def test_a_deposit_that_disappears_and_returns_is_submitted() -> None:
    held = state()
    told(held, deposit())
    told(held, deposit(state=GONE))
    told(held, deposit(state=CONFIRMED, block_hash="0xother"))

    assert (submitted(held), verdicts(held)) == ("0xdeposit", ["exact"])


def test_a_submitted_deposit_that_disappears_raises_attention() -> None:
    held = state()
    told(held, deposit(state=CONFIRMED))
    held.phase = Phase.SUBMITTING

    told(held, deposit(state=GONE))
    assert (submitted(held), reason(held)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)

    told(held, deposit(state=SEEN))
    assert (submitted(held), reason(held)) == ("0xdeposit", None)


def test_before_orchestra_has_the_order_a_replacement_is_submitted() -> None:
    held = state(Phase.SUBMITTING, deposit=report(), submit_generation=2)
    told(held, deposit(), at=SEEN)
    told(held, deposit(state=GONE), deposit("0xsuccessor"), at=SEEN)

    assert (submitted(held), verdicts(held), reason(held)) == ("0xsuccessor", ["gone", "exact"], None)


def test_a_replacement_seen_early_stops_being_a_second_deposit() -> None:
    held = state(Phase.SUBMITTING, deposit=report(), submit_generation=2)
    told(held, deposit(), deposit("0xsuccessor"), at=SEEN)
    assert (submitted(held), reason(held)) == ("0xdeposit", "second_deposit")

    told(held, deposit(state=GONE), at=SEEN)
    assert (submitted(held), verdicts(held), reason(held)) == ("0xsuccessor", ["gone", "exact"], None)


def test_a_confirmed_replacement_clears_the_attention() -> None:
    held = state(Phase.SUBMITTING, deposit=report())
    told(held, deposit(state=CONFIRMED))
    told(held, deposit(state=GONE), deposit("0xsuccessor"))
    assert (submitted(held), reason(held)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)

    told(held, deposit("0xsuccessor", state=CONFIRMED))
    assert (submitted(held), reason(held)) == ("0xsuccessor", None)


def test_after_orchestra_has_the_order_a_replacement_raises_attention() -> None:
    held = tracked("confirming", deposit=report())
    told(held, deposit(), at=SEEN)
    told(held, deposit(state=GONE), deposit("0xsuccessor", state=CONFIRMED), at=SEEN)

    assert (submitted(held), reason(held)) == ("0xdeposit", AttentionReason.DEPOSIT_GONE)


def test_a_lost_deposit_is_not_raised_again_after_orchestra_moved_on() -> None:
    held = tracked("confirming", deposit=report())
    told(held, deposit())
    told(held, deposit(state=GONE))
    inbox = Inbox()
    inbox.add_envelopes(seen("bridging", 5).envelope())
    apply_batch(held, inbox.take(), LATER)

    assert not told(held)
    told(held, deposit("0xdust", amount=1))

    assert reason(held) is None


def test_a_log_that_moves_in_its_transaction_is_the_same_deposit() -> None:
    held = tracked("confirming", deposit=report())
    told(held, deposit(index="5"))
    told(held, deposit(index="5", state=GONE), deposit(index="7"))

    assert (verdicts(held), reason(held)) == (["gone", "exact"], None)


def test_the_chain_confirms_what_the_business_reported() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xDEADBEEF"))
    told(held, deposit("0xdeadbeef", state=CONFIRMED))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xdeadbeef", ["exact"], None)
    assert held.deposit is not None
    assert held.deposit.seen_by == "business"


def test_the_business_may_report_what_the_chain_showed() -> None:
    held = state()
    told(held, deposit())
    inbox = Inbox()
    inbox.add_report(report())
    apply_batch(held, inbox.take(), LATER)

    assert not told(held)
    assert (submitted(held), verdicts(held), reason(held)) == ("0xdeposit", ["exact"], None)


def test_a_report_that_differs_from_the_chain_raises_attention() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xreported"))
    told(held, deposit())

    assert (submitted(held), reason(held)) == ("0xreported", AttentionReason.DEPOSIT_DISAGREES)
    assert held.attention is not None
    assert "0xreported" in held.attention.message
    assert "0xdeposit" in held.attention.message


def test_a_report_after_the_chain_showed_another_raises_attention() -> None:
    held = state()
    told(held, deposit())
    held.deposit = report("0xreported")

    assert told(held)
    assert reason(held) == AttentionReason.DEPOSIT_DISAGREES


def test_a_resolved_disagreement_raises_no_attention_again() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xreported"))
    told(held, deposit())
    held.attention = None
    held.resolutions = [Resolved(at=LATER, reason=AttentionReason.DEPOSIT_DISAGREES, note="the payer sent both")]

    assert not told(held)
    told(held, deposit(state=CONFIRMED))

    assert reason(held) is None


def test_a_reported_deposit_makes_an_earlier_seen_one_the_second() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xreported"))
    told(held, deposit())
    told(held, deposit("0xreported"))

    assert (submitted(held), verdicts(held), reason(held)) == ("0xreported", ["second", "exact"], "second_deposit")


def test_an_order_that_orchestra_detected_itself_is_not_submitted() -> None:
    held = tracked("processing")
    told(held, deposit(state=FINAL))

    assert (submitted(held), verdicts(held), reason(held)) == (None, ["exact"], None)


def test_a_refused_proof_is_not_submitted_again() -> None:
    held = state(refused_deposits=[report()], attention=REFUSED)
    told(held, deposit(state=CONFIRMED))

    assert (submitted(held), reason(held)) == (None, "invalid_request")


def test_a_deposit_on_chain_replaces_a_refused_report() -> None:
    held = state(Phase.SUBMITTING, deposit=report("0xtypo"))
    told(held, deposit(state=CONFIRMED))
    held.refused_deposits, held.deposit = [report("0xtypo")], None
    held.phase, held.attention = Phase.AWAITING_DEPOSIT, REFUSED

    assert told(held)

    assert (submitted(held), reason(held)) == ("0xdeposit", None)


def test_a_deposit_after_a_refused_one_keeps_a_wrong_tokens_attention() -> None:
    held = state(refused_deposits=[report("0xtypo")])
    told(held, deposit("0xother", symbol=None), deposit(state=CONFIRMED))

    assert (submitted(held), reason(held)) == ("0xdeposit", "wrong_token_deposit")


@pytest.mark.parametrize("phase", [Phase.QUOTING, Phase.SUBMITTING, Phase.CLOSED])
def test_a_deposit_is_chosen_only_while_one_is_awaited(phase: Phase) -> None:
    held = state(phase, quotes=[quote()])
    told(held, deposit(state=CONFIRMED))

    assert (submitted(held), verdicts(held)) == (None, ["exact"])


def test_a_deposit_to_an_older_quotes_address_belongs_to_that_quote() -> None:
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


def test_a_deposit_keeps_the_time_it_was_first_seen() -> None:
    held = state()
    apply_notices(order(), held, [DepositNotice(deposit=deposit())], NOON)
    told(held, deposit(state=CONFIRMED))

    assert [one.first_seen_at for one in held.sightings] == [NOON]


def test_an_order_keeps_a_bounded_number_of_deposits() -> None:
    held = state()
    told(held, *(deposit(f"0x{number}", amount=1) for number in range(MAX_SEEN_DEPOSITS + 10)))

    assert len(held.sightings) == MAX_SEEN_DEPOSITS
    assert not told(held, deposit("0xmore", amount=1))


@pytest.mark.parametrize("flood", [{"amount": 1}, {"symbol": None}], ids=["dust", "strange tokens"])
def test_a_flood_of_dust_cannot_hide_the_deposit(flood: dict[str, Any]) -> None:
    held = state()
    told(held, *(deposit(f"0x{number}", **flood) for number in range(MAX_SEEN_DEPOSITS)))
    told(held, deposit(state=CONFIRMED))

    assert submitted(held) == "0xdeposit"
    assert len(held.sightings) == MAX_SEEN_DEPOSITS


def test_unreadable_notices_are_noted_and_the_others_applied() -> None:
    held, inbox = state(), Inbox()
    notice = DepositNotice(deposit=deposit(state=CONFIRMED)).model_dump(mode="json")
    inbox.add_notices(["junk", notice, {"deposit": {}}])
    taken = inbox.take()
    apply_batch(held, taken, LATER)
    apply_notices(order(), held, taken.notices, LATER)

    assert [one.kind for one in held.view.anomalies] == [AnomalyKind.UNREADABLE] * 2
    assert submitted(held) == "0xdeposit"


def test_a_bitcoin_report_without_an_output_matches_any_output() -> None:
    whole = DepositProof(bitcoin_txid="AB", bitcoin_vout=1)

    assert is_same_deposit(DepositProof(bitcoin_txid="ab"), whole)
    assert is_same_deposit(whole, DepositProof(bitcoin_txid="ab", bitcoin_vout=1))
    assert not is_same_deposit(whole, DepositProof(bitcoin_txid="ab", bitcoin_vout=2))
    assert not is_same_deposit(DepositProof(tx_hash="0xa"), DepositProof(tx_hash="0xb"))
