"""The verdict on a deposit, and the proof that is submitted."""

from typing import Any

import pytest

from baton.chains.deposits import Deposit
from baton.orchestra.proofs import DepositProof
from baton.orders.rules.attention import VERDICT_REASONS
from baton.orders.seen_deposits import (
    DepositNotice,
    DepositVerdict,
    SeenDeposit,
    explain,
    open_notice,
    payable,
    proof_of,
    verdict_on,
)
from tests.chains.deposits import CONFIRMED, FINAL, GONE, SEEN, deposit
from tests.orders.states import NOON, quote

AGREED = quote().quote.amount_in


def sighting(told: Deposit, verdict: DepositVerdict = DepositVerdict.EXACT, **fields: Any) -> SeenDeposit:
    held = {"deposit": told, "submit_at": CONFIRMED, "verdict": verdict, "quote_id": "q_1", "first_seen_at": NOON}
    return SeenDeposit(**{**held, **fields})


def verdict(told: Deposit, *others: SeenDeposit) -> DepositVerdict:
    return verdict_on(told, quote().quote, "USDC", list(others))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (AGREED, DepositVerdict.EXACT),
        (AGREED - 1, DepositVerdict.SHORT),
        (AGREED // 100, DepositVerdict.SHORT),
        (AGREED // 100 - 1, DepositVerdict.DUST),
        (0, DepositVerdict.DUST),
        (AGREED + 1, DepositVerdict.OVER),
    ],
)
def test_the_verdict_compares_the_amount_with_the_agreed_one(amount: int, expected: DepositVerdict) -> None:
    assert verdict(deposit(amount=amount)) is expected


@pytest.mark.parametrize("amount", [1, 100_000_000])
def test_another_asset_is_the_wrong_token_whatever_its_amount(amount: int) -> None:
    assert verdict(deposit(symbol="USDT", amount=amount)) is DepositVerdict.WRONG_TOKEN


@pytest.mark.parametrize("amount", [1, 100_000_000])
def test_a_contract_that_nobody_knows_is_an_unknown_token(amount: int) -> None:
    assert verdict(deposit(symbol=None, amount=amount)) is DepositVerdict.UNKNOWN_TOKEN


def test_a_deposit_removed_from_the_chain_is_gone() -> None:
    assert verdict(deposit(state=GONE, symbol=None)) is DepositVerdict.GONE


def test_a_changed_balance_alone_is_unproven() -> None:
    assert verdict(deposit("0xblock", index="balance:0xaddress1")) is DepositVerdict.UNPROVEN


@pytest.mark.parametrize("first", [DepositVerdict.EXACT, DepositVerdict.SHORT, DepositVerdict.OVER])
def test_after_a_deposit_that_pays_every_other_is_a_second_one(first: DepositVerdict) -> None:
    assert verdict(deposit("0xother"), sighting(deposit("0xfirst"), first)) is DepositVerdict.SECOND


@pytest.mark.parametrize("first", sorted(set(DepositVerdict) - {"exact", "short", "over"}))
def test_a_deposit_that_does_not_pay_leaves_room_for_the_next(first: DepositVerdict) -> None:
    assert verdict(deposit("0xother"), sighting(deposit("0xfirst"), first)) is DepositVerdict.EXACT


def test_dust_and_foreign_tokens_are_never_a_second_deposit() -> None:
    first = sighting(deposit("0xfirst"))

    assert verdict(deposit("0xdust", amount=1), first) is DepositVerdict.DUST
    assert verdict(deposit("0xspam", symbol="USDT"), first) is DepositVerdict.WRONG_TOKEN


def test_the_first_deposit_that_pays_is_the_one() -> None:
    dust = sighting(deposit("0xdust"), DepositVerdict.DUST)
    first = sighting(deposit("0xfirst"), DepositVerdict.SHORT)

    assert payable([dust, first, sighting(deposit("0xlater"))]) is first
    assert payable([dust]) is None


@pytest.mark.parametrize(
    ("state", "wanted", "ready"),
    [(SEEN, SEEN, True), (SEEN, CONFIRMED, False), (CONFIRMED, CONFIRMED, True), (CONFIRMED, FINAL, False)],
)
def test_a_deposit_is_ready_once_it_reaches_its_wanted_state(state: str, wanted: str, ready: bool) -> None:
    assert sighting(deposit(state=state), submit_at=wanted).ready is ready


def test_a_removed_deposit_is_never_ready() -> None:
    assert not sighting(deposit(state=GONE), DepositVerdict.GONE, submit_at=SEEN).ready


@pytest.mark.parametrize(
    ("told", "proof"),
    [
        (deposit("0xab"), DepositProof(tx_hash="0xab")),
        (deposit("5sig", chain="solana"), DepositProof(tx_hash="5sig")),
        (deposit("ab", chain="bitcoin", index="3"), DepositProof(bitcoin_txid="ab", bitcoin_vout=3)),
        (
            deposit("id", chain="spark", sender="spark1payer"),
            DepositProof(spark_tx_hash="id", source_spark_address="spark1payer"),
        ),
    ],
    ids=lambda one: one.chain if isinstance(one, Deposit) else "proof",
)
def test_the_proof_has_the_form_of_its_chain(told: Deposit, proof: DepositProof) -> None:
    assert proof_of(told) == proof
    proof.check(told.chain)


@pytest.mark.parametrize("verdict", [DepositVerdict.WRONG_TOKEN, DepositVerdict.SECOND, DepositVerdict.GONE])
def test_the_message_names_amount_asset_and_transaction(verdict: DepositVerdict) -> None:
    told = explain(sighting(deposit(symbol=None), verdict))

    assert all(part in told for part in ("100000000", deposit().asset, "0xdeposit"))


def test_the_reason_of_the_attention_names_the_verdict() -> None:
    assert all(reason == f"{verdict}_deposit" for verdict, reason in VERDICT_REASONS.items())


def test_a_notice_survives_its_signal() -> None:
    notice = DepositNotice(deposit=deposit(amount=2**200), submit_at=FINAL)

    assert open_notice(notice.model_dump(mode="json")) == notice


@pytest.mark.parametrize("raw", [None, 7, "junk", {}, {"deposit": {"chain": "base"}}, {"deposit": None}])
def test_anything_else_is_no_notice(raw: object) -> None:
    assert open_notice(raw) is None


def test_a_notice_with_unknown_fields_is_read() -> None:
    raw = DepositNotice(deposit=deposit()).model_dump(mode="json")

    assert open_notice({**raw, "novelty": 1}) == DepositNotice(deposit=deposit())
    assert open_notice({**raw, "deposit": {**raw["deposit"], "novelty": 1}}) == DepositNotice(deposit=deposit())


def test_a_notice_with_a_text_of_any_length_is_no_notice() -> None:
    notice = DepositNotice(deposit=deposit().model_copy(update={"sender": "s" * 10_000}))

    assert open_notice(notice.model_dump(mode="json")) is None
