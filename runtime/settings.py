"""Settings: `BATON_*` for Baton, `ORCHESTRA_*` for the one partner account, a TOML file for several.

`TEMPORAL_*` is read by the Temporal SDK itself (see `runtime.temporal`). Keys and secrets stay in these objects: they
are never printed and never leave the process but in the header or signature they exist for.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ACCOUNT_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and the remedy."""


def _comma_separated(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Secrets = Annotated[list[SecretStr], BeforeValidator(_comma_separated)]


class PartnerAccount(BaseModel):
    """One Orchestra account. Only its name enters a workflow."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=ACCOUNT_NAME)
    base_url: str = "https://orchestration.flashnet.xyz"
    api_key: SecretStr = SecretStr("")
    webhook_secrets: Secrets = []
    """Several are valid at once while a secret is rotated."""
    webhook_tolerance: float = Field(default=300.0, gt=0)
    """Seconds that a webhook's timestamp may lie in the past or in the future."""
    request_timeout: float = Field(default=30.0, gt=0)
    """Seconds that one call to the partner API may take."""
    reads_per_second: float = Field(default=1.5, gt=0)
    """Read budget of the account; the partner API allows 120 look-ups a minute and address."""

    zeroconf: dict[str, Any] = {}
    """Policy for ZeroConf offers of orders that bring none; see `orchestra.zeroconf.ZeroConfPolicy`."""
    unknown_orders: str = Field(default="adopt", pattern="^(adopt|ignore)$")
    """What becomes of orders that were not placed here: tracked by a workflow of their own, or only recorded."""


class Settings(BaseSettings):
    """What `BATON_*` says; every field has a default that suits one machine."""

    model_config = SettingsConfigDict(env_prefix="BATON_", extra="ignore")

    home: Path = Path(".baton")
    partners_file: Path | None = None
    ledger_url: str = ""
    """SQLAlchemy URL; empty means a SQLite file under `home`."""
    api_token: SecretStr = SecretStr("")
    bind: str = "127.0.0.1"
    gateway_port: int = 8080
    sandbox_port: int = 8090
    temporal_port: int = 7233
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
    model_config = SettingsConfigDict(env_prefix="ORCHESTRA_", extra="ignore")

    base_url: str = "https://orchestration.flashnet.xyz"
    api_key: SecretStr = SecretStr("")
    webhook_secret: str = Field(default="", repr=False)


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
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"BATON_PARTNERS_FILE {path}: {error}") from None
    accounts = {}
    for name, entry in document.get("accounts", {}).items():
        try:
            accounts[name] = PartnerAccount.model_validate({"name": name, **entry})
        except ValidationError as error:
            raise _explain(error, f"BATON_PARTNERS_FILE {path}: accounts.{name}") from None
    if not accounts:
        raise SettingsError(f"BATON_PARTNERS_FILE {path}: holds no [accounts.NAME] table")
    return accounts


def load_accounts(settings: Settings) -> dict[str, PartnerAccount]:
    """Return the partner accounts by name: those of the partners file, or `default` from `ORCHESTRA_*`.

    Raises:
        SettingsError: The file cannot be read, or an account in it does not fit.
    """
    if settings.partners_file is not None:
        return _accounts_from_file(settings.partners_file)
    given = _DefaultAccount()
    account = PartnerAccount.model_validate(
        {
            "name": "default",
            "base_url": given.base_url,
            "api_key": given.api_key,
            "webhook_secrets": given.webhook_secret,
        }
    )
    return {account.name: account}
