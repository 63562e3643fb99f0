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

from baton.accounts.tokens import Caller, TokenBook
from baton.pages.seal import Seal, derived_key

LIFETIME = timedelta(hours=12)
"""How long a login counts."""

_VERSION = b"ops1"
_NONCE, _PRINT = 12, 8
_HEAD = struct.Struct(f">{_NONCE}sQ{_PRINT}s")


class OperatorSessions:
    """Opens and reads sessions, and makes the tokens of their forms.

    Args:
        key: The installation's key, random text; empty for one of this process alone, which ends with it.
        tokens: The tokens that may log in.
    """

    def __init__(self, key: str, tokens: TokenBook) -> None:
        secret = key.encode() or secrets.token_bytes(32)
        self._seal = Seal(secret, b"baton operator page", _VERSION)
        self._form_key = derived_key(secret, b"baton operator page forms", 32)
        self._tokens = tokens

    def open(self, name: str, now: datetime) -> str | None:
        """Return the cookie of a new session; None if there is no such token any more."""
        entry = self._tokens.entry(name)
        if entry is None:
            return None
        ends = int((now + LIFETIME).timestamp())
        content = _HEAD.pack(secrets.token_bytes(_NONCE), ends, _print_of(entry.hash)) + name.encode()
        return self._seal.close(content)

    def read(self, cookie: str, now: datetime) -> Caller | None:
        """Return who is logged in; None if the session is over, or its token was removed or replaced."""
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
        return hmac.new(self._form_key, cookie.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def is_form_token(self, cookie: str, token: str) -> bool:
        """Whether a form belongs to a session; it takes the same time for every answer."""
        return hmac.compare_digest(self.form_token(cookie).encode(), token.encode("utf-8", "replace"))


def _print_of(token_hash: str) -> bytes:
    return hashlib.sha256(token_hash.encode()).digest()[:_PRINT]
