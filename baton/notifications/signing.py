"""Signatures of notifications in the Standard Webhooks scheme. Pure."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
"""What a secret begins with; the rest is base64."""

_BYTES = 32
_FEWEST, _MOST = 24, 64
"""Bytes that the scheme allows for a secret."""


class SecretMalformed(Exception):
    """A secret is none of the Standard Webhooks scheme; the text says what one looks like."""


def new_secret() -> str:
    """Return a new random secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """Return the key that a secret holds.

    Raises:
        SecretMalformed: It is no such secret.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _FEWEST <= len(key) <= _MOST:
        message = f"a secret is {PREFIX} and the base64 of {_FEWEST} to {_MOST} random bytes"
        raise SecretMalformed(f"{message}; `baton endpoint secret` makes one")
    return key


def signed_headers(event_id: str, at: datetime, body: bytes, signing: Iterable[str]) -> dict[str, str]:
    """Return the headers of a notification, with one signature for each secret.

    Args:
        event_id: The event's id, which the receiver uses to ignore repeats.
        at: When this attempt is made.
        body: The exact bytes that are sent.
        signing: The secrets that are valid now.
    """
    seconds = str(int(at.timestamp()))
    signed = b".".join((event_id.encode(), seconds.encode(), body))
    marks = [hmac.new(key_of(secret), signed, hashlib.sha256).digest() for secret in signing]
    signatures = " ".join(f"v1,{base64.b64encode(mark).decode()}" for mark in marks)
    return {"webhook-id": event_id, "webhook-timestamp": seconds, "webhook-signature": signatures}
