"""Writes addresses as wallets do, independently of the code under test."""

import hashlib
from collections.abc import Iterable

from baton.encoding import base58, bech32


def words_of(data: bytes) -> list[int]:
    """Return bytes as five-bit numbers, padded with zeros."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[start : start + 5], 2) for start in range(0, len(bits), 5)]


def bech32_text(prefix: str, words: Iterable[int], checksum: int) -> str:
    data = list(words)
    remainder = bech32.polymod([*bech32.expanded(prefix), *data, *[0] * 6]) ^ checksum
    check = [remainder >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + "1" + "".join(bech32.CHARSET[word] for word in [*data, *check])


def base58_text(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = base58.ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base58check_text(payload: bytes) -> str:
    return base58_text(payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4])


def invoice(prefix: str = "lnbc", words: int = 120, checksum: int = bech32.BECH32) -> str:
    return bech32_text(prefix, [1] * words, checksum)


def spark(prefix: str = "spark", key: bytes = b"\x02" + b"\x11" * 32, checksum: int = bech32.BECH32M) -> str:
    return bech32_text(prefix, words_of(b"\x0a\x21" + key), checksum)


def segwit(version: int, program: bytes, prefix: str = "bc", checksum: int | None = None) -> str:
    fitting = bech32.BECH32M if version else bech32.BECH32
    return bech32_text(prefix, [version, *words_of(program)], fitting if checksum is None else checksum)
