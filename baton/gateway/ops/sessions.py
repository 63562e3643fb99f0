"""The session cookie of the operator page: which token logged in, and until when, readable by the gateway alone.

It is sealed with AES-SIV and holds no token. Nothing is stored, so every gateway with the same key knows the session.
Each request looks the token up again: one that was removed or replaced is out at once, and a change of its verbs and
accounts counts at once.
"""

import hashlib
import hmac
import secrets
import struct
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from baton.accounts.tokens import Caller, TokenBook
from baton.pages.seal import RotatingSeal, derived_key, secrets_of
from baton.secret_values import SecretValue

LIFETIME = timedelta(hours=12)
"""How long a login counts."""

_VERSION = b"ops1"
_NONCE, _PRINT = 12, 8
_HEAD = struct.Struct(f">{_NONCE}sQ{_PRINT}s")


class OperatorSessions:
    """Opens and reads sessions, and makes the tokens of their forms.

    Args:
        key: The installation's key, random text; unset for one of this process alone, which ends with it.
        tokens: The tokens that may log in.
    """

    def __init__(self, key: SecretValue, tokens: TokenBook) -> None:
        self._key = key if key.is_set else SecretValue(key.name, secrets.token_urlsafe(32))
        self._seal = RotatingSeal(self._key, b"baton operator page", _VERSION)
        self._tokens = tokens

    def open(self, name: str, now: datetime) -> str | None:
        """Return the cookie of a new session; None if there is no such token any more."""
        entry = self._tokens.entry(name)
        if entry is None:
            return None
        ends = int((now + LIFETIME).timestamp())
        content = _HEAD.pack(secrets.token_bytes(_NONCE), ends, _print_of(entry.hash)) + name.encode()
        self._seal.refresh()
        return self._seal.close(content)

    def read(self, cookie: str, now: datetime) -> Caller | None:
        """Return who is logged in; None if the session is over, or its token was removed or replaced."""
        self._seal.refresh()
        content = self._seal.open(cookie)
        if content is None or len(content) < _HEAD.size:
            return None
        _, ends, mark = _HEAD.unpack_from(content)
        name = content[_HEAD.size :].decode()
        entry = self._tokens.entry(name)
        if entry is None or not hmac.compare_digest(mark, _print_of(entry.hash)):
            return None
        return entry.caller(name) if now < datetime.fromtimestamp(ends, UTC) else None

    def form_token(self, cookie: str) -> str:
        """Return what each form of a session carries, so that no other site can send one."""
        return _form_token(secrets_of(self._key)[0], cookie)

    def is_form_token(self, cookie: str, token: str) -> bool:
        """Whether a form belongs to a session; it takes the same time for every answer."""
        given = token.encode("utf-8", "replace")
        known = [_form_token(secret, cookie).encode() for secret in secrets_of(self._key)]
        return any([hmac.compare_digest(each, given) for each in known])


def _form_token(secret: bytes, cookie: str) -> str:
    return hmac.new(_form_key(secret), cookie.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


@lru_cache(maxsize=8)
def _form_key(secret: bytes) -> bytes:
    return derived_key(secret, b"baton operator page forms", 32)


def _print_of(token_hash: str) -> bytes:
    return hashlib.sha256(token_hash.encode()).digest()[:_PRINT]
