"""Canaries in place of every secret: after every path that could leak one, none is found anywhere."""

import asyncio
import base64
import contextlib
import json
import os
import secrets as random_values
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from temporalio.testing import WorkflowEnvironment

from baton.client import BatonClient
from baton.encryption.keys import new_key
from baton.local.nodes.ports import free_port
from baton.local.sandbox.control import SandboxControl
from baton.notifications.signing import new_secret
from baton.orders.visibility import REGISTRY
from baton.payloads import data_converter
from baton.process.http_server import address_of, listen, serving
from baton.temporal import ensure_search_attributes
from tests.end_to_end.world import SPARK
from tests.eventually import eventually
from tests.examples.local_stack import running
from tests.paths import ROOT
from tests.sandbox_server import running_sandbox
from tests.secret_models import secret_model_fields
from tests.temporal_server import started, temporal_binary

pytestmark = [pytest.mark.production, pytest.mark.timeout(600)]


def canary() -> str:
    """Return a random secret that no word of a text is part of."""
    return f"Kx{random_values.token_hex(14)}Qz"


CANARIES = {
    "Settings.page_key": canary,
    "Settings.metrics_token": canary,
    "Settings.api_token": canary,
    "Settings.payload_keys": lambda: new_key("k1").partition(":")[2],
    "Settings.ledger_password": canary,
    "PartnerAccount.api_key": canary,
    "PartnerAccount.webhook_secrets": canary,
    "SigningSecret.secret": new_secret,
    "ProviderSpec.url": canary,
    "ProviderSpec.headers": canary,
    "TEMPORAL_API_KEY": canary,
}
"""What makes a canary for each secret: of each model's field that holds one, and those that have no model."""

INJECTOR = """
import importlib.abc, importlib.machinery, json, os, sys

TEXT = os.environ["TEST_SECRETS"]


def fail_twice(owner, name):
    original, left = getattr(owner, name), [2]

    def failing(*arguments, **options):
        if left[0]:
            left[0] -= 1
            raise RuntimeError(f"unexpected: {TEXT}")
        return original(*arguments, **options)

    setattr(owner, name, failing)


TARGETS = {
    "baton.ledger.order_search": lambda module: fail_twice(module.OrderSearch, "page"),
    "workflows.support.publisher": lambda module: fail_twice(module.Publisher, "mark_dirty"),
    "baton.accounts.route_book": lambda module: fail_twice(module.RouteBook, "objection"),
}


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name not in TARGETS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        original = spec.loader.exec_module

        def exec_module(module):
            original(module)
            TARGETS[name](module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
"""
"""Raises unexpected errors whose text holds every secret: in an activity, a workflow and a handler of the gateway."""


OF_COMMANDS = {"Settings.ledger_password", "TEMPORAL_API_KEY"}
"""Secrets that need another database or server than the test has."""
ONE_CALL = httpx.Limits(max_keepalive_connections=0)
"""A connection for each call: the gateway closes one on which a handler failed."""
COMMANDS = (
    *("doctor --json", "list --json", "acts --json", "token list --json", "payload-key list", "webhook list --json"),
    *("endpoint list", "show open", "bundle open --output bundle.zip", "export", "deliveries list", "worker --help"),
)


def spellings(secret: str) -> set[bytes]:
    """Return how a secret may stand in a text or a file; of base64 the part that does not depend on its place."""
    content = secret.encode()
    cores = {base64.b64encode(b"\0" * shift + content)[4 if shift else 0 : -4] for shift in range(3)}
    return {
        content,
        content.hex().encode(),
        "".join(f"%{byte:02x}" for byte in content).encode(),
        quote(secret).encode(),
        *cores,
    }


@dataclass
class Leaky:
    """A running installation whose secrets are canaries, and all that came out of it.

    Attributes:
        folder: Where it runs.
        secrets: The canaries by the names of their secrets.
        variables: The settings of its processes.
        baton: A client of it.
        sandbox: What it takes for Orchestra.
        gateway: The gateway's address.
        outputs: Whatever it answered, by what was asked.
    """

    folder: Path
    secrets: Mapping[str, str]
    variables: Mapping[str, str]
    baton: BatonClient
    sandbox: SandboxControl
    gateway: str
    outputs: dict[str, bytes] = field(default_factory=dict)

    async def command(self, *arguments: str, **variables: str) -> None:
        """Run a command, and keep what it prints."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self.variables, **variables}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "baton", *arguments),
            cwd=self.folder,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
        self.outputs[f"baton {' '.join(arguments)} {sorted(variables)}"] = printed

    async def get(self, http: httpx.AsyncClient, path: str, **options: str) -> None:
        """Read an address of the gateway, and keep its answer."""
        answer = await http.get(path, headers=options)
        self.outputs[f"GET {path} {sorted(options)}"] = repr(answer.headers).encode() + answer.content


async def echo(request: Request) -> JSONResponse:
    """Answer as a provider or receiver that repeats what it was sent."""
    repeated = {"url": str(request.url), "headers": dict(request.headers)}
    return JSONResponse({"jsonrpc": "2.0", "id": 1, "error": {"code": -32001, "message": json.dumps(repeated)}}, 500)


@pytest.fixture
async def leaky(tmp_path: Path) -> AsyncIterator[Leaky]:
    found = {name: make() for name, make in CANARIES.items()}
    listener = listen("127.0.0.1", 0)
    (home := tmp_path / ".baton").mkdir()
    gateway = f"http://127.0.0.1:{free_port()}"
    async with (
        serving(Starlette(routes=[Route("/{path:path}", echo, methods=["POST"])]), listener, grace=1),
        running_sandbox(
            webhook_url=f"{gateway}/webhooks/orchestra/default",
            webhook_secret=found["PartnerAccount.webhook_secrets"],
            step_seconds=0.05,
            detect_seconds=0.05,
        ) as (orchestra, control),
        await started(lambda: temporal_on_disk(home)) as temporal,
    ):
        await control.accept_keys(found["PartnerAccount.api_key"])
        await ensure_search_attributes(temporal.client, REGISTRY)
        variables = {
            **files_of(tmp_path, found, address_of(listener)),
            "TEMPORAL_ADDRESS": temporal.client.service_client.config.target_host,
            "BATON_HOME": str(home),
            "BATON_GATEWAY_PORT": gateway.rpartition(":")[2],
            "BATON_PUBLIC_URL": gateway,
            "ORCHESTRA_BASE_URL": orchestra,
            "BATON_PAYLOAD_KEYS": f"none,k1:{found['Settings.payload_keys']}",
            "BATON_NOTIFY_NETWORKS": "127.0.0.0/8",
            "BATON_LOG_LEVEL": "debug",
        }
        injected = {"PYTHONPATH": f"{tmp_path / 'injected'}:{ROOT}", "TEST_SECRETS": known_to_processes(found)}
        async with (
            process_of(home, "worker", [str(ROOT / "worker.py")], variables | injected),
            process_of(home, "gateway", ["-m", "baton.gateway"], variables | injected),
        ):
            yield Leaky(tmp_path, found, variables, BatonClient(temporal.client), control, gateway)


async def temporal_on_disk(home: Path) -> WorkflowEnvironment:
    """Start a server that keeps its histories in a file, as `baton up` does."""
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_binary(),
        dev_server_extra_args=["--db-filename", str(home / "temporal.db")],
        dev_server_log_level="error",
        data_converter=data_converter,
    )


def known_to_processes(found: Mapping[str, str]) -> str:
    """Return the secrets in the settings of worker and gateway; the others are given to single commands."""
    return " ".join(secret for name, secret in found.items() if name not in OF_COMMANDS)


@asynccontextmanager
async def process_of(home: Path, name: str, arguments: list[str], variables: Mapping[str, str]) -> AsyncIterator[None]:
    """Run worker or gateway with its log in the home folder, from when it is ready until the block ends."""
    ready = home / f"{name}.ready"
    with (home / f"{name}.log").open("wb") as log:
        own = {**variables, "BATON_READY_FILE": str(ready)}
        async with running([sys.executable, *arguments], home.parent, own, stdout=log.fileno()):
            await eventually(lambda: asyncio.to_thread(ready.exists), within=90)
            yield


def files_of(folder: Path, found: Mapping[str, str], provider: str) -> dict[str, str]:
    """Write the secrets into files outside the home folder; return the settings that name them."""
    (folder / "injected").mkdir()
    (folder / "injected" / "sitecustomize.py").write_text(INJECTOR)
    own = folder / "own"
    own.mkdir()
    chains = (
        f'[chains.base]\nproviders = [{{ url = "{provider}/v3/{found["ProviderSpec.url"]}", '
        f'headers = {{ authorization = "Bearer {found["ProviderSpec.headers"]}" }} }}]\n'
    )
    endpoints = f'[endpoints.shop]\nurl = "{provider}/hook"\nsecret = "{found["SigningSecret.secret"]}"\n'
    contents = {
        "BATON_PAGE_KEY_FILE": found["Settings.page_key"],
        "BATON_METRICS_TOKEN_FILE": found["Settings.metrics_token"],
        "BATON_API_TOKEN_FILE": found["Settings.api_token"],
        "ORCHESTRA_API_KEY_FILE": found["PartnerAccount.api_key"],
        "ORCHESTRA_WEBHOOK_SECRET_FILE": found["PartnerAccount.webhook_secrets"],
        "BATON_CHAINS_FILE": chains,
        "BATON_ENDPOINTS_FILE": endpoints,
    }
    for name, content in contents.items():
        (own / name).write_text(f"{content}\n")
    return {name: str(own / name) for name in contents}


def test_every_secret_of_the_models_has_a_canary() -> None:
    assert {name for name in CANARIES if "." in name} == secret_model_fields()


@pytest.mark.parametrize("shift", range(3))
def test_a_canary_is_found_in_every_usual_spelling(shift: int) -> None:
    secret = canary()
    coded = base64.b64encode(b"x" * shift + secret.encode() + b"y").decode()
    for text in (secret, secret.encode().hex(), quote(secret), coded):
        assert any(spelling in text.encode() for spelling in spellings(secret))


async def drive(leaky: Leaky) -> None:
    """Take every path that could leak a secret."""
    every = known_to_processes(leaky.secrets)
    document = {
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationChain": "spark",
        "destinationAsset": "BTC",
        "amount": "100000000",
        "recipientAddress": SPARK,
    }
    await leaky.sandbox.fault("quote", status=500, kind="error", message=f"odd {every}")
    await leaky.baton.place({**document, "reference": "done"})
    await leaky.sandbox.deposit(quote_id=(await leaky.baton.snapshot("done")).quote_id, detect=True)
    await eventually(lambda: leaky.baton.snapshot("done"), lambda found: found.outcome is not None, within=60)
    await leaky.baton.place({**document, "reference": "open"})
    await leaky.sandbox.fault(
        "submit",
        quoteId=(await leaky.baton.snapshot("open")).quote_id,
        kind="error",
        status=400,
        code="invalid_request",
        message=f"refused {every}",
    )
    await visit_gateway(leaky, every)
    await run_commands(leaky)


async def visit_gateway(leaky: Leaky, every: str) -> None:
    token = {"Authorization": f"Bearer {leaky.secrets['Settings.api_token']}"}
    scrape = {"Authorization": f"Bearer {leaky.secrets['Settings.metrics_token']}"}
    wrong = {"Authorization": f"Bearer {leaky.secrets['Settings.page_key']}"}
    async with httpx.AsyncClient(base_url=leaky.gateway, timeout=30, follow_redirects=True, limits=ONE_CALL) as http:
        for path in (
            "/healthz",
            "/readyz",
            "/metrics",
            "/v1/orders",
            "/v1/openapi.json",
            "/v1/docs",
            "/ops",
            "/pay/none",
        ):
            await leaky.get(http, path)
        for path in (
            "/v1/orders",
            "/v1/orders/open",
            "/v1/events",
            "/v1/health",
            "/v1/figures",
            "/v1/endpoints",
            "/v1/acts",
        ):
            for _ in range(3):  # the first ones meet the injected errors
                await leaky.get(http, path, **token)
            await leaky.get(http, path, **wrong)
        await leaky.get(http, "/metrics", **scrape)
        for path in ("/codec/decode", "/webhooks/orchestra/default", "/v1/orders"):
            answer = await http.post(path, content=every.encode(), headers=token)
            leaky.outputs[f"POST {path}"] = answer.content
        page = await http.post("/ops/login", data={"token": leaky.secrets["Settings.api_token"]})
        leaky.outputs["POST /ops/login"] = repr(page.headers).encode() + page.content
        shown = (await leaky.baton.snapshot("open")).payer_page
        if shown:
            await leaky.get(http, shown)


async def run_commands(leaky: Leaky) -> None:
    password = {
        "BATON_LEDGER_URL": "postgresql://baton@127.0.0.1:1/ledger",
        "BATON_LEDGER_PASSWORD": leaky.secrets["Settings.ledger_password"],
    }
    temporal = {"TEMPORAL_API_KEY": leaky.secrets["TEMPORAL_API_KEY"], "TEMPORAL_ADDRESS": "127.0.0.1:1"}
    both = password | {"BATON_LEDGER_PASSWORD_FILE": "none"}
    cut = {"BATON_PAYLOAD_KEYS": f"k1:{leaky.secrets['Settings.payload_keys'][:-2]}"}
    await leaky.command("list", BATON_PAGE_DAYS=leaky.secrets["Settings.page_key"])
    for command in COMMANDS:
        await leaky.command(*command.split())
    for wrong in (password, temporal, both, cut):
        await leaky.command("doctor", "--json", **wrong)
        await leaky.command("worker", **wrong)


def stored(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what stands in the home folder; of databases their rows too, which may be spread over pages."""
    for file in (folder / ".baton").rglob("*"):
        if file.is_file():
            yield str(file.relative_to(folder)), file.read_bytes()
    for name in ("temporal.db", "ledger.db"):
        with closing(sqlite3.connect(f"file:{folder / '.baton' / name}?mode=ro", uri=True)) as database:
            database.text_factory = bytes
            tables = [
                row[0].decode() for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            rows = (repr(row) for table in tables for row in database.execute(f'SELECT * FROM "{table}"'))
            yield f"rows of {name}", "\n".join(rows).encode()


def command_lines() -> Iterator[tuple[str, bytes]]:
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield f"command line {process.name}", (process / "cmdline").read_bytes()


async def test_no_secret_is_found_outside_its_place(leaky: Leaky) -> None:
    await drive(leaky)
    places = [*leaky.outputs.items(), *stored(leaky.folder), *command_lines()]
    bundle = leaky.folder / "bundle.zip"
    places.append(("bundle", bundle.read_bytes()))
    leaks = [
        (place, name)
        for place, content in places
        for name, secret in leaky.secrets.items()
        if any(spelling.lower() in content.lower() for spelling in spellings(secret))
    ]
    assert leaks == []
    for place in (".baton/worker.log", ".baton/gateway.log", "rows of temporal.db"):
        assert b"unexpected: [secret]" in dict(places)[place], "the injected errors were not met"
