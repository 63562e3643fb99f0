"""The token of a payer page's address: which order it shows and until when, readable by the gateway alone.

It is sealed with AES-SIV under a key of the installation: nobody can make or change one, the same order has the same
token for a day, and its length hardly depends on the reference. Nothing is stored, so every gateway with the key can
serve every page.
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from baton.pages.seal import RotatingSeal
from baton.secret_values import SecretValue

SHORTEST_KEY = 32
"""Characters of the key: what a random generator gives, not a word."""

_VERSION = b"pay1"
_PADDED = 32
"""Bytes; a token's length is a multiple of this, apart from the seal."""
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


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

    def __init__(self, key: SecretValue, days: int) -> None:
        self._seal = RotatingSeal(key, b"baton payer page", _VERSION)
        self._days = days

    def refresh(self) -> None:
        """Use the keys of now from here on."""
        self._seal.refresh()

    def make(self, order: PageOrder, now: datetime) -> str:
        """Return the token of an order; it is good for some days from now."""
        ends = (now - _EPOCH) // timedelta(days=1) + self._days + 1
        text = f"{order.account}/{order.reference}".encode()
        content = struct.pack(">HB", ends, len(text)) + text
        return self._seal.close(content + bytes(-len(content) % _PADDED))

    def read(self, token: str, now: datetime) -> PageOrder | None:
        """Return the order of a token; None if it was not made here or is no longer good."""
        self.refresh()
        content = self._seal.open(token)
        if content is None:
            return None
        ends, length = struct.unpack_from(">HB", content)
        if now >= _EPOCH + timedelta(days=ends):
            return None
        account, _, reference = content[3 : 3 + length].decode().partition("/")
        return PageOrder(account, reference)
