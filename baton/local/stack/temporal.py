"""The embedded Temporal server: the CLI's dev server on a SQLite file, tuned so that it keeps up and keeps its word."""

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

from baton.local.stack.errors import EngineMissing
from baton.local.stack.ports import LOOPBACK, Ports
from baton.local.stack.probes import Probe, accepts
from baton.orders.visibility import REGISTRY
from baton.temporal import TemporalUnavailable, ensure_search_attributes, require_namespace

RETENTION = timedelta(days=30)
"""How long a closed order answers under its reference; the dev server's own default is one day."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
"""Survives the death of the process, and costs two fsyncs an order instead of 250."""

_DYNAMIC_CONFIG = (
    "history.transferProcessorMaxPollRPS=1000",
    "history.timerProcessorMaxPollRPS=1000",
    "history.visibilityProcessorMaxPollRPS=1000",
)
"""The default of 20 polls a second makes a signal wait up to 50 ms as soon as a few orders move."""


def find_binary(cache: Path) -> Path | None:
    """Return the Temporal CLI: of this environment, on PATH, or fetched before into the cache folder."""
    beside = Path(sys.executable).with_name("temporal")
    found = shutil.which(beside) or shutil.which("temporal")
    if found:
        return Path(found)
    return next((path for path in sorted(cache.glob("temporal*")) if os.access(path, os.X_OK)), None)


async def fetch_binary(cache: Path) -> Path:
    """Let the SDK download the Temporal CLI into the cache folder.

    Raises:
        EngineMissing: The download failed.
    """
    try:
        started = await WorkflowEnvironment.start_local(download_dest_dir=str(cache))
        await started.shutdown()
    except RuntimeError as error:
        raise EngineMissing(
            f"There is no `temporal` program here, and the SDK could not fetch one: {error}. Install it "
            "(`uv sync` brings it, https://docs.temporal.io/cli has others) or set TEMPORAL_ADDRESS to a server."
        ) from None
    found = find_binary(cache)
    if found is None:
        raise EngineMissing(f"The SDK fetched a Temporal server, but {cache} holds no program.")
    return found


async def ready_binary(say: Callable[[str], None]) -> Path:
    """Return the Temporal CLI, fetched first where the machine has none.

    Raises:
        EngineMissing: There is none and the download failed.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "baton"
    found = find_binary(cache)
    if found is None:
        say("fetching the Temporal server, once")
        await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
        found = await fetch_binary(cache)
    return found


def server_command(binary: Path, *, ports: Ports, database: Path, namespace: str) -> list[str]:
    """Return the command that runs the dev server on loopback, with its data in one SQLite file."""
    command = [str(binary), "server", "start-dev", "--ip", LOOPBACK]
    command += ["--port", str(ports.temporal), "--ui-port", str(ports.temporal_ui)]
    command += ["--namespace", namespace, "--db-filename", str(database), "--log-level", "error"]
    command += _each("--sqlite-pragma", _PRAGMAS)
    command += _each("--dynamic-config-value", _DYNAMIC_CONFIG)
    return command + _each("--search-attribute", [f"{name}={kind}" for name, kind in REGISTRY.items()])


def _each(option: str, values: list[str] | tuple[str, ...]) -> list[str]:
    return [part for value in values for part in (option, value)]


def server_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the server: what is meant for clients of another server would mislead it."""
    return {name: value for name, value in environment.items() if not name.startswith("TEMPORAL_")}


def serving(port: int, namespace: str) -> Probe:
    """Return a probe that is true when the server is healthy and knows the namespace."""

    async def probe() -> bool:
        if not await accepts(LOOPBACK, port):
            return False
        try:
            client = await _open(port, namespace)
            await require_namespace(client)
            return await client.service_client.check_health()
        except (RuntimeError, RPCError, TemporalUnavailable):
            return False

    return probe


async def prepare_namespace(port: int, namespace: str) -> None:
    """Give the namespace what a file from an earlier version may lack: new search attributes and the retention.

    Raises:
        TemporalUnavailable: The server refuses.
    """
    client = await _open(port, namespace)
    await ensure_search_attributes(client, REGISTRY)
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    config = NamespaceConfig(workflow_execution_retention_ttl=retention)
    try:
        await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=namespace, config=config))
    except RPCError as error:
        raise TemporalUnavailable(f"the retention of namespace {namespace!r} cannot be set: {error.message}") from None


async def _open(port: int, namespace: str) -> Client:
    return await Client.connect(f"{LOOPBACK}:{port}", namespace=namespace)
