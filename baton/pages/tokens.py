"""The token of a payer page's address: which order it shows and until when, readable by the gateway alone.

It is sealed with AES-SIV under a key of the installation: nobody can make or change one, the same order has the same
token for a day, and its length hardly depends on the reference. Nothing is stored, so every gateway with the key can
serve every page.
"""

import base64
import binascii
import struct
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_KEY = 32
"""Characters of the key: what a random generator gives, not a word."""

_VERSION = b"pay1"
_PADDED = 32
"""Bytes; a token's length is a multiple of this, apart from the seal."""
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_LONGEST_TOKEN = 400


class PageOrder(NamedTuple):
    """The order that a page shows."""

    account: str
    reference: str


class PageTokens:
    """Makes and reads tokens.

    Args:
        key: The installation's key, random text.
        days: How many days a token is good for.
    """

    def __init__(self, key: str, days: int) -> None:
        derived = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"baton payer page").derive(key.encode())
        self._cipher = AESSIV(derived)
        self._days = days

    def make(self, order: PageOrder, now: datetime) -> str:
        """Return the token of an order; it is good for some days from now."""
        ends = (now - _EPOCH) // timedelta(days=1) + self._days + 1
        text = f"{order.account}/{order.reference}".encode()
        content = struct.pack(">HB", ends, len(text)) + text
        padded = content + bytes(-len(content) % _PADDED)
        return base64.urlsafe_b64encode(self._cipher.encrypt(padded, [_VERSION])).decode().rstrip("=")

    def read(self, token: str, now: datetime) -> PageOrder | None:
        """Return the order of a token; None if it was not made here or is no longer good."""
        content = self._opened(token)
        if content is None:
            return None
        ends, length = struct.unpack_from(">HB", content)
        if now >= _EPOCH + timedelta(days=ends):
            return None
        account, _, reference = content[3 : 3 + length].decode().partition("/")
        return PageOrder(account, reference)

    def _opened(self, token: str) -> bytes | None:
        if not 40 <= len(token) <= _LONGEST_TOKEN:
            return None
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            return self._cipher.decrypt(sealed, [_VERSION])
        except (binascii.Error, ValueError, InvalidTag):
            return None
