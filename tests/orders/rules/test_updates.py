"""What an update may do to an order, and the sentence that refuses it."""

from collections.abc import Callable
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from baton.chains.deposits import Deposit
from baton.orchestra.models import OrderRecord
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.proofs import DepositProof
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.models import Outcome, Phase, Resolution
from baton.orders.place_order import ONRAMP, PlaceOrder
from baton.orders.reports import BusinessDecision, RepriceDecision
from baton.orders.rules import updates
from baton.orders.rules.deposits import apply_deposits
from baton.orders.seen_deposits import DepositNotice
from baton.orders.state import DepositReport, OrderState
from tests.chains.deposits import CONFIRMED, GONE, deposit
from tests.orders.states import NOON, REQUEST, known_deposit, order, report, state, tracked
from tests.orders.states import attention as attention_for
from tests.orders.states import refused as refused_deposit

CLOSED = state(Phase.CLOSED, outcome=Outcome.COMPLETED)
APPROVE = RepriceDecision(action=RepriceAction.APPROVE, minimum=1)
RESOLUTION = Resolution(note="called the payer")


def refusal(check: Callable[[], None]) -> ApplicationError:
    with pytest.raises(ApplicationError) as refused:
        check()
    assert refused.value.message
    return refused.value


def with_deposits(*deposits: Deposit) -> OrderState:
    waiting = state()
    apply_deposits(order(), waiting, [], [DepositNotice(deposit=each, submit_at=CONFIRMED) for each in deposits], NOON)
    return waiting


def onramp() -> PlaceOrder:
    request = OnrampRequest(destination_chain="spark", destination_asset="BTC", recipient_address="spark1r", amount=1)
    return PlaceOrder(account="default", reference="invoice-43", kind=ONRAMP, request=request)


@pytest.mark.parametrize("fields", [{}, {"amount": 99_999_999}, {"amount": 100_000_001}, {"symbol": None}])
def test_a_deposit_on_the_chain_stops_a_cancel_even_if_unconfirmed(fields: dict[str, Any]) -> None:
    assert refusal(lambda: updates.check_cancel(with_deposits(deposit(**fields)))).type == updates.DEPOSIT_KNOWN


@pytest.mark.parametrize("seen", [[deposit(amount=1)], [deposit(symbol="USDT")], [deposit(), deposit(state=GONE)]])
def test_deposits_that_pay_nothing_do_not_stop_a_cancel(seen: list[Deposit]) -> None:
    updates.check_cancel(with_deposits(*seen))


@pytest.mark.parametrize(
    "known",
    [state(deposits=[known_deposit()]), state(deposits=[refused_deposit()]), tracked("processing")],
    ids=["reported", "refused", "order"],
)
def test_a_known_deposit_stops_a_cancel(known: OrderState) -> None:
    assert refusal(lambda: updates.check_cancel(known)).type == updates.DEPOSIT_KNOWN


@pytest.mark.parametrize(
    "check",
    [
        lambda: updates.check_cancel(CLOSED),
        lambda: updates.check_refresh(CLOSED),
        lambda: updates.check_report(order(), CLOSED, report()),
        lambda: updates.check_decision(CLOSED, BusinessDecision(accept=True), pending=True),
        lambda: updates.check_reprice_decision(order(), CLOSED, APPROVE, answering=False),
        lambda: updates.check_resolution(CLOSED, RESOLUTION),
    ],
    ids=["cancel", "refresh", "report", "decide", "reprice", "resolve"],
)
def test_a_closed_order_refuses_every_update_and_names_its_outcome(check: Callable[[], None]) -> None:
    refused = refusal(check)

    assert refused.type == updates.ORDER_CLOSED
    assert "completed" in refused.message


def test_another_request_under_the_same_reference_is_refused() -> None:
    other = order().model_copy(update={"request": REQUEST.model_copy(update={"amount": 1})})
    refused = refusal(lambda: updates.check_same_order(order(), other))

    assert refused.type == updates.REFERENCE_CONFLICT
    assert "'invoice-42'" in refused.message
    assert "use a new reference" in refused.message


def test_the_same_request_is_the_same_order_whatever_its_state() -> None:
    updates.check_same_order(order().model_copy(update={"state": tracked("swapping")}), order())


def test_a_report_before_the_first_quote_is_refused() -> None:
    quoting = state(Phase.QUOTING)
    assert refusal(lambda: updates.check_report(order(), quoting, report())).type == updates.NO_QUOTE_YET


def test_a_report_for_a_quote_of_another_order_is_refused_by_name() -> None:
    foreign = DepositReport(proof=DepositProof(tx_hash="0x" + "ab" * 32), quote_id="q_9")
    refused = refusal(lambda: updates.check_report(order(), state(), foreign))

    assert refused.type == updates.UNKNOWN_QUOTE
    assert "q_9" in refused.message


def test_a_proof_of_another_chain_is_refused() -> None:
    bitcoin = DepositReport(proof=DepositProof(bitcoin_txid="aa" * 32, bitcoin_vout=0))
    assert refusal(lambda: updates.check_report(order(), state(), bitcoin)).type == updates.INVALID_PROOF


def test_an_onramp_needs_no_report() -> None:
    assert refusal(lambda: updates.check_report(onramp(), state(), report())).type == updates.NOTHING_TO_REPORT


def test_a_decision_without_a_pending_offer_is_refused() -> None:
    assert (
        refusal(lambda: updates.check_decision(state(), BusinessDecision(accept=True), pending=False)).type
        == updates.NO_OFFER_PENDING
    )


def test_a_refresh_before_the_first_quote_is_refused() -> None:
    assert refusal(lambda: updates.check_refresh(state(Phase.QUOTING))).type == updates.NO_QUOTE_YET


def test_an_order_without_attention_has_nothing_to_resolve() -> None:
    assert refusal(lambda: updates.check_resolution(state(), RESOLUTION)).type == updates.NOTHING_TO_RESOLVE


def test_an_order_with_attention_may_be_resolved() -> None:
    updates.check_resolution(state(attentions=attention_for("overdue", "late")), RESOLUTION)


def test_an_answer_without_an_open_repricing_is_refused() -> None:
    refused = refusal(lambda: updates.check_reprice_decision(order(), tracked("swapping"), APPROVE, answering=False))

    assert refused.type == updates.INVALID_DECISION
    assert "no repricing" in refused.message


def test_a_second_answer_while_one_is_under_way_is_refused() -> None:
    waiting = tracked("awaiting_approval")
    waiting.view.record = OrderRecord(id="ord_1", status="awaiting_approval", reprice={"status": "pending"})
    refused = refusal(lambda: updates.check_reprice_decision(order(), waiting, APPROVE, answering=True))

    assert "under way" in refused.message


def test_a_decision_with_too_long_a_reason_is_refused() -> None:
    decision = BusinessDecision(accept=True, reason="r" * 501)

    refused = refusal(lambda: updates.check_decision(state(), decision, pending=True))

    assert refused.type == updates.INVALID_DECISION
    assert "reason has 501 characters; shorten it to at most 500" in str(refused)


def test_a_proof_with_too_long_an_address_is_refused() -> None:
    long = DepositReport(proof=DepositProof(tx_hash="0x" + "ab" * 32, source_address="a" * 201))

    refused = refusal(lambda: updates.check_report(order(), state(), long))

    assert refused.type == updates.INVALID_PROOF
    assert "sourceAddress has 201 characters" in str(refused)
