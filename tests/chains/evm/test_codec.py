"""Spellings of addresses and numbers on EVM chains."""

from baton.chains.evm.codec import EvmCodec, address_in, number_in


def test_words_without_an_address_or_number_are_none() -> None:
    assert address_in("0x" + "ff" * 32) is None
    assert address_in("0x" + "00" * 20) is None
    assert number_in("0x1") is None


def test_an_address_is_compared_in_lower_case_and_shown_in_capitals() -> None:
    spelled = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    codec = EvmCodec()
    assert codec.encode(spelled) == codec.encode(spelled.lower()) == spelled.lower()
    assert codec.decode(spelled.lower()) == spelled
    assert codec.encode("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t") is None
