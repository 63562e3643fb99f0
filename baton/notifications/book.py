"""The endpoints as they are now: those of `BATON_ENDPOINTS_FILE`, read again when it changes, and the ledger's own."""

import asyncio
import time
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from baton.file_stamps import Stamp, stamp_of
from baton.ledger.ledger import Ledger
from baton.notifications.addresses import Network, UrlRefused, check_url
from baton.notifications.endpoint import AppEndpoint, Endpoints
from baton.process.logs import get_logger
from baton.redaction import remember
from baton.setting_values import read_secret
from baton.settings import SettingsError
from baton.stale_settings import mark_current, mark_stale

CHECK_INTERVAL = 1.0
"""Seconds between two looks at the file and the ledger, however often endpoints are asked for."""

SETTING = "BATON_ENDPOINTS_FILE"

_FIELDS = {"url", "secret", "secret_file", "events", "accounts"}
_log = get_logger(__name__)


class EndpointBook:
    """Every endpoint by name; one of the file takes precedence over one of the ledger.

    Args:
        file: The TOML file with `[endpoints.NAME]` tables; None if there is none.
        ledger: An open ledger.
        networks: Networks beside the public internet that may be called; kept as an attribute.

    Raises:
        SettingsError: The file cannot be used. Later failures only keep the endpoints as they were.
    """

    def __init__(self, file: Path | None, ledger: Ledger, networks: tuple[Network, ...] = ()) -> None:
        self._file = file
        self._ledger = ledger
        self.networks = networks
        self._from_file = load_endpoints(file, networks) if file else {}
        self._stamp = _stamps(file)
        self._from_ledger: dict[str, AppEndpoint] = {}
        self._checked_at = float("-inf")
        self._error = ""
        self._lock = asyncio.Lock()

    @property
    def current(self) -> Endpoints:
        """The endpoints as they were at the last look."""
        return {**self._from_ledger, **self._from_file}

    async def get(self, name: str) -> AppEndpoint | None:
        """Return an endpoint, or None.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        return (await self.refresh()).get(name)

    async def refresh(self, *, now: bool = False) -> Endpoints:
        """Return the endpoints, after a look at the file and the ledger if the last one is long ago.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        async with self._lock:
            if now or time.monotonic() >= self._checked_at + CHECK_INTERVAL:
                self._refresh_file()
                self._from_ledger = {row.name: AppEndpoint.of_row(row) for row in await self._ledger.endpoints.all()}
                self._checked_at = time.monotonic()
        for endpoint in self._from_ledger.values():
            remember(*(each.secret.get_secret_value() for each in endpoint.secrets))
        return self.current

    def _refresh_file(self) -> None:
        stamp = _stamps(self._file)
        if self._file is None or (stamp == self._stamp and not self._error):
            return
        try:
            self._from_file = load_endpoints(self._file, self.networks)
        except SettingsError as error:
            if mark_stale(SETTING, str(error)):
                _log.error(f"the endpoints stay as they were: {error}", endpoints=sorted(self._from_file))
            self._error = str(error)
            return
        self._stamp, self._error = stamp, ""
        mark_current(SETTING)
        _log.info("the endpoints have changed", endpoints=sorted(self._from_file))


def load_endpoints(file: Path, networks: tuple[Network, ...]) -> dict[str, AppEndpoint]:
    """Return the endpoints of a file by name.

    Raises:
        SettingsError: It cannot be read, or an endpoint is not valid; the text names the field and holds no secret.
    """
    where = f"BATON_ENDPOINTS_FILE {file}"
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{where}: cannot be read: {reason}") from None
    tables = document.get("endpoints", {})
    if not isinstance(tables, dict) or document.keys() - {"endpoints"}:
        raise SettingsError(f"{where}: must contain only [endpoints.NAME] tables")
    return {name: _endpoint(name, table, file, networks) for name, table in tables.items()}


def _endpoint(name: str, table: Any, file: Path, networks: tuple[Network, ...]) -> AppEndpoint:
    where = f"BATON_ENDPOINTS_FILE {file}: endpoints.{name}"
    if not isinstance(table, dict):
        raise SettingsError(f"{where}: is not a table; write [endpoints.{name}]")
    if unknown := sorted(table.keys() - _FIELDS):
        raise SettingsError(f"{where}: unknown field {unknown[0]}; the fields are {', '.join(sorted(_FIELDS))}")
    try:
        url = check_url(str(table.get("url", "")), networks)
        secrets = [{"secret": secret} for secret in _secrets(table, file.parent, where)]
        fields = {field: table[field] for field in ("events", "accounts") if field in table}
        endpoint = AppEndpoint.model_validate(
            {"name": name, "url": str(url), "secrets": secrets, "origin": "file", **fields}
        )
    except UrlRefused as error:
        raise SettingsError(f"{where}: {error}") from None
    except ValidationError as error:
        faults = [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
        raise SettingsError(f"{where}: {'; '.join(f'{field}: {text}' for field, text in faults)}") from None
    remember(*(each.secret.get_secret_value() for each in endpoint.secrets))
    return endpoint


def _secrets(table: dict[str, Any], folder: Path, where: str) -> list[str]:
    """Return the secrets of a table, the newest first: several sign at the same time while one is rotated."""
    secret, file = table.get("secret"), table.get("secret_file")
    if (secret is None) == (file is None):
        raise SettingsError(f"{where}: give secret or secret_file, and not both")
    text = str(secret) if secret is not None else read_secret(folder / str(file), f"{where}: secret_file")
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _stamps(file: Path | None) -> tuple[Any, ...]:
    """Return what tells whether the file, or a file that it names for a secret, has changed."""
    if file is None:
        return ()
    stamp = stamp_of(file)
    try:
        return (stamp, *map(stamp_of, _secret_files(file, stamp)))
    except (OSError, ValueError, AttributeError, TypeError):
        return (stamp,)


@lru_cache(maxsize=8)
def _secret_files(file: Path, _stamp: Stamp | None) -> tuple[Path, ...]:
    """Return the files that a file names for secrets; it is parsed once for each of its stamps."""
    tables = tomllib.loads(file.read_text(encoding="utf-8-sig")).get("endpoints", {}).values()
    return tuple(file.parent / table["secret_file"] for table in tables if "secret_file" in table)
