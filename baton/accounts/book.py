"""The partner accounts as they stand now: read at the start, and again whenever their files change.

So a key is rotated, an account added or a budget changed without a restart. What cannot be read changes nothing: the
accounts stay as they were, one error line says why, and the next look tries again.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from baton.process.logs import get_logger
from baton.settings import ENV_FILE, PartnerAccount, Settings, SettingsError, load_accounts

LOOK_PAUSE = 1.0
"""Seconds between two looks at the files, however often the accounts are asked for."""

Stamps = dict[Path, tuple[int, int, int] | None]
_log = get_logger(__name__)


def _accept(_: PartnerAccount) -> None:
    return None


class AccountBook(Mapping[str, PartnerAccount]):
    """The accounts by name. Asking for one looks at the files first, at most once in `pause` seconds.

    Args:
        settings: Where the accounts stand.
        check: What else an account must satisfy; raises `SettingsError` where it does not.
        pause: Seconds between two looks.

    Raises:
        SettingsError: The accounts cannot be read now; later on, that keeps the last ones that could.
    """

    def __init__(
        self, settings: Settings, *, check: Callable[[PartnerAccount], None] = _accept, pause: float = LOOK_PAUSE
    ) -> None:
        self._settings = settings
        self._check = check
        self._pause = pause
        self._complaint = ""
        self._accounts = self._read()
        self._stamps = self._stamps_now()
        self._looked_at = time.monotonic()

    def __getitem__(self, name: str) -> PartnerAccount:
        """Return an account as it stands now."""
        self.look()
        return self._accounts[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names of the accounts that there are now."""
        self.look()
        return iter(dict(self._accounts))

    def __len__(self) -> int:
        """Return how many accounts there are now."""
        self.look()
        return len(self._accounts)

    def look(self) -> None:
        """Read the files again if they changed since the last look, or could not be read then."""
        if time.monotonic() < self._looked_at + self._pause:
            return
        self._looked_at = time.monotonic()
        if self._complaint or self._stamps_now() != self._stamps:
            self.refresh()

    def refresh(self) -> None:
        """Read the files again now; what cannot be read leaves the accounts as they are."""
        stamps = self._stamps_now()
        try:
            accounts = self._read()
        except SettingsError as error:
            self._keep(str(error))
            return
        if accounts != self._accounts:
            _log.info("partner accounts were read anew", **_difference(self._accounts, accounts))
        self._accounts, self._complaint = accounts, ""
        # Stamps from before the reading, where there are: what changed meanwhile is read again.
        self._stamps = {file: stamps.get(file, stamp) for file, stamp in self._stamps_now().items()}

    async def watch(self, every: float = 5.0) -> None:
        """Look every so many seconds, so that a change is told of although nobody asks; never returns."""
        while True:
            await asyncio.sleep(every)
            self.look()

    def _keep(self, complaint: str) -> None:
        if complaint != self._complaint:
            _log.error(f"the partner accounts stay as they were: {complaint}", accounts=sorted(self._accounts))
        self._complaint = complaint

    def _read(self) -> dict[str, PartnerAccount]:
        accounts = load_accounts(self._settings)
        for account in accounts.values():
            self._check(account)
        return accounts

    def _stamps_now(self) -> Stamps:
        accounts = self._accounts.values()
        named = [file for one in accounts for file in (one.api_key_file, one.webhook_secrets_file)]
        first = self._settings.partners_file or ENV_FILE
        return {file: _stamp(file) for file in [first, *named] if file is not None}


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _difference(before: Mapping[str, PartnerAccount], after: Mapping[str, PartnerAccount]) -> dict[str, list[str]]:
    """Return the names of what differs; never how it differs."""
    return {
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": sorted(name for name in after.keys() & before.keys() if after[name] != before[name]),
    }
