"""Settings: `BATON_*` for Baton, `ORCHESTRA_*` for the one partner account, a TOML file for several.

`ORCHESTRA_*` may also be set in a file `.env` in the working directory; the environment takes precedence.

A key or secret may be in a file of its own, as container platforms provide them; `baton.accounts.book` reads changed
files again.

The Temporal SDK itself reads `TEMPORAL_*` (see `baton.temporal`). Keys and secrets stay in these objects: they are
never printed, and leave the process only in the header or signature that needs them.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from baton.redaction import remember
from baton.setting_values import SettingsError as SettingsError
from baton.setting_values import comma_separated, networks, read_secret

OFF = "off"
"""The value of a setting that switches something off."""

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


class Settings(BaseSettings):
    """The `BATON_*` settings; every field has a default that suits a single machine."""

    model_config = SettingsConfigDict(env_prefix="BATON_", extra="ignore", env_ignore_empty=True)

    home: Path = Path(".baton")
    partners_file: Path | None = None
    ledger_url: str = ""
    """SQLAlchemy URL; empty for a SQLite file under `home`."""
    ledger_days: int = Field(default=0, ge=0, le=36500)
    """Days after which the worker deletes ended orders from the ledger; 0 keeps them all."""
    bind: str = "127.0.0.1"
    gateway_port: int = Field(default=8080, ge=0, le=65535)
    gateway_connections: int = Field(default=1000, ge=1)
    """Connections that the gateway holds at the same time; fewer where the limit on open files is lower."""
    gateway_connections_per_address: int = Field(default=500, ge=1)
    """Those of one remote address; behind a reverse proxy all of them have the proxy's address."""
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
    public_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
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
    api_token: SecretStr = SecretStr("")
    """A bearer token of the order API with all verbs for all accounts, named `default`."""
    payload_keys: SecretStr = SecretStr("")
    """Keys that encrypt what Temporal stores, as `ID:KEY`, separated by commas; see `baton.encryption.keys`."""
    payload_keys_file: Path | None = None
    """File that contains the keys, instead of `payload_keys`; it is read again when it changes."""
    ui_origins: Annotated[list[str], NoDecode, BeforeValidator(comma_separated)] = []
    """Origins of Temporal's UI, such as `http://localhost:8233`, whose pages may have payloads decrypted."""
    tokens_file: Path | None = None
    """TOML file with the order API's tokens, see `baton.accounts.tokens`; unset for `tokens.toml` under `home`."""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def page_secret(self) -> str:
        """The key of payer pages, from its file or its setting; empty if there is none.

        Raises:
            SettingsError: Both are given, or the file cannot be read.
        """
        return _one_secret(self.page_key, self.page_key_file, "BATON_PAGE_KEY")

    @property
    def metrics_secret(self) -> str:
        """The bearer token of scrapes, from its file or its setting; empty if there is none.

        Raises:
            SettingsError: Both are given, or the file cannot be read.
        """
        return _one_secret(self.metrics_token, self.metrics_token_file, "BATON_METRICS_TOKEN")

    @property
    def ledger(self) -> str:
        """The ledger's URL, or its default."""
        return self.ledger_url or f"sqlite:///{self.home / 'ledger.db'}"

    @property
    def tokens(self) -> Path:
        """The file of the order API's tokens, or its default."""
        return self.tokens_file or self.home / "tokens.toml"


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


def _explain(error: ValidationError, where: str) -> SettingsError:
    faults = [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
    return SettingsError(f"{where}: {'; '.join(f'{field}: {message}' for field, message in faults)}")


def _explain_variables(error: ValidationError, prefix: str) -> SettingsError:
    faults = [(f"{prefix}{fault['loc'][0]}".upper(), fault["msg"]) for fault in error.errors()]
    return SettingsError("; ".join(f"{variable}: {message}" for variable, message in faults))


def load_settings() -> Settings:
    """Read `BATON_*` from the environment.

    Raises:
        SettingsError: A value is not valid; the text names the field.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise _explain_variables(error, "BATON_") from None


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
    return _with_secrets(account, path.parent, where)


def _default_account() -> PartnerAccount:
    try:
        settings = _DefaultAccount()
    except ValidationError as error:
        raise _explain_variables(error, "ORCHESTRA_") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{ENV_FILE} cannot be read: {reason}") from None
    values = settings.model_dump(exclude={"webhook_secret", "webhook_secret_file"})
    secrets = {"webhook_secrets": settings.webhook_secret, "webhook_secrets_file": settings.webhook_secret_file}
    account = PartnerAccount.model_validate({"name": "default", **values, **secrets})
    return _with_secrets(account, Path(), "ORCHESTRA_ settings")


def _with_secrets(account: PartnerAccount, folder: Path, where: str) -> PartnerAccount:
    """Return the account with the key and secrets of its files; their paths are relative to `folder`."""
    values: dict[str, Any] = {}
    for field, file in (("api_key", account.api_key_file), ("webhook_secrets", account.webhook_secrets_file)):
        if file is None:
            continue
        if getattr(account, field):
            raise SettingsError(f"{where}: give {field} or {field}_file, not both")
        values |= {f"{field}_file": folder / file, field: read_secret(folder / file, f"{where}: {field}_file")}
    return PartnerAccount.model_validate({**dict(account), **values})


def _one_secret(given: SecretStr, file: Path | None, name: str) -> str:
    """Return a secret from its setting or its file, and keep it out of logs."""
    own = given.get_secret_value()
    if own and file is not None:
        raise SettingsError(f"{name} and {name}_FILE: give one of them, not both")
    found = own if file is None else read_secret(file, f"{name}_FILE")
    remember(found)
    return found


def load_accounts(settings: Settings) -> dict[str, PartnerAccount]:
    """Return the partner accounts by name: those in the partners file, or `default` from `ORCHESTRA_*`.

    Raises:
        SettingsError: A file cannot be read, or an account is not valid; the text names it and contains no secret.
    """
    if settings.partners_file is not None:
        accounts = _accounts_from_file(settings.partners_file)
    else:
        accounts = {"default": _default_account()}
    for account in accounts.values():
        remember(*(secret.get_secret_value() for secret in (account.api_key, *account.webhook_secrets)))
    return accounts
