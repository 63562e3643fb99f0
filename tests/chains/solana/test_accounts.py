"""Token accounts are derived as Solana's own library derives them."""

import secrets

import pytest
from solders.pubkey import Pubkey
from solders.token.associated import get_associated_token_address

from baton.chains.solana.accounts import TOKEN_2022_PROGRAM, associated_token_account, is_on_curve, public_key
from baton.encoding.base58 import encode
from tests.chains.solana.node_server import USDC

_KEYS = [bytes(32), b"\xff" * 32, b"\0" + b"\x07" * 31, *(secrets.token_bytes(32) for _ in range(200))]


def test_token_accounts_agree_with_the_library() -> None:
    for key in _KEYS:
        wallet = Pubkey(key)
        expected = get_associated_token_address(wallet, Pubkey.from_string(USDC))
        assert associated_token_account(str(wallet), USDC) == str(expected)


def test_token_accounts_of_the_newer_program_agree_with_the_library() -> None:
    associated = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
    program, mint = Pubkey.from_string(TOKEN_2022_PROGRAM), Pubkey.from_string(USDC)
    for key in _KEYS[:50]:
        expected, _ = Pubkey.find_program_address([key, bytes(program), bytes(mint)], associated)
        assert associated_token_account(encode(key), USDC, TOKEN_2022_PROGRAM) == str(expected)


def test_points_of_the_curve_agree_with_the_library() -> None:
    answers = [is_on_curve(key) for key in _KEYS]
    assert answers == [Pubkey(key).is_on_curve() for key in _KEYS]
    assert True in answers
    assert False in answers


def test_addresses_are_spelled_as_the_library_spells_them() -> None:
    for key in _KEYS:
        assert encode(key) == str(Pubkey(key))
        assert public_key(encode(key)) == key


@pytest.mark.parametrize("text", ["", "0OIl", "1" * 31, "T" * 45])
def test_an_invalid_address_has_no_token_account(text: str) -> None:
    with pytest.raises(ValueError, match="is no Solana address"):
        associated_token_account(text, USDC)
