"""A secret setting as it is now: `NAME` holds it, or the file that `NAME_FILE` names, which is read again on change.

A file that changed and cannot be used leaves the secret as it was; the log says so once for each reason, and the next
check tries again. A file is another one, too, when a link on its way was set to another folder, as Kubernetes does.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from baton.file_stamps import stamp_of
from baton.redaction import remember
from baton.setting_values import SettingsError, read_secret
from baton.stale_settings import mark_current, mark_stale

CHECK_INTERVAL = 1.0
"""Seconds between two checks of a file, however often its secret is needed."""

Check = Callable[[str], None]
"""Raises `SettingsError` for a secret that cannot be used."""

_log = logging.getLogger(__name__)


def _accept(_: str) -> None:
    return None


class SecretValue:
    """The secret of one setting.

    Args:
        name: The setting, such as `BATON_PAGE_KEY`.
        given: The secret itself; empty if it is not set.
        file: The file with the secret, instead of `given`.
        check: Refuses secrets that cannot be used.
        pause: Minimum seconds between two checks of the file.

    Raises:
        SettingsError: Both are given, or the secret cannot be read or used; the text names setting and file. Later
            failures only keep the secret as it was.
    """

    def __init__(
        self,
        name: str,
        given: str = "",
        file: Path | None = None,
        *,
        check: Check = _accept,
        pause: float = CHECK_INTERVAL,
    ) -> None:
        if given and file is not None:
            raise SettingsError(f"{name} and {name}_FILE: give one of them, not both")
        self.name = name
        self._given = given
        self._file = file
        self._check = check
        self._pause = pause
        self._is_stale = False
        self._stamp = stamp_of(file)
        self._value = self._read()
        self._checked_at = time.monotonic()

    def __repr__(self) -> str:
        """Name the setting, and never its secret."""
        return f"SecretValue({self.name!r})"

    @property
    def is_set(self) -> bool:
        """Whether there is a secret."""
        return bool(self._value)

    def current(self, *, now: bool = False) -> str:
        """Return the secret of now, empty if there is none; with `now` the file is checked however short ago it was."""
        if self._file is not None and (now or time.monotonic() >= self._checked_at + self._pause):
            self._checked_at = time.monotonic()
            self._refresh()
        return self._value

    def _refresh(self) -> None:
        stamp = stamp_of(self._file)
        if stamp == self._stamp and not self._is_stale:
            return
        try:
            value = self._read()
        except SettingsError as error:
            self._is_stale = True
            if mark_stale(self.name, str(error)):
                _log.error("%s stays as it was: %s", self.name, error)
            return
        # The stamp from before the reading: a file that changed meanwhile is read again.
        self._stamp, self._is_stale = stamp, False
        mark_current(self.name)
        if value != self._value:
            self._value = value
            _log.info("%s has changed", self.name)

    def _read(self) -> str:
        value = self._given if self._file is None else read_secret(self._file, f"{self.name}_FILE")
        remember(value)
        if value:
            self._check(value)
        return value


def one_line(name: str, value: str) -> None:
    """Refuse a secret of several lines, which no header and no login can hold.

    Raises:
        SettingsError: It has several; the text names the setting.
    """
    if len(value.splitlines()) > 1:
        raise SettingsError(f"{name}: holds more than one line; write the secret alone")
