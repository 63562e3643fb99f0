"""The partner accounts as the settings have them now: read at the start, and again whenever their files change.

So a key is rotated, an account added or a budget changed without a restart. If the files cannot be read, the accounts
stay as they were, one error line gives the reason, and the next check tries again.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from baton.file_stamps import Stamp, stamp_of
from baton.process.logs import get_logger
from baton.settings import ENV_FILE, PartnerAccount, Settings, SettingsError, load_accounts
from baton.stale_settings import mark_current, mark_stale

CHECK_INTERVAL = 1.0
"""Seconds between two checks of the files, however often accounts are looked up."""

SETTING = "accounts"
"""The accounts among the settings that stay as they were."""

Stamps = dict[Path, Stamp | None]
_log = get_logger(__name__)


def _accept(_: PartnerAccount) -> None:
    return None


class AccountBook(Mapping[str, PartnerAccount]):
    """The accounts by name. A lookup first checks whether the files changed, at most once in `pause` seconds.

    Args:
        settings: The settings that name the accounts' files.
        check: An additional check of each account; raises `SettingsError` if the account fails it.
        pause: Minimum seconds between two checks of the files.

    Raises:
        SettingsError: The accounts cannot be read. Later failures only keep the accounts as they were.
    """

    def __init__(
        self, settings: Settings, *, check: Callable[[PartnerAccount], None] = _accept, pause: float = CHECK_INTERVAL
    ) -> None:
        self._settings = settings
        self._check = check
        self._pause = pause
        self._error = ""
        self._accounts = self._read()
        self._stamps = self._current_stamps()
        self._checked_at = time.monotonic()

    def __getitem__(self, name: str) -> PartnerAccount:
        """Return an account as the files have it now."""
        self.refresh_if_changed()
        return self._accounts[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names of the current accounts."""
        self.refresh_if_changed()
        return iter(dict(self._accounts))

    def __len__(self) -> int:
        """Return how many accounts there are now."""
        self.refresh_if_changed()
        return len(self._accounts)

    def refresh_if_changed(self) -> None:
        """Read the files again if they changed since the last check, or could not be read then."""
        if time.monotonic() < self._checked_at + self._pause:
            return
        self._checked_at = time.monotonic()
        if self._error or self._current_stamps() != self._stamps:
            self.refresh()

    def refresh(self) -> None:
        """Read the files again now; if they cannot be read, keep the accounts as they are."""
        stamps = self._current_stamps()
        try:
            accounts = self._read()
            _require_kept_secrets(self._accounts, accounts)
        except SettingsError as error:
            self._report(str(error))
            return
        if accounts != self._accounts:
            _log.info("the partner accounts have changed", **_difference(self._accounts, accounts))
        self._accounts, self._error = accounts, ""
        mark_current(SETTING)
        # Stamps from before the reading, where there are any: a file that changed meanwhile is read again.
        self._stamps = {file: stamps.get(file, stamp) for file, stamp in self._current_stamps().items()}

    async def watch(self, every: float = 5.0) -> None:
        """Check the files every so many seconds, so that a change is logged even without lookups; never returns."""
        while True:
            await asyncio.sleep(every)
            self.refresh_if_changed()

    def _report(self, error: str) -> None:
        """Log why the accounts stay as they are, once for each reason."""
        if mark_stale(SETTING, error):
            _log.error(f"the partner accounts stay as they were: {error}", accounts=sorted(self._accounts))
        self._error = error

    def _read(self) -> dict[str, PartnerAccount]:
        accounts = load_accounts(self._settings)
        for account in accounts.values():
            self._check(account)
        return accounts

    def _current_stamps(self) -> Stamps:
        accounts = self._accounts.values()
        secrets = [file for account in accounts for file in (account.api_key_file, account.webhook_secrets_file)]
        accounts_file = self._settings.partners_file or ENV_FILE
        return {file: stamp_of(file) for file in [accounts_file, *secrets] if file is not None}


def _require_kept_secrets(before: Mapping[str, PartnerAccount], after: Mapping[str, PartnerAccount]) -> None:
    """Refuse accounts whose file of webhook secrets is gone: at the start it may be missing, later that is a fault."""
    for name in before.keys() & after.keys():
        file = after[name].webhook_secrets_file
        if before[name].webhook_secrets and file and not after[name].webhook_secrets:
            raise SettingsError(f"accounts.{name}: webhook_secrets_file: {file} does not exist any more")


def _difference(before: Mapping[str, PartnerAccount], after: Mapping[str, PartnerAccount]) -> dict[str, list[str]]:
    """Return the names of the accounts that differ, but no values: those include secrets."""
    return {
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": sorted(name for name in after.keys() & before.keys() if after[name] != before[name]),
    }
