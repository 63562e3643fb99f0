"""The bearer tokens of the order API: who may do what, for which partner accounts.

Tokens are in a TOML file, of which each table has the hash of one token and never the token itself:

    [tokens.shop]
    hash = "sha256:..."
    accounts = ["default"]
    verbs = ["read", "place", "report"]

The file is read again when it changes, so that a token is revoked by deleting its table. If it cannot be read then, the
tokens stay as they were, and one error line gives the reason.
"""

import hashlib
import hmac
import secrets
import time
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from baton.errors import BatonError
from baton.file_stamps import stamp_of
from baton.process.logs import get_logger
from baton.secret_values import SecretValue, one_line
from baton.settings import ACCOUNT_NAME, Settings, SettingsError
from baton.stale_settings import mark_current, mark_stale

CHECK_INTERVAL = 1.0
"""Seconds between two checks of the file, however many requests come."""

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
ALL = "*"
"""Stands for all accounts, and for all verbs."""

SETTING = "BATON_TOKENS_FILE"

_PREFIX = "baton_"
_DEFAULT = "default"
"""The name of `BATON_API_TOKEN`."""
_SHORTEST = 20
"""Characters of `BATON_API_TOKEN`: a shorter token could be found by trying."""
_log = get_logger(__name__)


class Verb(StrEnum):
    """What a token may do."""

    READ = "read"
    PLACE = "place"
    REPORT = "report"
    DECIDE = "decide"
    OPERATE = "operate"
    """Cancel, refresh and resolve orders; hold and release them; create and disable addresses, links and affiliates."""
    NOTIFY = "notify"
    """Change the endpoints of notifications, and deliver events again."""


class Unauthenticated(BatonError):
    """A request has no token, or one that is not known."""


class Forbidden(BatonError):
    """A token does not cover what was asked with it."""


class Caller(BaseModel):
    """Who calls, by the name of the token, and what the token covers."""

    model_config = ConfigDict(frozen=True)

    name: str
    accounts: frozenset[str]
    verbs: frozenset[str]

    def sees(self, account: str) -> bool:
        """Whether the token covers a partner account."""
        return ALL in self.accounts or account in self.accounts

    @property
    def own_accounts(self) -> list[str] | None:
        """The accounts that the token covers, sorted; None for all."""
        return None if ALL in self.accounts else sorted(self.accounts)

    @property
    def usual_account(self) -> str:
        """The account of a request that names none: the token's only one, else `default`."""
        accounts = self.own_accounts or []
        return accounts[0] if len(accounts) == 1 else "default"

    def require(self, verb: Verb) -> None:
        """Make sure that the token has a verb.

        Raises:
            Forbidden: It has not.
        """
        if not self.verbs & {verb, ALL}:
            remedy = f"use another token, or add the verb to [tokens.{self.name}]"
            raise Forbidden("verb_not_allowed", f"the token {self.name} does not have the verb {verb}", remedy)

    def require_account(self, account: str) -> None:
        """Make sure that the token covers a partner account; whether that account exists stays open.

        Raises:
            Forbidden: It does not.
        """
        if not self.sees(account):
            remedy = f"use another token, or add the account to [tokens.{self.name}]"
            message = f"the token {self.name} does not cover the account {account[:64]!a}"
            raise Forbidden("account_not_allowed", message, remedy)


class TokenEntry(BaseModel):
    """One table of the tokens file."""

    model_config = ConfigDict(extra="forbid")

    hash: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
    accounts: list[Annotated[str, StringConstraints(pattern=rf"{ACCOUNT_NAME}|^\*$")]] = Field(min_length=1)
    verbs: list[Annotated[str, StringConstraints(pattern=rf"^({'|'.join(Verb)}|\*)$")]] = Field(min_length=1)

    def caller(self, name: str) -> Caller:
        """Return the caller that this token stands for."""
        return Caller(name=name, accounts=frozenset(self.accounts), verbs=frozenset(self.verbs))


Entries = Mapping[str, TokenEntry]


class TokenBook:
    """The tokens as the settings have them now.

    Args:
        file: The tokens file; None if there is none.
        required: Whether the file must exist; without that, a missing file has no tokens.
        own: Tokens that are not in the file, by name.
        api_token: The token of `BATON_API_TOKEN`, named `default`, with all verbs for all accounts.
        pause: Minimum seconds between two checks of the file.

    Raises:
        SettingsError: The tokens cannot be read. Later failures only keep them as they were.
    """

    def __init__(
        self,
        file: Path | None = None,
        *,
        required: bool = True,
        own: Entries | None = None,
        api_token: SecretValue | None = None,
        pause: float = CHECK_INTERVAL,
    ) -> None:
        self._file = file
        self._required = required
        self._own = dict(own or {})
        self._api_token = api_token or SecretValue("BATON_API_TOKEN")
        self._pause = pause
        self._error = ""
        self._stamp = stamp_of(file)
        self._entries = self._read()
        self._checked_at = time.monotonic()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the tokens that the settings name.

        Raises:
            SettingsError: The tokens cannot be read, or `BATON_API_TOKEN` is too short.
        """
        token = settings.secret("api_token", check=_refuse_short)
        return cls(settings.tokens, required=settings.tokens_file is not None, api_token=token)

    def authenticate(self, header: str | None) -> Caller:
        """Return who calls, from the header `Authorization`.

        Raises:
            Unauthenticated: There is no such token. Every token takes the same time to refuse.
        """
        entries = self._current()
        scheme, _, token = (header or "").strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("token_missing", "the request has no token", self._how_to_call())
        presented, found = hash_of(token.strip()), None
        for name, entry in entries.items():
            if hmac.compare_digest(presented, entry.hash):
                found = entry.caller(name)
        if found is None:
            raise Unauthenticated("token_unknown", "the token is not known", self._how_to_call())
        return found

    def entry(self, name: str) -> TokenEntry | None:
        """Return the entry of a token; None if there is none of that name now."""
        return self._current().get(name)

    def names(self) -> list[str]:
        """Return the names of all tokens."""
        return sorted(self._current())

    def _current(self) -> Entries:
        self._refresh_if_changed()
        return {**self._entries, **self._environment_entry()}

    def _environment_entry(self) -> Entries:
        token = self._api_token.current()
        return {_DEFAULT: _entry_of(token)} if token else {}

    def _how_to_call(self) -> str:
        if self._current():
            return "send the header `Authorization: Bearer TOKEN`"
        return "make a token with `baton token new NAME`, and send the header `Authorization: Bearer TOKEN`"

    def _refresh_if_changed(self) -> None:
        now = time.monotonic()
        if now < self._checked_at + self._pause:
            return
        self._checked_at = now
        stamp = stamp_of(self._file)
        if stamp == self._stamp and not self._error:
            return
        try:
            self._entries = self._read()
        except SettingsError as error:
            if mark_stale(SETTING, str(error)):
                _log.error(f"the API tokens stay as they were: {error}", tokens=sorted(self._entries))
            self._error = str(error)
            return
        # The stamp from before the reading: a file that changed meanwhile is read again.
        self._stamp, self._error = stamp, ""
        mark_current(SETTING)
        _log.info("the API tokens have changed", tokens=sorted(self._entries))

    def _read(self) -> dict[str, TokenEntry]:
        if self._file is None or not (self._required or _is_there(self._file)):
            return dict(self._own)
        entries = read_tokens(self._file)
        if self._api_token.is_set and _DEFAULT in entries:
            raise SettingsError(f"{self._file}: tokens.{_DEFAULT} is the name of BATON_API_TOKEN; rename it")
        return entries | self._own


def read_tokens(file: Path) -> dict[str, TokenEntry]:
    """Return the entries of a tokens file by name.

    Raises:
        SettingsError: It cannot be read, or an entry is wrong; the text names the entry and contains no hash.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        remedy = "; make it with `baton token new NAME`" if isinstance(error, FileNotFoundError) else ""
        raise SettingsError(f"BATON_TOKENS_FILE {file}: cannot be read: {reason}{remedy}") from None
    tables = document.get("tokens", {})
    if not isinstance(tables, dict):
        raise SettingsError(f"BATON_TOKENS_FILE {file}: contains no [tokens.NAME] table")
    return {name: _entry(file, name, table) for name, table in tables.items()}


def _entry(file: Path, name: str, table: Any) -> TokenEntry:
    try:
        return TokenEntry.model_validate(table)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise SettingsError(f"BATON_TOKENS_FILE {file}: tokens.{name}: {faults}") from None


def new_token() -> str:
    """Return a new token: 256 random bits, with a prefix by which scanners of leaked secrets know it."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what the tokens file keeps of a token. A token is random, so a plain hash of it cannot be reversed."""
    return f"sha256:{hashlib.sha256(token.encode('utf-8', 'surrogatepass')).hexdigest()}"


@lru_cache(maxsize=4)
def _entry_of(token: str) -> TokenEntry:
    return TokenEntry(hash=hash_of(token), accounts=[ALL], verbs=[ALL])


def _refuse_short(name: str, token: str) -> None:
    one_line(name, token)
    if len(token) < _SHORTEST:
        raise SettingsError(f"{name}: has less than {_SHORTEST} characters; make one: openssl rand -hex 32")


def _is_there(file: Path) -> bool:
    """Whether there is a file; one whose folder cannot be entered is none, and the ledger says why nothing is read."""
    try:
        return file.exists()
    except OSError:
        return False
