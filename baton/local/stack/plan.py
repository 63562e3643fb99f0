"""The plan of a stack: which parts run where, decided from settings and environment before anything starts."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from baton.encryption.keys import FILE_VARIABLE, VARIABLE
from baton.local.stack.local_secrets import LocalSecrets
from baton.local.stack.ports import LOOPBACK, Ports
from baton.settings import Settings

SANDBOX_API_KEY = "fn_sandbox"
"""Not a secret: the sandbox moves no money."""

_CONNECTION = (
    "TEMPORAL_ADDRESS",
    "TEMPORAL_API_KEY",
    "TEMPORAL_CONFIG_FILE",
    "TEMPORAL_GRPC_META_",
    "TEMPORAL_PROFILE",
    "TEMPORAL_TLS",
)
"""Prefixes of the variables by which the SDK finds and logs in to a server."""

_SERVER = ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
_NO_CONFIG_FILE = "/dev/null"


@dataclass(frozen=True)
class StackPlan:
    """Which parts run, where, and with which environment.

    Attributes:
        home: Absolute path of the folder for the stack's data.
        ports: The ports that its parts listen on.
        bind: The address that the gateway binds.
        embeds_temporal: Whether the stack runs its own Temporal server.
        runs_sandbox: Whether the stack runs the sandbox in place of Orchestra.
        temporal_address: Host and port of the Temporal server.
        namespace: Temporal namespace.
        environment: The environment of every child process; contains secrets.
        shared: The variables that another shell needs to reach this stack; contains no secret but the sandbox's.
    """

    home: Path
    ports: Ports
    bind: str
    embeds_temporal: bool
    runs_sandbox: bool
    temporal_address: str
    namespace: str
    environment: Mapping[str, str] = field(repr=False)
    shared: Mapping[str, str] = field(repr=False)

    @property
    def gateway_url(self) -> str:
        """The gateway's URL on this machine."""
        host = LOOPBACK if self.bind in ("0.0.0.0", "::") else self.bind  # noqa: S104 compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.ports.gateway}"

    @property
    def webhook_url(self) -> str:
        """The URL that the sandbox sends its webhooks to."""
        return f"{self.gateway_url}/webhooks/orchestra/default"

    @property
    def sandbox_url(self) -> str | None:
        """The sandbox's URL, or None if the stack uses Orchestra itself."""
        return f"http://{LOOPBACK}:{self.ports.sandbox}" if self.runs_sandbox else None

    @property
    def ui_url(self) -> str | None:
        """The URL of the Temporal UI, or None if the stack uses another server."""
        return f"http://{LOOPBACK}:{self.ports.temporal_ui}" if self.embeds_temporal else None

    @property
    def codec_url(self) -> str | None:
        """Where the Temporal UI has payloads decrypted, or None if none are encrypted."""
        encrypted = any(self.environment.get(name) for name in (VARIABLE, FILE_VARIABLE))
        return f"{self.gateway_url}/ops/codec" if encrypted else None

    def listeners(self) -> list[tuple[str, int, str]]:
        """Return what the stack listens on, each as field of `Ports`, port and address."""
        listeners = [("gateway", self.ports.gateway, self.bind)]
        if self.runs_sandbox:
            listeners.append(("sandbox", self.ports.sandbox, LOOPBACK))
        if self.embeds_temporal:
            listeners += [
                ("temporal", self.ports.temporal, LOOPBACK),
                ("temporal_ui", self.ports.temporal_ui, LOOPBACK),
            ]
        return listeners


NO_SECRETS = LocalSecrets()


def make_plan(
    settings: Settings, ports: Ports, environment: Mapping[str, str], own: LocalSecrets = NO_SECRETS
) -> StackPlan:
    """Decide what to run and where.

    A `TEMPORAL_ADDRESS` in the environment replaces the embedded server; `ORCHESTRA_BASE_URL` or a partners file
    replaces the sandbox.

    Args:
        settings: Home, ports, ledger and files.
        ports: The ports to listen on.
        environment: The environment of this process.
        own: The stack's own secrets, where the settings have none.
    """
    settings = settings.model_copy(update={"home": settings.home.absolute()})
    embeds_temporal = not environment.get("TEMPORAL_ADDRESS")
    runs_sandbox = not environment.get("ORCHESTRA_BASE_URL") and settings.partners_file is None
    engine = _own_engine(ports, environment) if embeds_temporal else _selected(environment, *_SERVER)
    partner = _own_sandbox(ports) if runs_sandbox else _selected(environment, "ORCHESTRA_BASE_URL")
    shared = (
        _own_settings(settings, ports)
        | engine
        | partner
        | _own_token(settings, own.api_token)
        | _own_page(settings, ports, own.page_key)
        | _own_ui(settings, ports, embeds_temporal=embeds_temporal)
    )
    inherited = without_connection(environment) if embeds_temporal else dict(environment)
    inherited.pop("BATON_READY_FILE", None)
    return StackPlan(
        home=settings.home,
        ports=ports,
        bind=settings.bind,
        embeds_temporal=embeds_temporal,
        runs_sandbox=runs_sandbox,
        temporal_address=engine["TEMPORAL_ADDRESS"],
        namespace=engine.get("TEMPORAL_NAMESPACE", "default"),
        environment=inherited | shared | {"PYTHONUNBUFFERED": "1"},
        shared=shared,
    )


_OWN_MACHINE = ("127.0.0.0/8", "::1/128")
"""Where the endpoints of a developer's apps are."""


def _own_settings(settings: Settings, ports: Ports) -> dict[str, str]:
    own = {
        "BATON_HOME": str(settings.home),
        "BATON_LEDGER_URL": settings.ledger,
        "BATON_GATEWAY_PORT": str(ports.gateway),
        "BATON_SANDBOX_PORT": str(ports.sandbox),
        "BATON_TEMPORAL_PORT": str(ports.temporal),
        "BATON_UI_ORIGINS": ",".join(settings.ui_origins or _ui_origins(ports)),
        "BATON_NOTIFY_NETWORKS": ",".join(settings.notify_networks or _OWN_MACHINE),
    }
    files = {
        "BATON_PARTNERS_FILE": settings.partners_file,
        "BATON_ENDPOINTS_FILE": settings.endpoints_file,
        "BATON_LEDGER_PASSWORD_FILE": settings.ledger_password_file,
        FILE_VARIABLE: settings.payload_keys_file,
    }
    password = settings.ledger_password.get_secret_value()
    given = {"BATON_LEDGER_PASSWORD": password} if password else {}
    return own | given | {name: str(file.absolute()) for name, file in files.items() if file}


def _ui_origins(ports: Ports) -> list[str]:
    return [f"http://{host}:{ports.temporal_ui}" for host in (LOOPBACK, "localhost")]


def _own_token(settings: Settings, made: str) -> dict[str, str]:
    token = settings.api_token.get_secret_value() or ("" if settings.api_token_file else made)
    files = {"BATON_API_TOKEN_FILE": settings.api_token_file, "BATON_TOKENS_FILE": settings.tokens_file}
    own = {"BATON_API_TOKEN": token} if token else {}
    return own | {name: str(file.absolute()) for name, file in files.items() if file}


def _own_page(settings: Settings, ports: Ports, made: str) -> dict[str, str]:
    """Return where payer pages are, and their key; one that the settings read from a file stays there."""
    url = settings.public_url or f"http://{LOOPBACK}:{ports.gateway}"
    key = settings.page_key.get_secret_value() or ("" if settings.page_key_file else made)
    return {"BATON_PUBLIC_URL": url} | ({"BATON_PAGE_KEY": key} if key else {})


def _own_ui(settings: Settings, ports: Ports, *, embeds_temporal: bool) -> dict[str, str]:
    """Return where the Temporal UI is, for the links of the operator page."""
    own = f"http://{LOOPBACK}:{ports.temporal_ui}" if embeds_temporal else ""
    url = settings.temporal_ui_url or own
    return {"BATON_TEMPORAL_UI_URL": url} if url else {}


def _own_engine(ports: Ports, environment: Mapping[str, str]) -> dict[str, str]:
    return {
        "TEMPORAL_ADDRESS": f"{LOOPBACK}:{ports.temporal}",
        "TEMPORAL_NAMESPACE": environment.get("TEMPORAL_NAMESPACE") or "default",
        "TEMPORAL_CONFIG_FILE": _NO_CONFIG_FILE,
    }


def _own_sandbox(ports: Ports) -> dict[str, str]:
    return {
        "ORCHESTRA_BASE_URL": f"http://{LOOPBACK}:{ports.sandbox}",
        "ORCHESTRA_API_KEY": SANDBOX_API_KEY,
        "ORCHESTRA_WEBHOOK_SECRET": secrets.token_hex(32),
    }


def _selected(environment: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: environment[name] for name in names if environment.get(name)}


def without_connection(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables that point Temporal clients to a particular server."""
    return {name: value for name, value in environment.items() if not name.startswith(_CONNECTION)}
