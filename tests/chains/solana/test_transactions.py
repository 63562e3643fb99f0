"""What an owner received is the difference of balances; instructions do not matter."""

from typing import Any

import pytest
from pydantic import ValidationError

from baton.chains.deposits import NATIVE
from baton.chains.solana.transactions import SolanaReceived, SolanaTransaction, received_by
from tests.chains.solana.node_server import PAYER, USDC, account_of, owner, tokens, transaction, usdc_payment

MINE, OTHER, ROUTER = owner(1), owner(2), owner(3)
SECOND = account_of(OTHER, MINE)  # any account that is not the associated one


def received(body: dict[str, Any], to: str = MINE) -> list[SolanaReceived]:
    return received_by(to, SolanaTransaction.model_validate(body))


def test_a_token_payment_has_its_account_and_sender() -> None:
    assert received(usdc_payment(MINE, 5_000_000)) == [SolanaReceived(USDC, account_of(MINE), 5_000_000, PAYER)]


def test_the_sender_receives_nothing() -> None:
    assert received(usdc_payment(MINE, 5_000_000), PAYER) == []


def test_a_first_payment_to_a_new_account_counts_in_full() -> None:
    body = transaction(
        [PAYER, account_of(PAYER), account_of(MINE)],
        before=[10**9, 2_039_280, 0],
        after=[10**9 - 2_044_280, 2_039_280, 2_039_280],
        tokens_before=[tokens(1, PAYER, 7)],
        tokens_after=[tokens(1, PAYER, 0), tokens(2, MINE, 7)],
    )
    assert received(body) == [SolanaReceived(USDC, account_of(MINE), 7, PAYER)]


def test_a_payment_through_programs_and_in_parts_counts_as_one() -> None:
    body = transaction(
        [PAYER, account_of(PAYER), account_of(ROUTER), account_of(MINE), SECOND],
        tokens_before=[tokens(1, PAYER, 100), tokens(2, ROUTER, 50), tokens(3, MINE, 1), tokens(4, MINE, 0)],
        tokens_after=[tokens(1, PAYER, 10), tokens(2, ROUTER, 52), tokens(3, MINE, 61), tokens(4, MINE, 28)],
    )
    assert received(body) == [SolanaReceived(USDC, account_of(MINE), 88, PAYER)]


def test_several_tokens_are_several_deposits() -> None:
    body = transaction(
        [PAYER, account_of(MINE), account_of(MINE, OTHER)],
        tokens_before=[],
        tokens_after=[tokens(1, MINE, 5), tokens(2, MINE, 9, OTHER)],
    )
    assert {(entry.asset, entry.amount, entry.sender) for entry in received(body)} == {
        (USDC, 5, None),
        (OTHER, 9, None),
    }


def test_a_move_between_own_accounts_is_no_deposit() -> None:
    body = transaction(
        [PAYER, account_of(MINE), SECOND],
        tokens_before=[tokens(1, MINE, 5), tokens(2, MINE, 0)],
        tokens_after=[tokens(1, MINE, 0), tokens(2, MINE, 5)],
    )
    assert received(body) == []


def test_a_token_account_that_changes_owner_brings_its_balance() -> None:
    body = transaction([PAYER, SECOND], tokens_before=[tokens(1, PAYER, 5)], tokens_after=[tokens(1, MINE, 5)])
    assert received(body) == [SolanaReceived(USDC, SECOND, 5, PAYER)]


def test_a_failed_transaction_is_no_deposit() -> None:
    failed = usdc_payment(MINE, 5) | {}
    failed["meta"]["err"] = {"InstructionError": [0, {"Custom": 1}]}
    assert received(failed) == []


def test_lamports_are_reported_without_the_payers_fee() -> None:
    body = transaction([PAYER, OTHER, MINE], before=[9_000, 700, 1], after=[4_000, 0, 701])
    assert received(body) == [SolanaReceived(NATIVE, NATIVE, 700, OTHER)]


def test_rent_returned_from_an_own_token_account_is_no_deposit() -> None:
    body = transaction(
        [PAYER, account_of(MINE), MINE],
        before=[9_000, 2_039_280, 10],
        after=[4_000, 0, 2_039_290],
        tokens_before=[tokens(1, MINE, 0)],
    )
    assert received(body) == []


def test_rent_returned_from_a_payers_token_account_is_a_deposit() -> None:
    body = transaction(
        [PAYER, account_of(PAYER), MINE],
        before=[9_000, 2_039_280, 10],
        after=[4_000, 0, 2_039_290],
        tokens_before=[tokens(1, PAYER, 0)],
    )
    assert received(body) == [SolanaReceived(NATIVE, NATIVE, 2_039_280, account_of(PAYER))]


def test_a_transaction_that_only_names_the_address_is_no_deposit() -> None:
    assert received(transaction([PAYER, MINE], before=[9_000, 5], after=[4_000, 5])) == []


def test_balances_without_owner_or_tokens_are_accepted() -> None:
    old = transaction([PAYER, SECOND], tokens_before=[tokens(1, None, 5)], tokens_after=[tokens(1, None, 9)])
    assert received(old) == []
    none = transaction([PAYER, MINE], before=[9_000, 0], after=[3_000, 1_000])
    none["meta"] |= {"preTokenBalances": None, "postTokenBalances": None}
    assert received(none) == [SolanaReceived(NATIVE, NATIVE, 1_000, PAYER)]


@pytest.mark.parametrize(
    "broken",
    [
        transaction([PAYER, MINE], before=[1], after=[1, 2]),
        transaction([PAYER], tokens_after=[tokens(4, MINE, 1)]),
        usdc_payment(MINE, 5) | {"meta": None},
    ],
)
def test_inconsistent_balances_are_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SolanaTransaction.model_validate(broken)
