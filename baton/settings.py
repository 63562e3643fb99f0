"""Settings: `BATON_*` for Baton, `ORCHESTRA_*` for the one partner account, a TOML file for several.

`ORCHESTRA_*` may also stand in a file `.env` in the working directory; what the environment says goes before it.

A key or secret may stand in a file of its own, as container platforms hand them out; `baton.accounts.book` reads
changed files again.

`TEMPORAL_*` is read by the Temporal SDK itself (see `baton.temporal`). Keys and secrets stay in these objects: they
are never printed and never leave the process but in the header or signature they exist for.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ACCOUNT_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
ENV_FILE = Path(".env")
"""Where `ORCHESTRA_*` may stand beside the environment, relative to the working directory."""


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and the remedy."""


def _comma_separated(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]


Secrets = Annotated[list[SecretStr], BeforeValidator(_comma_separated)]
Tracking = Literal["webhooks", "sse", "polls"]
"""How orders are followed: told by webhooks, woken by their event stream, or by planned reads alone."""


class PartnerAccount(BaseModel):
    """One Orchestra account. Only its name enters a workflow."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=ACCOUNT_NAME)
    base_url: str = "https://orchestration.flashnet.xyz"
    api_key: SecretStr = SecretStr("")
    api_key_file: Path | None = None
    """File that holds the key, in place of `api_key`."""
    webhook_secrets: Secrets = []
    """Several are valid at once while a secret is rotated."""
    webhook_secrets_file: Path | None = None
    """File that holds the secrets, in place of `webhook_secrets`, separated by commas or lines."""
    webhook_tolerance: float = Field(default=300.0, gt=0)
    """Seconds that a webhook's timestamp may lie in the past or in the future."""
    request_timeout: float = Field(default=30.0, gt=0)
    """Seconds that one call to the partner API may take."""
    reads_per_second: float = Field(default=1.5, gt=0)
    """Read budget of the account; the partner API allows 120 look-ups a minute and address."""

    tracking: Tracking = "webhooks"
    """`sse` and `polls` are for places that no webhook can reach: there, reading starts without waiting for one."""

    zeroconf: dict[str, Any] = {}
    """Policy for ZeroConf offers of orders that bring none; see `baton.orchestra.rules.zeroconf.ZeroConfPolicy`."""
    reprice: dict[str, Any] = {}
    """Policy for repricings of orders that bring none; see `baton.orchestra.rules.reprice.RepricePolicy`."""
    onramp: dict[str, Any] = {}
    """Limits for payers of onramps; see `baton.orchestra.rules.payers.OnrampPolicy`."""
    submit_at: dict[str, Literal["seen", "confirmed", "final"]] = {}
    """How sure a deposit seen on chain must be before it is submitted, by chain; `*` stands for every other one."""
    check_routes: bool = True
    """Whether an order that the API's routes and limits rule out is refused before a quote is asked for."""
    unknown_orders: str = Field(default="adopt", pattern="^(adopt|ignore)$")
    """What becomes of orders that were not placed here: tracked by a workflow of their own, or only recorded."""

    @property
    def webhooks_unreachable(self) -> bool:
        """Tell whether no webhook reaches this account, so that its orders are read without waiting for one."""
        return self.tracking != "webhooks"


class Settings(BaseSettings):
    """What `BATON_*` says; every field has a default that suits one machine."""

    model_config = SettingsConfigDict(env_prefix="BATON_", extra="ignore", env_ignore_empty=True)

    home: Path = Path(".baton")
    partners_file: Path | None = None
    ledger_url: str = ""
    """SQLAlchemy URL; empty means a SQLite file under `home`."""
    api_token: SecretStr = SecretStr("")
    bind: str = "127.0.0.1"
    gateway_port: int = 8080
    sandbox_port: int = 8090
    temporal_port: int = 7233
    chains_file: Path | None = None
    """TOML that adds chains or changes the shipped ones; see `baton/chains/catalogue.toml`."""
    watch: Annotated[list[str] | None, NoDecode, BeforeValidator(_comma_separated)] = None
    """Chains whose deposits are looked for, separated by commas; unset means those of `chains_file`."""
    webhook_coalesce: float = Field(default=1.0, ge=0, le=5)
    """Seconds within which progress webhooks of one order are handed over together; 0 hands over each alone."""
    shutdown_grace: float = Field(default=20.0, ge=0)
    """Seconds that running activities and requests get to finish after SIGTERM."""
    log_format: str = Field(default="console", pattern="^(console|json)$")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")

    @property
    def ledger(self) -> str:
        """Return the ledger's URL with the default filled in."""
        return self.ledger_url or f"sqlite:///{self.home / 'ledger.db'}"


class _DefaultAccount(BaseSettings):
    # An empty variable is none: container platforms pass on what is not set as empty.
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


def _explain(error: ValidationError, where: str) -> SettingsError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return SettingsError(f"{where}: {field}: {first['msg']}")


def load_settings() -> Settings:
    """Read `BATON_*` from the environment.

    Raises:
        SettingsError: A value does not fit; the text names the field.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise _explain(error, "BATON_ settings") from None


def _accounts_from_file(path: Path) -> dict[str, PartnerAccount]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"BATON_PARTNERS_FILE {path}: {error}") from None
    entries = document.get("accounts", {})
    if not isinstance(entries, dict) or not entries:
        raise SettingsError(f"BATON_PARTNERS_FILE {path}: holds no [accounts.NAME] table")
    return {name: _account_from_table(name, entry, path) for name, entry in entries.items()}


def _account_from_table(name: str, entry: Any, path: Path) -> PartnerAccount:
    where = f"BATON_PARTNERS_FILE {path}: accounts.{name}"
    if not isinstance(entry, dict):
        raise SettingsError(f"{where}: is no table; write [accounts.{name}]")
    try:
        account = PartnerAccount.model_validate({"name": name, **entry})
    except ValidationError as error:
        raise _explain(error, where) from None
    return _filled(account, path.parent, where)


def _default_account() -> PartnerAccount:
    try:
        given = _DefaultAccount()
    except ValidationError as error:
        raise _explain(error, "ORCHESTRA_ settings") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"{ENV_FILE} cannot be read: {reason}") from None
    values = given.model_dump(exclude={"webhook_secret", "webhook_secret_file"})
    secrets = {"webhook_secrets": given.webhook_secret, "webhook_secrets_file": given.webhook_secret_file}
    account = PartnerAccount.model_validate({"name": "default", **values, **secrets})
    return _filled(account, Path(), "ORCHESTRA_ settings")


def _filled(account: PartnerAccount, folder: Path, where: str) -> PartnerAccount:
    """Return the account with what stands in files of its own; their paths are relative to `folder`."""
    read: dict[str, Any] = {}
    for field, file in (("api_key", account.api_key_file), ("webhook_secrets", account.webhook_secrets_file)):
        if file is None:
            continue
        if getattr(account, field):
            raise SettingsError(f"{where}: give {field} or {field}_file, not both")
        read |= {f"{field}_file": folder / file, field: _secret_in(folder / file, f"{where}: {field}_file")}
    return PartnerAccount.model_validate({**dict(account), **read})


def _secret_in(path: Path, where: str) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"{where}: {path} cannot be read: {reason}") from None
    if not text:
        raise SettingsError(f"{where}: {path} is empty")
    return text


def load_accounts(settings: Settings) -> dict[str, PartnerAccount]:
    """Return the partner accounts by name: those of the partners file, or `default` from `ORCHESTRA_*`.

    Raises:
        SettingsError: A file cannot be read, or an account does not fit; the text names it and never holds a secret.
    """
    if settings.partners_file is not None:
        return _accounts_from_file(settings.partners_file)
    account = _default_account()
    return {account.name: account}
