"""The keys that encrypt payloads: several are valid, so that they can be changed while orders run.

A setting or a file lists them as `ID:KEY`, separated by commas or newlines, KEY being 32 bytes in base64. The first one
encrypts and all of them decrypt. A list that begins with `none` writes in clear and still decrypts: that is how
encryption is introduced, and how it is ended.
"""

import base64
import binascii
import logging
import os
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, Self

from baton.errors import BatonError, Unreachable
from baton.file_stamps import stamp_of
from baton.redaction import remember
from baton.setting_values import SettingsError, read_secret
from baton.stale_settings import mark_current, mark_stale

VARIABLE = "BATON_PAYLOAD_KEYS"
FILE_VARIABLE = "BATON_PAYLOAD_KEYS_FILE"
CLEAR = "none"
"""Stands first in a list of keys with which nothing is encrypted yet, or any more."""
KEY_BYTES = 32
ENCODING: Final = b"binary/encrypted"
"""What stands in an encrypted payload's metadata as its encoding."""
KEY_ID: Final = "encryption-key-id"
"""Where its metadata has the id of its key."""
CHECK_INTERVAL = 1.0
"""Seconds between two checks of the file, however many payloads come."""

_MAKE_ONE = "make one with `baton payload-key new ID`"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_log = logging.getLogger(__name__)


class InvalidKeys(BatonError):
    """The list of keys cannot be used; the text names the entry and holds no key."""


class UnreadablePayload(Unreachable):
    """A payload cannot be decrypted here and now: the call is repeated until the keys are right."""


class UnknownKey(UnreadablePayload):
    """A payload was encrypted with a key that this process does not have."""


def unknown_key(key_id: str) -> UnknownKey:
    """Return the error for a payload whose key is not here."""
    return UnknownKey(
        "payload_key_unknown",
        f"a payload in Temporal is encrypted with the key {key_id[:32]!r}, which is not here",
        f"add that key to {VARIABLE} or to the file of {FILE_VARIABLE}",
    )


def _invalid(message: str, remedy: str = _MAKE_ONE) -> InvalidKeys:
    return InvalidKeys("payload_keys_invalid", message, remedy)


class KeyList(NamedTuple):
    """The keys of one moment.

    Attributes:
        writing: Id of the key that encrypts; None if what is written stays in clear.
        keys: All keys by id.
    """

    writing: str | None
    keys: Mapping[str, bytes]


def new_key(key_id: str) -> str:
    """Return an entry with a new random key.

    Raises:
        InvalidKeys: The id cannot be used.
    """
    if key_id == CLEAR or not _ID.fullmatch(key_id):
        raise _invalid(f"the key id {key_id[:40]!r} cannot be used", "use up to 32 of a-z, 0-9, - and _")
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def parse_keys(text: str, where: str) -> KeyList:
    """Return the keys of a list.

    Args:
        text: Entries, separated by commas or newlines; lines that begin with `#` are comments.
        where: The setting or file, for the error.

    Raises:
        InvalidKeys: An entry is wrong, an id stands twice, or there is no key at all.
    """
    lines = [line for line in text.replace("\ufeff", "").splitlines() if not line.lstrip().startswith("#")]
    entries = [entry.strip() for entry in ",".join(lines).split(",") if entry.strip()]
    clear = entries[:1] == [CLEAR]
    keys: dict[str, bytes] = {}
    for position, entry in enumerate(entries[clear:], start=1 + clear):
        key_id, key = _parsed(entry, f"{where}: entry {position}")
        if key_id in keys:
            raise _invalid(f"{where}: the key id {key_id!r} stands twice", "give each key its own id")
        keys[key_id] = key
    if not keys:
        raise _invalid(f"{where} has no key")
    return KeyList(None if clear else next(iter(keys)), keys)


def _parsed(entry: str, where: str) -> tuple[str, bytes]:
    key_id, colon, code = entry.partition(":")
    if not colon or key_id == CLEAR or not _ID.fullmatch(key_id):
        raise _invalid(f"{where} is not of the form ID:KEY")
    remember(code)
    try:
        key = base64.b64decode(code, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise _invalid(
            f"{where}: the key {key_id!r} is not {KEY_BYTES} bytes in base64",
            "make one with `baton payload-key new ID`",
        )
    return key_id, key


class PayloadKeys:
    """The keys as their setting or file has them now.

    A changed file is read again within a second. If it cannot be read then, the keys stay as they were, and one error
    line gives the reason.

    Args:
        text: The list of keys, if it is no file.
        file: The file with the list.

    Raises:
        InvalidKeys: The list cannot be read or used. Later failures only keep the keys as they were.
    """

    def __init__(self, *, text: str = "", file: Path | None = None) -> None:
        self._text = text
        self._file = file
        self._error = ""
        self._stamp = stamp_of(self._file)
        self._list = self._read()
        self._checked_at = time.monotonic()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """Return the keys that the environment names; None if nothing is to be encrypted.

        Raises:
            InvalidKeys: Both variables are set, or the list cannot be used.
        """
        text, file = environment.get(VARIABLE, ""), environment.get(FILE_VARIABLE, "")
        if text and file:
            raise _invalid(f"{VARIABLE} and {FILE_VARIABLE} are both set", "set one of them")
        if not text and not file:
            return None
        return cls(text=text, file=Path(file) if file else None)

    def current(self) -> KeyList:
        """Return the keys of now."""
        now = time.monotonic()
        if self._file is not None and now >= self._checked_at + CHECK_INTERVAL:
            self._checked_at = now
            self._refresh()
        return self._list

    def _refresh(self) -> None:
        stamp = stamp_of(self._file)
        if stamp == self._stamp and not self._error:
            return
        try:
            self._list = self._read()
        except InvalidKeys as error:
            if mark_stale(FILE_VARIABLE, str(error)):
                _log.error("the payload keys stay as they were: %s", error)
            self._error = str(error)
            return
        self._stamp, self._error = stamp, ""
        mark_current(FILE_VARIABLE)
        _log.info("the payload keys have changed: %s", ", ".join(self._list.keys))

    def _read(self) -> KeyList:
        if self._file is None:
            return parse_keys(self._text, VARIABLE)
        try:
            text = read_secret(self._file, FILE_VARIABLE)
        except SettingsError as error:
            raise _invalid(str(error), "correct the file or its permissions") from None
        return parse_keys(text, f"{FILE_VARIABLE} {self._file}")
