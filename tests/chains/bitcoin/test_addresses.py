"""Bitcoin addresses: validity agrees with a wallet library, and segwit addresses compare without their case."""

import bdkpython as bdk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.chains.bitcoin.outputs import by_address, canonical
from baton.chains.deposits import Watch
from baton.encoding.addresses import address_objection
from tests.chains.bitcoin.esplora_server import ADDRESS, NOW, OTHER, PAYER

TAPROOT = "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
SCRIPT = "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"
KNOWN = (ADDRESS, OTHER, PAYER, TAPROOT, SCRIPT)
_LETTERS = "023456789abcdefghjklmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ1bio"


def _is_valid(address: str) -> bool:
    try:
        bdk.Address(address, bdk.Network.BITCOIN)
    except bdk.AddressParseError:
        return False
    return True


@pytest.mark.parametrize("address", KNOWN)
def test_known_addresses_are_valid_for_the_wallet_library_and_for_us(address: str) -> None:
    assert _is_valid(address)
    assert address_objection("bitcoin", address) is None


@given(st.sampled_from(KNOWN), st.integers(0, 61), st.sampled_from(_LETTERS))
@settings(max_examples=400, deadline=None)
def test_a_changed_character_is_judged_as_the_wallet_library_does(address: str, place: int, letter: str) -> None:
    place %= len(address)
    changed = address[:place] + letter + address[place + 1 :]
    assert (address_objection("bitcoin", changed) is None) == _is_valid(changed)


@pytest.mark.parametrize("address", [ADDRESS, OTHER, TAPROOT])
def test_a_segwit_address_is_the_same_in_capitals(address: str) -> None:
    assert canonical(address.upper()) == canonical(address) == address
    assert bdk.Address(address.upper(), bdk.Network.BITCOIN).to_qr_uri().lower().endswith(address)


@pytest.mark.parametrize("address", [PAYER, SCRIPT])
def test_capitals_matter_in_an_older_address(address: str) -> None:
    assert canonical(address) == address


def test_an_address_watched_twice_keeps_first_spelling_and_earliest_time() -> None:
    early = NOW.replace(hour=1)
    wanted = by_address([Watch(address=ADDRESS.upper(), since=NOW), Watch(address=ADDRESS, since=early)])
    assert wanted == {ADDRESS: Watch(address=ADDRESS.upper(), since=early)}
