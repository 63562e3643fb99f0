"""The embedded Temporal server: the CLI's dev server on a SQLite file, tuned to be fast and durable."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from baton.local.child_process import Probe
from baton.local.stack.errors import EngineMissing
from baton.local.stack.ports import LOOPBACK, Ports
from baton.local.stack.probes import accepts
from baton.nexus.endpoint import ensure_endpoint
from baton.nexus.service import ENDPOINT
from baton.orders.visibility import REGISTRY
from baton.temporal import TemporalUnavailable, ensure_search_attributes, require_namespace

RETENTION = timedelta(days=30)
"""How long a closed order can be read by its reference; the dev server's default is one day."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
"""Survives a crash of the process, and needs two fsyncs for an order instead of 250."""

_DYNAMIC_CONFIG = (
    "history.transferProcessorMaxPollRPS=1000",
    "history.timerProcessorMaxPollRPS=1000",
    "history.visibilityProcessorMaxPollRPS=1000",
)
"""With the default of 20 polls a second, a signal waits up to 50 ms as soon as a few orders move."""


def find_binary(cache: Path) -> Path | None:
    """Return the Temporal CLI of this environment, from the PATH, or from the cache folder; None if there is none."""
    beside = Path(sys.executable).with_name("temporal")
    program = shutil.which(beside) or shutil.which("temporal")
    if program:
        return Path(program)
    return next((path for path in sorted(cache.glob("temporal*")) if os.access(path, os.X_OK)), None)


async def download_binary(cache: Path) -> Path:
    """Let the SDK download the Temporal CLI into the cache folder.

    Raises:
        EngineMissing: The download failed.
    """
    try:
        environment = await WorkflowEnvironment.start_local(download_dest_dir=str(cache))
        await environment.shutdown()
    except RuntimeError as error:
        raise EngineMissing(
            f"There is no `temporal` program here, and the SDK could not download one: {error}. Install it "
            "(`uv sync` does; for other ways see https://docs.temporal.io/cli) or set TEMPORAL_ADDRESS to a server."
        ) from None
    binary = find_binary(cache)
    if binary is None:
        raise EngineMissing(f"The SDK downloaded a Temporal server, but {cache} contains no program.")
    return binary


async def ready_binary(say: Callable[[str], None]) -> Path:
    """Return the Temporal CLI; download it first if the machine has none.

    Raises:
        EngineMissing: There is none, and the download failed.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "baton"
    binary = find_binary(cache)
    if binary is None:
        say("downloading the Temporal server, once")
        await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
        binary = await download_binary(cache)
    return binary


def server_command(
    binary: Path,
    *,
    ports: Ports,
    database: Path,
    namespace: str,
    codec_url: str | None = None,
    synced: bool = False,
) -> list[str]:
    """Return the command that runs the dev server on loopback, with its data in one SQLite file.

    Args:
        binary: The Temporal CLI.
        ports: The ports to listen on.
        database: The file.
        namespace: The namespace to create.
        codec_url: Where the UI has payloads decrypted; None if none are encrypted.
        synced: Whether each write of the file is synced to the disk, as SQLite does by default.
    """
    command = [str(binary), "server", "start-dev", "--ip", LOOPBACK]
    command += ["--port", str(ports.temporal), "--ui-port", str(ports.temporal_ui)]
    command += ["--namespace", namespace, "--db-filename", str(database), "--log-level", "error"]
    command += ["--ui-codec-endpoint", codec_url] if codec_url else []
    command += [] if synced else _repeated("--sqlite-pragma", _PRAGMAS)
    command += _repeated("--dynamic-config-value", _DYNAMIC_CONFIG)
    return command + _repeated("--search-attribute", [f"{name}={kind}" for name, kind in REGISTRY.items()])


def _repeated(option: str, values: list[str] | tuple[str, ...]) -> list[str]:
    return [part for value in values for part in (option, value)]


def server_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the server's environment, without the variables that are meant for clients."""
    return {name: value for name, value in environment.items() if not name.startswith("TEMPORAL_")}


def serving(port: int, namespace: str) -> Probe:
    """Return a probe that is true if the server is healthy and has the namespace."""

    async def probe() -> bool:
        if not await accepts(LOOPBACK, port):
            return False
        try:
            client = await _connect(port, namespace)
            await require_namespace(client)
            return await client.service_client.check_health()
        except (RuntimeError, RPCError, TemporalUnavailable):
            return False

    return probe


async def prepare_namespace(port: int, namespace: str) -> None:
    """Add what a database from an earlier version may lack: search attributes, the retention, the Nexus endpoint.

    Raises:
        TemporalUnavailable: The server refused.
    """
    client = await _connect(port, namespace)
    await ensure_search_attributes(client, REGISTRY)
    await ensure_endpoint(client, ENDPOINT, replace=True)
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    config = NamespaceConfig(workflow_execution_retention_ttl=retention)
    try:
        await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=namespace, config=config))
    except RPCError as error:
        raise TemporalUnavailable(f"the retention of namespace {namespace!r} cannot be set: {error.message}") from None


async def _connect(port: int, namespace: str) -> Client:
    return await Client.connect(f"{LOOPBACK}:{port}", namespace=namespace)
