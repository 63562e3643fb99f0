"""The encodings of addresses are read as their standards define them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.encoding import base58, bech32, keccak
from tests.encoding.spelling import base58_text, base58check_text, bech32_text, words_of

PREFIXES = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)


@given(st.binary(max_size=600))
def test_with_the_padding_of_sha3_the_digest_is_that_of_sha3(data: bytes) -> None:
    assert keccak.digest(data, keccak.SHA3) == hashlib.sha3_256(data).digest()


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        (b"Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"),
    ],
)
def test_by_default_the_digest_is_that_of_ethereum(data: bytes, digest: str) -> None:
    assert keccak.digest(data).hex() == digest


@given(PREFIXES, st.binary(max_size=60), st.sampled_from([bech32.BECH32, bech32.BECH32M]), st.booleans())
def test_bech32_reads_back_in_either_case(prefix: str, data: bytes, checksum: int, upper: bool) -> None:
    text = bech32_text(prefix, words_of(data), checksum)
    decoded = bech32.decode(text.upper() if upper else text)
    assert decoded == (prefix, tuple(words_of(data)), checksum)
    assert decoded is not None
    assert bech32.to_bytes(decoded.words) == data


@given(PREFIXES, st.binary(min_size=1, max_size=40), st.data())
def test_one_mistyped_character_never_passes_bech32(prefix: str, data: bytes, draw: st.DataObject) -> None:
    text = bech32_text(prefix, words_of(data), bech32.BECH32M)
    place = draw.draw(st.integers(len(prefix) + 1, len(text) - 1))
    other = draw.draw(st.sampled_from([char for char in bech32.CHARSET if char != text[place]]))
    assert bech32.decode(text[:place] + other + text[place + 1 :]) is None


@pytest.mark.parametrize(
    "text",
    [
        "A1LQFN3A",
        "a1lqfn3a",
        "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
        "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
        "?1v759aa",
    ],
)
def test_the_published_bech32m_texts_read(text: str) -> None:
    decoded = bech32.decode(text)
    assert decoded is not None
    assert decoded.checksum == bech32.BECH32M


@pytest.mark.parametrize(
    "text",
    ["", "1", "abc", "bc1", "1lqfn3a", "a1Lqfn3a", "a1lqfn3b", "bc1qé", "bc1b" + "q" * 20, "q" * 5000],
)
def test_text_that_is_not_bech32_reads_as_none(text: str) -> None:
    assert bech32.decode(text) is None


@pytest.mark.parametrize("prefix", ["", " ", "a b", "\x7f", "\x00", "é"])
def test_a_prefix_with_invisible_characters_reads_as_none(prefix: str) -> None:
    assert bech32.decode(bech32_text(prefix, [1, 2, 3], bech32.BECH32)) is None


def test_bech32_above_the_maximum_length_reads_as_none() -> None:
    longest = bech32_text("a", [0] * (bech32.MAX_LENGTH - 8), bech32.BECH32)
    assert len(longest) == bech32.MAX_LENGTH
    assert bech32.decode(longest) is not None
    assert bech32.decode(bech32_text("a", [0] * (bech32.MAX_LENGTH - 7), bech32.BECH32)) is None


@pytest.mark.parametrize("words", [[1], [0], [0, 1], [31, 31], [0] * 9])
def test_padding_that_is_long_or_not_zero_reads_as_none(words: list[int]) -> None:
    assert bech32.to_bytes(words) is None


@given(st.binary(min_size=1, max_size=60))
def test_base58_reads_back(data: bytes) -> None:
    assert base58.decode(base58_text(data)) == data
    assert base58.decode_checked(base58check_text(data)) == data


@pytest.mark.parametrize("text", ["", "0", "O", "I", "l", "abc def", "é", "1" * 129])
def test_text_that_is_not_base58_reads_as_none(text: str) -> None:
    assert base58.decode(text) is None
    assert base58.decode_checked(text) is None


def test_base58_of_the_maximum_length_reads() -> None:
    assert base58.decode("1" * base58.MAX_LENGTH) == bytes(base58.MAX_LENGTH)


def test_a_checksum_without_a_payload_reads_as_none() -> None:
    assert base58.decode_checked(base58check_text(b"")) is None


@pytest.mark.parametrize("text", ["1", "1111", "11111"])
def test_a_text_shorter_than_its_checksum_reads_as_none(text: str) -> None:
    assert base58.decode_checked(text) is None
