"""Base58, with and without a checksum."""

from hypothesis import given
from hypothesis import strategies as st

from baton.encoding import base58
from baton.encoding.base58 import encode, encode_checked


@given(st.binary(max_size=40))
def test_base58_survives_encoding_and_decoding(data: bytes) -> None:
    assert base58.decode(encode(data)) == (data or None)
    assert base58.decode_checked(encode_checked(data)) == (data if data else None)
