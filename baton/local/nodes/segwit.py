"""Writes segwit addresses of version 0; `baton.encoding.bech32` reads them. Pure.

Source: BIP 173.
"""

from collections.abc import Sequence

from baton.encoding import bech32

_WORD = 5


def segwit_address(prefix: str, program: bytes) -> str:
    """Return the address of a witness program of 20 or 32 bytes."""
    words = [0, *_words(program)]
    text = "".join(bech32.CHARSET[word] for word in [*words, *_checksum(prefix, words)])
    return f"{prefix}1{text}"


def _words(data: bytes) -> list[int]:
    length = -(-len(data) * 8 // _WORD)
    joined = int.from_bytes(data, "big") << (length * _WORD - len(data) * 8)
    return [joined >> _WORD * place & 31 for place in reversed(range(length))]


def _checksum(prefix: str, words: Sequence[int]) -> list[int]:
    blank = [0] * bech32.CHECKSUM_LENGTH
    remainder = bech32.polymod([*bech32.expanded(prefix), *words, *blank]) ^ bech32.BECH32
    return [remainder >> _WORD * place & 31 for place in reversed(range(bech32.CHECKSUM_LENGTH))]
