"""Base58, and base58check with a checksum: the encoding of Solana, Tron and older Bitcoin addresses. Pure."""

import hashlib

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_LENGTH = 128
"""Characters; decoding a longer text would only cost time."""

_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_CHECKSUM_LENGTH = 4


def decode(text: str) -> bytes | None:
    """Return the bytes in a text; None when it is empty, has other characters, or is longer than `MAX_LENGTH`."""
    if not text or len(text) > MAX_LENGTH or any(char not in _VALUES for char in text):
        return None
    number = 0
    for char in text:
        number = number * 58 + _VALUES[char]
    zeros = len(text) - len(text.lstrip(ALPHABET[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def decode_checked(text: str) -> bytes | None:
    """Return the bytes in a text, without the checksum; None when they cannot be read or the checksum is wrong."""
    decoded = decode(text)
    if decoded is None or len(decoded) <= _CHECKSUM_LENGTH:
        return None
    payload, checksum = decoded[:-_CHECKSUM_LENGTH], decoded[-_CHECKSUM_LENGTH:]
    return payload if _checksum(payload) == checksum else None


def encode(data: bytes) -> str:
    """Return bytes in base58; each leading zero byte is a `1`."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return ALPHABET[0] * (len(data) - len(data.lstrip(b"\0"))) + digits


def encode_checked(payload: bytes) -> str:
    """Return bytes in base58, followed by the checksum that Bitcoin and Tron use."""
    return encode(payload + _checksum(payload))


def _checksum(payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:_CHECKSUM_LENGTH]
