"""Settings of the processes, `BATON_*`; those of partner accounts are in `baton.account_settings`.

A secret setting `NAME` may be in a file that `NAME_FILE` names, as container platforms provide them; a changed file is
read again, see `baton.secret_values`.

The Temporal SDK itself reads `TEMPORAL_*` (see `baton.temporal`). Keys and secrets stay in these objects: they are
never printed, and leave the process only in the header or signature that needs them.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from baton.account_settings import ACCOUNT_NAME as ACCOUNT_NAME
from baton.account_settings import ENV_FILE as ENV_FILE
from baton.account_settings import PartnerAccount as PartnerAccount
from baton.account_settings import Tracking as Tracking
from baton.account_settings import accounts_from
from baton.ledger.login import LedgerUrl
from baton.redaction import remember
from baton.secret_values import SecretValue, one_line
from baton.setting_values import SettingsError as SettingsError
from baton.setting_values import comma_separated, explained, host_names, networks, origins, read_secret

OFF = "off"
"""The value of a setting that switches something off."""


class Settings(BaseSettings):
    """The `BATON_*` settings; every field has a default that suits a single machine."""

    model_config = SettingsConfigDict(env_prefix="BATON_", extra="ignore", env_ignore_empty=True)

    home: Path = Path(".baton")
    partners_file: Path | None = None
    ledger_url: str = ""
    """SQLAlchemy URL; empty for a SQLite file under `home`."""
    ledger_password: SecretStr = SecretStr("")
    """Password for `ledger_url`, which then holds none."""
    ledger_password_file: Path | None = None
    """File that contains the password, instead of `ledger_password`."""
    ledger_connections: int = Field(default=15, ge=2, le=1000)
    """Connections to PostgreSQL that a worker or gateway may hold."""
    ledger_upgrade: Literal["start", "command"] = "start"
    """Whether a process that starts upgrades an older ledger, or `baton ledger upgrade` alone."""
    ledger_days: int = Field(default=0, ge=0, le=36500)
    """Days after which the worker deletes ended orders from the ledger; 0 keeps them all."""
    bind: str = "127.0.0.1"
    gateway_port: int = Field(default=8080, ge=0, le=65535)
    gateway_connections: int = Field(default=1000, ge=1)
    """Connections that the gateway holds at the same time; fewer where the limit on open files is lower."""
    gateway_connections_per_address: int = Field(default=500, ge=1)
    """Those of one remote address, unless it is that of a listed proxy."""
    trusted_proxies: Annotated[list[str], NoDecode, BeforeValidator(networks)] = []
    """Networks of the proxies before the gateway, whose word on who sent a request is believed."""
    requests_per_address: int = Field(default=120, ge=0)
    """Refused requests of one address in a minute, after which it only gets 429s for them; 0 for no limit."""
    allowed_hosts: Annotated[list[str], NoDecode, BeforeValidator(host_names)] = []
    """Names under which the gateway is reached, separated by commas; empty for any."""
    sandbox_port: int = Field(default=8090, ge=0, le=65535)
    temporal_port: int = Field(default=7233, ge=0, le=65535)
    chains_file: Path | None = None
    """TOML file that adds chains or changes the shipped ones; see `baton/chains/catalogue.toml`."""
    accounts: Annotated[list[str] | None, NoDecode, BeforeValidator(comma_separated)] = None
    """Accounts whose calls and reads this worker makes, separated by commas; unset for all of them."""
    only: Annotated[
        list[Literal["workflows", "partner", "polls", "watch", "notify"]] | None,
        NoDecode,
        BeforeValidator(comma_separated),
    ] = None
    """Kinds of task queues that this worker serves, separated by commas; unset for all of them."""
    watch: Annotated[list[str] | None, NoDecode, BeforeValidator(comma_separated)] = None
    """Chains that are watched for deposits, separated by commas; unset for those of `chains_file`."""
    public_url: str = Field(default="", pattern=r"^(https?://[^\s?#@]+)?$")
    """Address at which payers reach the gateway, for links to payer pages; empty for none."""
    page_key: SecretStr = SecretStr("")
    """Key of the links to payer pages, the same for every gateway; without one there are no pages."""
    page_key_file: Path | None = None
    """File that contains the key, instead of `page_key`."""
    page_days: int = Field(default=30, ge=1, le=3650)
    """Days for which a link to a payer page is good."""
    page_name: str = Field(default="", max_length=80)
    """Name of the business on its payer pages."""
    page_contact: str = Field(default="", max_length=200)
    """Mail address or https URL that payers may write to."""
    page_colour: str = Field(default="#2456e6", pattern="^#[0-9a-fA-F]{6}$")
    """Colour of the business, as `#rrggbb`."""
    page_texts: Path | None = None
    """TOML file with a translation of the page; see `baton/gateway/pay/texts.toml`."""
    page_frame_ancestors: str = Field(default="'none'", pattern=r"^[^;\r\n]+$")
    """Which sites may show the page in a frame, as in a Content-Security-Policy."""
    temporal_ui_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    """Where the Temporal UI is, for the operator page's links; empty for none."""
    runbooks_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    """Where `docs/runbooks` can be read, for the operator page's links; empty for none."""
    webhook_coalesce: float = Field(default=1.0, ge=0, le=5, allow_inf_nan=False)
    """Seconds in which progress webhooks of one order are collected into one signal; 0 sends each at once."""
    endpoints_file: Path | None = None
    """TOML file with the endpoints that are notified of events: `[endpoints.NAME]` with `url` and `secret`."""
    notify_networks: Annotated[list[str], NoDecode, BeforeValidator(networks)] = []
    """Networks beside the public internet that notifications may go to, also without TLS; such as `127.0.0.0/8`."""
    reconcile_at: str = Field(default="04:00", pattern=r"^(off|([01][0-9]|2[0-3]):[0-5][0-9])$")
    """Time of day in UTC at which the orders of the last day are held against Orchestra's books; `off` for never."""
    workflow_sandbox: bool = False
    """Whether Temporal's workflow sandbox guards the workflows; all tests and replays run with it."""
    workflow_cache: int = Field(default=3000, ge=10)
    """Workflows that a worker keeps in memory; one that is not there is replayed from its history when it moves."""
    deployment_name: str = Field(default="", max_length=200, pattern=r"^[^.:\s]*$")
    """Temporal's name for the workers of this installation; with `build_id` it turns Worker Versioning on."""
    build_id: str = Field(default="", max_length=200, pattern=r"^[^:\s]*$")
    """The version of this code, such as a release or a commit; each build that runs workflows needs its own."""
    versioning: Literal["auto_upgrade", "pinned"] = "auto_upgrade"
    """Whether open orders move to the current build, or end on the one that they began on."""
    metrics_token: SecretStr = SecretStr("")
    """Bearer token of scrapes; without one, only a process that is bound to loopback shows its metrics."""
    metrics_token_file: Path | None = None
    """File that contains the token, instead of `metrics_token`."""
    worker_metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """Port on which a worker shows its metrics; unset for none."""
    worker_metrics_host: str = "127.0.0.1"
    """Address to which that port is bound."""
    shutdown_grace: float = Field(default=20.0, ge=0, allow_inf_nan=False)
    """Seconds that running activities and requests get to finish after SIGTERM."""
    gateway_drain: float = Field(default=0.0, ge=0, le=300, allow_inf_nan=False)
    """Seconds after SIGTERM in which the gateway serves on but is not ready, so that a load balancer turns away."""
    api_token: SecretStr = SecretStr("")
    """A bearer token of the order API with all verbs for all accounts, named `default`."""
    api_token_file: Path | None = None
    """File that contains the token, instead of `api_token`."""
    payload_keys: SecretStr = SecretStr("")
    """Keys that encrypt what Temporal stores, as `ID:KEY`, separated by commas; see `baton.encryption.keys`."""
    payload_keys_file: Path | None = None
    """File that contains the keys, instead of `payload_keys`; it is read again when it changes."""
    ui_origins: Annotated[list[str], NoDecode, BeforeValidator(origins)] = []
    """Origins of Temporal's UI, such as `http://localhost:8233`, whose pages may have payloads decrypted."""
    tokens_file: Path | None = None
    """TOML file with the order API's tokens, see `baton.accounts.tokens`; unset for `tokens.toml` under `home`."""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def secret(self, field: str, check: Callable[[str, str], None] | None = None) -> SecretValue:
        """Return the secret of a field `NAME`, from it or from the file of `NAME_file`, which is read again on change.

        Args:
            field: The field's name.
            check: Gets the variable's name and the secret, and refuses one that cannot be used.

        Raises:
            SettingsError: Both are given, or the secret cannot be read or used.
        """
        name = f"BATON_{field.upper()}"
        given: SecretStr = getattr(self, field)
        file: Path | None = getattr(self, f"{field}_file")
        return SecretValue(name, given.get_secret_value(), file, check=partial(check or one_line, name))

    @property
    def ledger(self) -> str:
        """The ledger's URL, or its default; with a password of its own, each connection asks for that.

        Raises:
            SettingsError: The password cannot be read, or the URL has no use for it.
        """
        url = self.ledger_url or f"sqlite:///{self.home / 'ledger.db'}"
        password = self.secret("ledger_password")
        if not password.is_set:
            return url
        _require_open_place(url)
        return LedgerUrl(url, partial(password.current, now=True))

    @property
    def ledger_options(self) -> dict[str, Any]:
        """How worker and gateway open the ledger."""
        return {"connections": self.ledger_connections, "upgrades": self.ledger_upgrade}

    @property
    def tokens(self) -> Path:
        """The file of the order API's tokens, or its default."""
        return self.tokens_file or self.home / "tokens.toml"


def _require_open_place(url: str) -> None:
    """Refuse a password beside a URL that has one already, or that names a file."""
    if url.startswith("sqlite"):
        raise SettingsError(
            "BATON_LEDGER_PASSWORD: set BATON_LEDGER_URL to a PostgreSQL database; a file has no password"
        )
    if re.match(r"[^/]*//[^/@]*:[^/]*@", url):
        raise SettingsError("BATON_LEDGER_URL holds a password beside BATON_LEDGER_PASSWORD; take it out of the URL")


def load_settings() -> Settings:
    """Read `BATON_*` from the environment.

    Raises:
        SettingsError: A value is not valid; the text names the field.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        raise explained(error, "BATON_") from None
    _remember_secrets(settings)
    return settings


def secret_fields() -> list[str]:
    """Return the names of the settings that hold a secret, each of which has a `NAME_file` beside it."""
    return [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]


def _remember_secrets(settings: Settings) -> None:
    """Keep every secret out of logs and errors, also those that this process does not use: it may be sent one back."""
    for field in secret_fields():
        remember(*getattr(settings, field).get_secret_value().split())
        if (file := getattr(settings, f"{field}_file")) is not None:
            with suppress(SettingsError):
                remember(*read_secret(file, field).split())


def load_accounts(settings: Settings) -> dict[str, PartnerAccount]:
    """Return the partner accounts by name: those in the partners file, or `default` from `ORCHESTRA_*`.

    Raises:
        SettingsError: A file cannot be read, or an account is not valid; the text names it and contains no secret.
    """
    return accounts_from(settings.partners_file)
