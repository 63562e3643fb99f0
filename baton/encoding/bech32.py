"""Bech32 and bech32m, the checksummed encoding of Bitcoin, Lightning and Spark addresses. Pure.

Source: BIP 173 and BIP 350. Invoices are longer than the 90 characters of addresses, so the limit is higher here.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32 = 1
BECH32M = 0x2BC830A3
CHECKSUM_LENGTH = 6
MAX_LENGTH = 4096
"""Characters; decoding a longer text would only cost time."""

_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_VISIBLE = re.compile(r"[!-~]+")
_VALUES = {char: value for value, char in enumerate(CHARSET)}


class Decoded(NamedTuple):
    """The contents of a text with a valid checksum.

    Attributes:
        prefix: The human-readable part, in lower case.
        words: The data as five-bit numbers, without the checksum.
        checksum: `BECH32` or `BECH32M`.
    """

    prefix: str
    words: tuple[int, ...]
    checksum: int


def polymod(values: Iterable[int]) -> int:
    """Return the checksum's remainder over five-bit numbers."""
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            remainder ^= generator if top >> place & 1 else 0
    return remainder


def expanded(prefix: str) -> list[int]:
    """Return the prefix in the form that the checksum covers."""
    return [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]


def decode(text: str) -> Decoded | None:
    """Return the contents of a text.

    None when it is too long, mixes upper and lower case, has other characters, or its checksum is wrong.
    """
    if len(text) > MAX_LENGTH or text not in (text.lower(), text.upper()) or not _VISIBLE.fullmatch(text):
        return None
    prefix, separator, data = text.lower().rpartition("1")
    words = [_VALUES.get(char, -1) for char in data]
    if not separator or not prefix or len(words) < CHECKSUM_LENGTH or -1 in words:
        return None
    checksum = polymod([*expanded(prefix), *words])
    if checksum not in (BECH32, BECH32M):
        return None
    return Decoded(prefix, tuple(words[:-CHECKSUM_LENGTH]), checksum)


def encode(prefix: str, words: Iterable[int], checksum: int) -> str:
    """Return five-bit numbers as text with a checksum.

    Args:
        prefix: The human-readable part, in lower case.
        words: The data as five-bit numbers.
        checksum: `BECH32` or `BECH32M`.
    """
    data = list(words)
    remainder = polymod([*expanded(prefix), *data, *[0] * CHECKSUM_LENGTH]) ^ checksum
    check = [remainder >> 5 * place & 31 for place in reversed(range(CHECKSUM_LENGTH))]
    return prefix + "1" + "".join(CHARSET[word] for word in [*data, *check])


def to_words(data: bytes) -> list[int]:
    """Return bytes as five-bit numbers, padded with zeros."""
    padding = -len(data) * 8 % 5
    number, count = int.from_bytes(data, "big") << padding, (len(data) * 8 + padding) // 5
    return [number >> 5 * place & 31 for place in reversed(range(count))]


def to_bytes(words: Sequence[int]) -> bytes | None:
    """Return five-bit numbers as bytes; None when the padding is too long or not zero."""
    joined = 0
    for word in words:
        joined = joined << 5 | word
    padding = len(words) * 5 % 8
    if padding >= 5 or joined & ((1 << padding) - 1):
        return None
    return (joined >> padding).to_bytes(len(words) * 5 // 8, "big")
