"""Seals short contents into text with AES-SIV: only who has the key can make, read or change one."""

import base64
import binascii
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from baton.secret_values import SecretValue

_SHORTEST, _LONGEST = 40, 400
"""Characters of a sealed text."""


class Seal:
    """Seals for one purpose.

    Args:
        secret: The installation's key.
        purpose: What is sealed; each purpose has a derived key of its own.
        version: The version of the contents; what another one sealed cannot be read.
    """

    def __init__(self, secret: bytes, purpose: bytes, version: bytes) -> None:
        self._cipher = AESSIV(derived_key(secret, purpose, 64))
        self._version = version

    def close(self, content: bytes) -> str:
        """Return the content, sealed; the same content has the same seal."""
        return base64.urlsafe_b64encode(self._cipher.encrypt(content, [self._version])).decode().rstrip("=")

    def open(self, text: str) -> bytes | None:
        """Return the content of a sealed text; None if it was not sealed here."""
        if not _SHORTEST <= len(text) <= _LONGEST:
            return None
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            return self._cipher.decrypt(sealed, [self._version])
        except (binascii.Error, ValueError, InvalidTag):
            return None


class RotatingSeal:
    """Seals with the installation's key of now, and opens what its older keys sealed, as long as they are kept.

    Args:
        key: The key; while it is rotated several of them, one a line, the newest first.
        purpose: As for `Seal`.
        version: As for `Seal`.
    """

    def __init__(self, key: SecretValue, purpose: bytes, version: bytes) -> None:
        self._key = key
        self._purpose = purpose
        self._version = version
        self._secrets: Sequence[bytes] = ()
        self._seals: Sequence[Seal] = ()
        self.refresh()

    def refresh(self) -> None:
        """Use the keys of now from here on; nothing else looks at their file, so that a workflow may seal."""
        found = secrets_of(self._key)
        if found != self._secrets:
            self._secrets, self._seals = found, [Seal(secret, self._purpose, self._version) for secret in found]

    def close(self, content: bytes) -> str:
        """Return the content, sealed with the newest key; the same content has the same seal."""
        return self._seals[0].close(content)

    def open(self, text: str) -> bytes | None:
        """Return the content of a sealed text; None if none of the keys sealed it."""
        opened = (seal.open(text) for seal in self._seals)
        return next((content for content in opened if content is not None), None)


def secrets_of(key: SecretValue) -> list[bytes]:
    """Return the keys of now, the newest first."""
    return [line.strip().encode() for line in key.current().splitlines() if line.strip()]


def derived_key(secret: bytes, purpose: bytes, length: int) -> bytes:
    """Return the key of one purpose, of so many bytes."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose).derive(secret)
