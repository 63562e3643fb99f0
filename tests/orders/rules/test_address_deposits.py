"""What a deposit to a reusable address is, which order is its own, and what is asked of a person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.chains.deposits import Deposit, DepositState
from baton.orchestra.address_deposit_models import StandingDeposit
from baton.orchestra.models import OrderRecord
from baton.orders.address_deposit import AddressDeposit, Arrival, HeldDeposit, RefundAsked, deposit_identity
from baton.orders.models import OrderPolicy, Phase
from baton.orders.names import MAX_REFERENCE, address_order_reference
from baton.orders.rules.address_deposits import (
    arrival_of,
    belongs_to,
    identity_in,
    identity_of,
    lists_deposit,
    note_deposit,
    note_held,
    raise_without_order,
    reaches_start,
)
from baton.orders.rules.attention import AttentionReason
from baton.orders.rules.deadlines import DeadlineAction, next_deadline
from baton.orders.seen_deposits import DepositNotice
from baton.orders.state import OrderState

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
TX = "0x" + "ab" * 32
TXID = "cd" * 32


def shown(**fields: Any) -> Deposit:
    usual = {"chain": "base", "address": EVM, "asset": "0xusdc", "symbol": "USDC", "decimals": 6, "tx_id": TX}
    return Deposit(**{**usual, "index": "4", "amount": 5_000_000, "state": DepositState.CONFIRMED, **fields})


def entry(**fields: Any) -> AddressDeposit:
    usual = {"chain": "base", "address": EVM, "tx_id": TX, "asset": "USDC", "amount": 5_000_000}
    return AddressDeposit(
        **{**usual, "type": "accumulation", "orchestra_id": "acc_1", "recipient": "spark1x", **fields}
    )


def state_of(deposit: AddressDeposit) -> OrderState:
    return OrderState(phase=Phase.TRACKING, opened_at=NOW, heard_at=NOW, address_deposit=deposit)


def record(**fields: Any) -> OrderRecord:
    usual = {"id": "ord_1", "status": "processing", "source_chain": "base", "source_asset": "USDC"}
    return OrderRecord(**{**usual, "source_tx_hash": TX, "deposit_address": EVM, **fields})


@pytest.mark.parametrize(
    "spelling",
    [
        {"tx_id": TX.upper().replace("0X", "0x")},
        {"address": EVM.lower()},
        {"index": "77"},
        {"state": DepositState.SEEN},
    ],
)
def test_a_deposit_has_one_identity_in_every_spelling(spelling: dict[str, Any]) -> None:
    assert identity_of(shown(**spelling)) == identity_of(shown())


@pytest.mark.parametrize(
    "other",
    [
        {"tx_id": "0x" + "ac" * 32},
        {"chain": "polygon"},
        {"address": "0x" + "11" * 20},
    ],
)
def test_another_transaction_chain_or_address_is_another_deposit(other: dict[str, Any]) -> None:
    assert identity_of(shown(**other)) != identity_of(shown())


def test_a_webhook_and_the_chain_agree_on_the_identity() -> None:
    assert identity_in(record(deposit_address=EVM.lower())) == identity_of(shown())


def test_each_bitcoin_output_is_a_deposit_of_its_own() -> None:
    outputs = [shown(chain="bitcoin", address="bc1qx", tx_id=TXID, index=index, symbol="BTC") for index in ("0", "1")]
    assert len({identity_of(output) for output in outputs}) == 2
    webhook = record(source_chain="bitcoin", deposit_address="bc1qx", source_tx_hash=TXID)
    assert identity_in(webhook) is None
    assert identity_in(webhook.model_copy(update={"source_tx_vout": 1})) == identity_of(outputs[1])


def test_the_reference_of_a_deposit_fits_and_no_business_can_choose_it() -> None:
    identity = deposit_identity("base", EVM, TX, None)
    references = {address_order_reference(reference, identity) for reference in ("a", "b", "c" * 128)}
    assert len(references) == 3
    assert all(reference.startswith("~addr:") and len(reference) <= MAX_REFERENCE for reference in references)


@pytest.mark.parametrize(
    ("fields", "enabled", "arrival"),
    [
        ({}, True, Arrival.ORDER),
        ({}, False, Arrival.DISABLED),
        ({"symbol": "USDT", "asset": "0xusdt"}, True, Arrival.WRONG_TOKEN),
        ({"symbol": None, "asset": "0xfree"}, True, Arrival.UNKNOWN_TOKEN),
        ({"amount": 9_999}, True, Arrival.DUST),
        ({"amount": 10_000}, True, Arrival.ORDER),
        ({"symbol": "USDT", "amount": 3}, True, Arrival.DUST),
        ({"index": "balance:7"}, True, Arrival.UNPROVEN),
    ],
)
def test_each_deposit_is_named(fields: dict[str, Any], enabled: bool, arrival: Arrival) -> None:
    assert arrival_of(shown(**fields), {"USDC"}, enabled=enabled) is arrival


@pytest.mark.parametrize(("sats", "arrival"), [(545, Arrival.DUST), (546, Arrival.ORDER)])
def test_bitcoin_below_the_relay_limit_is_dust(sats: int, arrival: Arrival) -> None:
    deposit = shown(chain="bitcoin", symbol="BTC", decimals=8, amount=sats)
    assert arrival_of(deposit, {"BTC"}, enabled=True) is arrival


@pytest.mark.parametrize(
    ("fields", "belongs"),
    [
        ({}, True),
        ({"source_tx_hash": "0x" + "ac" * 32}, False),
        ({"deposit_address": "0x" + "11" * 20}, False),
        ({"deposit_address": None}, True),
        ({"source_chain": "polygon"}, False),
        ({"source_asset": "USDT"}, False),
        ({"source_tx_hash": None}, False),
    ],
)
def test_an_order_belongs_to_the_deposit_that_it_names(fields: dict[str, Any], belongs: bool) -> None:
    assert belongs_to(record(**fields), entry()) is belongs


@pytest.mark.parametrize(("vout", "belongs"), [(0, True), (1, False), (None, True)])
def test_a_bitcoin_order_belongs_to_its_output(vout: int | None, belongs: bool) -> None:
    deposit = entry(chain="bitcoin", address="bc1qx", tx_id=TXID, output=0, asset="BTC")
    order = record(source_chain="bitcoin", source_asset="BTC", deposit_address="bc1qx", source_tx_hash=TXID)
    assert belongs_to(order.model_copy(update={"source_tx_vout": vout}), deposit) is belongs


@pytest.mark.parametrize(
    ("fields", "listed"),
    [({}, True), ({"chain": "polygon"}, False), ({"asset": "USDT"}, False), ({"source_tx_id": TXID}, False)],
)
def test_a_row_of_orchestras_list_is_found_by_its_transaction(fields: dict[str, Any], listed: bool) -> None:
    row = StandingDeposit(**{"id": "dep_1", "status": "held", "chain": "base", "source_tx_id": TX, **fields})
    assert lists_deposit(row, entry(type="standing")) is listed


def _action(deposit: AddressDeposit) -> tuple[DeadlineAction | None, timedelta]:
    deadline = next_deadline(state_of(deposit), OrderPolicy())
    assert deadline is not None
    return deadline.action, deadline.at - NOW


def test_what_follows_without_an_order() -> None:
    ten = timedelta(minutes=10)
    later = {"indexed_at": NOW + ten}
    assert _action(entry()) == (DeadlineAction.INDEX_ADDRESS, ten)
    assert _action(entry(**later)) == (DeadlineAction.RAISE_ATTENTION, 2 * ten)
    assert _action(entry(type="liquidation")) == (DeadlineAction.RAISE_ATTENTION, ten)
    assert _action(entry(**later, refunds=True)) == (DeadlineAction.RAISE_ATTENTION, 2 * ten)
    assert _action(entry(**later, refunds=True, refund_address=EVM)) == (DeadlineAction.REFUND_DEPOSIT, 2 * ten)
    refused = entry(**later, refunds=True, refund_address=EVM, refusal="refund_not_available: no")
    assert _action(refused)[0] is DeadlineAction.RAISE_ATTENTION
    gone = entry(shown=shown(state=DepositState.GONE), gone_since=NOW)
    assert _action(gone) == (DeadlineAction.EXPIRE, timedelta(hours=24))
    asked = entry(refund=RefundAsked(at=NOW, address=EVM))
    assert _action(asked)[0] is DeadlineAction.RAISE_ATTENTION


def test_a_deposit_that_is_gone_asks_until_it_is_back() -> None:
    state = state_of(entry(shown=shown()))
    gone = DepositNotice(deposit=shown(state=DepositState.GONE))
    assert note_deposit(state, [gone], NOW)
    assert list(state.attentions) == [AttentionReason.DEPOSIT_GONE]
    assert note_deposit(state, [DepositNotice(deposit=shown())], NOW)
    assert (state.attentions, state.address_deposit and state.address_deposit.gone_since) == ({}, None)


def test_news_of_another_deposit_changes_nothing() -> None:
    state = state_of(entry())
    other = DepositNotice(deposit=shown(tx_id="0x" + "ac" * 32))
    assert not note_deposit(state, [other, DepositNotice(deposit=shown(symbol="USDT", asset="0xusdt"))], NOW)


@pytest.mark.parametrize(("policy", "asked"), [({}, [AttentionReason.DEPOSIT_HELD]), ({"refunds": True}, [])])
def test_a_held_deposit_asks_a_person_unless_the_policy_decides(policy: dict[str, Any], asked: list[str]) -> None:
    state = state_of(entry(type="standing", refund_address=EVM, **policy))
    held = HeldDeposit(id="dep_1", status="held", code="standing_route_unavailable")
    assert note_held(state, [held], NOW)
    assert not note_held(state, [held], NOW)
    assert list(state.attentions) == asked


def test_the_proof_is_in_the_attention_for_a_deposit_without_an_order() -> None:
    state = state_of(entry(shown=shown(), indexed_at=NOW))
    raise_without_order(state, NOW)
    message = state.attentions[AttentionReason.DEPOSIT_WITHOUT_ORDER].message
    assert "although it was asked to look for it" in message
    assert all(part in message for part in ("5 USDC (5000000 smallest units)", TX, EVM, "base"))


def test_an_unsure_or_lost_deposit_starts_no_order() -> None:
    states = [DepositState.GONE, DepositState.SEEN, DepositState.CONFIRMED, DepositState.FINAL]
    starts = [reaches_start(shown(state=state), DepositState.CONFIRMED) for state in states]
    assert starts == [False, False, True, True]
