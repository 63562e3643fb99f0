"""The settings of partner accounts: `ORCHESTRA_*` for the only one, a TOML file for several.

`ORCHESTRA_*` may also be set in a file `.env` in the working directory; the environment takes precedence. Keys and
secrets may be in files of their own, as container platforms provide them; `baton.accounts.book` reads changed files
again.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from baton.redaction import remember
from baton.setting_values import SettingsError, comma_separated, explained, read_secret

ACCOUNT_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
ENV_FILE = Path(".env")
"""File for `ORCHESTRA_*`, relative to the working directory."""

Secrets = Annotated[list[SecretStr], BeforeValidator(comma_separated)]
Tracking = Literal["webhooks", "sse", "polls"]
"""How orders are tracked: by webhooks, by reads that their event stream triggers, or by polls alone."""


class PartnerAccount(BaseModel):
    """One Orchestra account. Only its name enters a workflow."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=ACCOUNT_NAME)
    base_url: str = "https://orchestration.flashnet.xyz"
    api_key: SecretStr = SecretStr("")
    api_key_file: Path | None = None
    """File that contains the key, instead of `api_key`."""
    webhook_secrets: Secrets = []
    """Several secrets are valid at the same time while one is rotated."""
    webhook_secrets_file: Path | None = None
    """File that contains the secrets, instead of `webhook_secrets`, separated by commas or newlines."""
    webhook_tolerance: float = Field(default=300.0, gt=0, allow_inf_nan=False)
    """Seconds that a webhook's timestamp may be in the past or in the future."""
    request_timeout: float = Field(default=30.0, gt=0, allow_inf_nan=False)
    """Seconds that one call to the partner API may take."""
    reads_per_second: float = Field(default=1.5, gt=0, allow_inf_nan=False)
    """Read budget of the account; the partner API allows 120 reads a minute for each IP address."""

    tracking: Tracking = "webhooks"
    """`sse` and `polls` are for places that no webhook can reach: orders are polled without waiting for one."""

    zeroconf: dict[str, Any] = {}
    """Policy for ZeroConf offers of orders without their own; see `baton.orchestra.rules.zeroconf.ZeroConfPolicy`."""
    reprice: dict[str, Any] = {}
    """Policy for repricings of orders without their own; see `baton.orchestra.rules.reprice.RepricePolicy`."""
    onramp: dict[str, Any] = {}
    """Limits for payers of onramps; see `baton.orchestra.rules.payers.OnrampPolicy`."""
    page: dict[Literal["name", "contact", "colour"], str] = {}
    """How the business shows itself on the payer pages of this account, instead of `BATON_PAGE_NAME` and the others."""
    affiliates: dict[str, Any] = {}
    """When balances of affiliates are claimed; see `baton.orchestra.rules.affiliates.ClaimPolicy`."""
    submit_at: dict[str, Literal["seen", "confirmed", "final"]] = {}
    """State in which a deposit on the chain is submitted, by chain; `*` is the default for the others."""
    check_routes: bool = True
    """Whether an order that the API's routes or limits rule out is refused before a quote is requested."""
    read_sources_hours: float = Field(default=24.0, ge=0, le=24 * 365, allow_inf_nan=False)
    """Hours between two planned reads of the account's reusable addresses and pay links; 0 means none."""
    unknown_orders: str = Field(default="adopt", pattern="^(adopt|ignore)$")
    """Whether orders that were not placed here get a workflow of their own, or their webhooks are only recorded."""

    @property
    def read_pause(self) -> float:
        """Seconds between two calls of a planned read, which leaves half of the read budget to orders."""
        return 2 / self.reads_per_second

    @property
    def webhooks_unreachable(self) -> bool:
        """Whether no webhook reaches this account, so that its orders are polled without waiting for one."""
        return self.tracking != "webhooks"


class _DefaultAccount(BaseSettings):
    # An empty variable counts as unset: container platforms pass unset variables as empty ones.
    model_config = SettingsConfigDict(
        env_prefix="ORCHESTRA_", extra="ignore", env_file=ENV_FILE, env_file_encoding="utf-8-sig", env_ignore_empty=True
    )

    base_url: str = "https://orchestration.flashnet.xyz"
    api_key: SecretStr = SecretStr("")
    api_key_file: Path | None = None
    webhook_secret: str = Field(default="", repr=False)
    webhook_secret_file: Path | None = None
    tracking: Tracking = "webhooks"
    check_routes: bool = True


_VARIABLES = {
    "api_key": "ORCHESTRA_API_KEY",
    "api_key_file": "ORCHESTRA_API_KEY_FILE",
    "webhook_secrets": "ORCHESTRA_WEBHOOK_SECRET",
    "webhook_secrets_file": "ORCHESTRA_WEBHOOK_SECRET_FILE",
}
"""Where the fields of the account `default` come from."""


def accounts_from(partners_file: Path | None) -> dict[str, PartnerAccount]:
    """Return the partner accounts by name: those in the partners file, or without one `default` from `ORCHESTRA_*`.

    Raises:
        SettingsError: A file cannot be read, or an account is not valid; the text names it and contains no secret.
    """
    accounts = _accounts_from_file(partners_file) if partners_file is not None else {"default": _default_account()}
    for account in accounts.values():
        remember(*(secret.get_secret_value() for secret in (account.api_key, *account.webhook_secrets)))
    return accounts


def _accounts_from_file(path: Path) -> dict[str, PartnerAccount]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"BATON_PARTNERS_FILE {path}: cannot be read: {reason}") from None
    entries = document.get("accounts", {})
    if not isinstance(entries, dict) or not entries:
        raise SettingsError(f"BATON_PARTNERS_FILE {path}: contains no [accounts.NAME] table")
    return {name: _account_from_table(name, entry, path) for name, entry in entries.items()}


def _account_from_table(name: str, entry: Any, path: Path) -> PartnerAccount:
    where = f"BATON_PARTNERS_FILE {path}: accounts.{name}"
    if not isinstance(entry, dict):
        raise SettingsError(f"{where}: is not a table; write [accounts.{name}]")
    try:
        account = PartnerAccount.model_validate({"name": name, **entry})
    except ValidationError as error:
        raise _explain(error, where) from None
    return _with_secrets(account, path.parent, f"{where}: ", {})


def _default_account() -> PartnerAccount:
    try:
        settings = _DefaultAccount()
    except ValidationError as error:
        raise explained(error, "ORCHESTRA_") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{ENV_FILE} cannot be read: {reason}") from None
    values = settings.model_dump() | _unset_by_environment("api_key") | _unset_by_environment("webhook_secret")
    values |= {f"webhook_secrets{ending}": values.pop(f"webhook_secret{ending}") for ending in ("", "_file")}
    account = PartnerAccount.model_validate({"name": "default", **values})
    return _with_secrets(account, Path(), "", _VARIABLES)


def _unset_by_environment(name: str) -> dict[str, str | None]:
    """Return, unset, the secret or its file if the environment has the other one: then `.env` names another secret."""
    others: dict[str, str | None] = {name: "", f"{name}_file": None}
    given = [field for field in others if os.environ.get(f"ORCHESTRA_{field.upper()}")]
    return {field: unset for field, unset in others.items() if len(given) == 1 and field not in given}


def _with_secrets(account: PartnerAccount, folder: Path, where: str, names: Mapping[str, str]) -> PartnerAccount:
    """Return the account with the key and secrets of its files; their paths are relative to `folder`.

    Errors begin with `where`, and name a field as `names` does.
    """
    values: dict[str, Any] = {}
    files = (
        ("api_key", account.api_key_file, read_secret),
        ("webhook_secrets", account.webhook_secrets_file, _read_webhook_secrets),
    )
    for field, file, read in files:
        if file is None:
            continue
        name, name_of_file = (names.get(each, each) for each in (field, f"{field}_file"))
        if getattr(account, field):
            raise SettingsError(f"{where}give {name} or {name_of_file}, not both")
        values |= {f"{field}_file": folder / file, field: read(folder / file, f"{where}{name_of_file}")}
    return PartnerAccount.model_validate({**dict(account), **values})


def _read_webhook_secrets(path: Path, where: str) -> str:
    """Return what a file of webhook secrets holds: nothing until `baton webhook register` has written it.

    Raises:
        SettingsError: It cannot be read or is empty, or its folder does not exist.
    """
    try:
        path.stat()
    except FileNotFoundError:
        if path.parent.is_dir():
            return ""
    except OSError:
        pass  # the reading says why
    return read_secret(path, where)


def _explain(error: ValidationError, where: str) -> SettingsError:
    faults = [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
    return SettingsError(f"{where}: {'; '.join(f'{field}: {message}' for field, message in faults)}")
