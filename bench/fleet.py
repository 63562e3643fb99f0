"""Workers and gateways as a company runs them: several processes of each, on PostgreSQL, behind a load balancer.

Everything is real but Orchestra, in whose place the sandbox runs: `baton worker` and `baton gateway` as processes of
their own, Temporal's dev server on a file, PostgreSQL. All ports are free ones of loopback, all data is thrown away.

Example:
    async with running_fleet(workers=2, gateways=2, BATON_WORKFLOW_CACHE="500") as fleet:
        placed = await fleet.baton.place(document)
        await fleet.restart("gateway-0")
        await fleet.kill("worker-1")
        await fleet.start("worker-1")
        usage = fleet.usage()

It is used by the tests of `make test-production` and by benchmarks.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from temporalio.client import Client

from baton.client import BatonClient
from baton.local.sandbox.control import SandboxControl
from baton.local.stack.local_secrets import local_secrets
from baton.local.stack.parts import Commands, sandbox_part, temporal_part
from baton.local.stack.plan import StackPlan, make_plan
from baton.local.stack.ports import LOOPBACK, free_ports, throwaway_ports
from baton.local.stack.probes import file_exists, http_ok
from baton.local.stack.supervisor import ChildSpec, Supervisor
from baton.local.stack.temporal import prepare_namespace, ready_binary
from baton.payloads import data_converter
from baton.settings import Settings
from bench.support.balancer import Balancer
from bench.support.contestants import postgres_binaries
from bench.support.machine import private_bytes, process_tree, resident_bytes, tree_cpu_seconds
from bench.support.workbench import own_environment
from tests.postgres import PrivatePostgres, private_postgres

GRACE = 20.0
"""Seconds that a worker or gateway gets to end after SIGTERM; then it is killed."""

_KILL_AFTER = GRACE + 10.0
_STARTUP = 90.0
"""Seconds until a process must be ready; several at a time share the machine."""


class Usage(NamedTuple):
    """What a process and all that it started use now.

    Attributes:
        resident: Bytes of memory.
        private: Bytes of it that no other process shares, so that shared buffers of a database do not count.
        cpu_seconds: CPU time since its start.
    """

    resident: int
    private: int
    cpu_seconds: float


@dataclass(frozen=True)
class Fleet:
    """A running fleet.

    Attributes:
        workers: The names of the workers: `worker-0`, `worker-1`, ...
        gateways: The names of the gateways: `gateway-0`, ...
        balancer: What stands before the gateways, with its counts.
        temporal: A client of the Temporal server.
        baton: The client of a business app.
        sandbox: Control of the sandbox.
        postgres: The server of the ledger, which a test may stop and start.
        logs: The folder with the log of each process, `worker-0.log` for example.
    """

    workers: tuple[str, ...]
    gateways: tuple[str, ...]
    balancer: Balancer
    temporal: Client = field(repr=False)
    baton: BatonClient = field(repr=False)
    sandbox: SandboxControl = field(repr=False)
    postgres: PrivatePostgres = field(repr=False)
    logs: Path
    _plan: StackPlan = field(repr=False)
    _supervisor: Supervisor = field(repr=False)
    _specs: dict[str, ChildSpec] = field(repr=False)

    @property
    def gateway_url(self) -> str:
        """The balancer's URL, as business apps and the sandbox's webhooks use it."""
        return self._plan.gateway_url

    @property
    def webhook_url(self) -> str:
        """The URL for webhooks, through the balancer."""
        return self._plan.webhook_url

    @property
    def webhook_secret(self) -> str:
        """The secret that signs webhooks."""
        return self._plan.environment["ORCHESTRA_WEBHOOK_SECRET"]

    @property
    def api_token(self) -> str:
        """A token of the order API with all verbs."""
        return self._plan.shared["BATON_API_TOKEN"]

    @property
    def ledger_url(self) -> str:
        """The URL of the ledger."""
        return self._plan.environment["BATON_LEDGER_URL"]

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of the fleet's processes, for a command that a test runs itself; contains secrets."""
        return self._plan.environment

    async def start(self, name: str, **variables: str) -> None:
        """Start a worker or gateway that was stopped or killed; return when it is ready.

        Args:
            name: The process, such as `worker-0`.
            variables: Variables that it gets besides, also at later starts.

        Raises:
            ChildDied: It ended; the text has the end of its log.
            ChildNotReady: It runs but was not ready in time.
        """
        spec = self._specs[name]
        self._specs[name] = _with_variables(spec, variables)
        await self._supervisor.start(self._specs[name])
        if name in self.gateways:
            await self.balancer.until_ready(name)

    async def stop(self, name: str) -> int | None:
        """End a process with SIGTERM and wait for it; return its exit code, negative if it had to be killed."""
        return await self._supervisor.end(name)

    async def restart(self, name: str, **variables: str) -> int | None:
        """Stop a process and start it again; return the exit code of its first run.

        The balancer notices by itself, as one in production does. Arguments and errors are those of `start`.
        """
        code = await self.stop(name)
        await self.start(name, **variables)
        return code

    async def kill(self, name: str) -> None:
        """End a process with SIGKILL; it does not start again by itself."""
        await self._supervisor.end(name, kill=True)

    def usage(self) -> dict[str, Usage]:
        """Return what each process uses: workers, gateways, `temporal`, `sandbox`, `postgres`; zeros without /proc."""
        roots = self._supervisor.pids
        if self.postgres.process:
            roots["postgres"] = self.postgres.process.pid
        return {name: _usage_of(pid) for name, pid in roots.items()}


def _usage_of(root: int) -> Usage:
    tree = process_tree(root)
    return Usage(sum(map(resident_bytes, tree)), sum(map(private_bytes, tree)), tree_cpu_seconds(tree))


@asynccontextmanager
async def running_fleet(
    *, workers: int = 2, gateways: int = 2, postgres_options: Mapping[str, str] | None = None, **variables: str
) -> AsyncIterator[Fleet]:
    """Run a fleet until the block ends.

    Args:
        workers: How many workers.
        gateways: How many gateways.
        postgres_options: Settings of the PostgreSQL server, such as `fsync`; by default it does not sync to disk.
        variables: Further variables of all processes, `BATON_SANDBOX_STEP_SECONDS` for example.

    Raises:
        StackError: A process did not start.
        PostgresUnavailable: The machine has no PostgreSQL.
    """
    async with AsyncExitStack() as exits:
        home = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="baton-fleet-", ignore_cleanup_errors=True)))
        options = {"max_connections": "300", **(postgres_options or {})}
        postgres = exits.enter_context(private_postgres(postgres_binaries(), **options))
        plan = _plan(home, postgres.create_database(), variables)
        supervisor = await exits.enter_async_context(Supervisor(home / "logs"))
        await _start_servers(plan, supervisor)
        running = [_worker(plan, f"worker-{number}") for number in range(workers)]
        serving = [_gateway(plan, f"gateway-{number}", port) for number, port in enumerate(free_ports(gateways))]
        # One alone, because it makes the ledger's schema; the others would wait for it.
        await supervisor.start(running[0])
        await supervisor.start(*running[1:], *serving)
        balancer = await exits.enter_async_context(_balancer(plan, serving))
        temporal = await Client.connect(plan.temporal_address, namespace=plan.namespace, data_converter=data_converter)
        yield Fleet(
            workers=tuple(spec.name for spec in running),
            gateways=tuple(spec.name for spec in serving),
            balancer=balancer,
            temporal=temporal,
            baton=BatonClient(temporal),
            sandbox=await exits.enter_async_context(SandboxControl(plan.sandbox_url or "")),
            postgres=postgres,
            logs=home / "logs",
            _plan=plan,
            _supervisor=supervisor,
            _specs={spec.name: spec for spec in (*running, *serving)},
        )


@asynccontextmanager
async def _balancer(plan: StackPlan, gateways: Sequence[ChildSpec]) -> AsyncIterator[Balancer]:
    ports = {spec.name: int(spec.environment["BATON_GATEWAY_PORT"]) for spec in gateways}
    async with Balancer(plan.ports.gateway, ports) as balancer:
        for name in ports:
            await balancer.until_ready(name)
        yield balancer


def _plan(home: Path, ledger_url: str, variables: dict[str, str]) -> StackPlan:
    """Return the plan of a stack whose gateway port is the balancer's."""
    given = {"BATON_SHUTDOWN_GRACE": str(GRACE), **variables, "BATON_LEDGER_URL": ledger_url}
    with own_environment(given):
        settings = Settings(home=home)
        return make_plan(settings, throwaway_ports(settings), os.environ, local_secrets(home))


async def _start_servers(plan: StackPlan, supervisor: Supervisor) -> None:
    engine = temporal_part(plan, await ready_binary(lambda _: None))
    await supervisor.start(engine, sandbox_part(plan, Commands().sandbox, keeps_state=False))
    await prepare_namespace(plan.ports.temporal, plan.namespace)


def _worker(plan: StackPlan, name: str) -> ChildSpec:
    ready = plan.home / f"{name}.ready"
    environment = {**plan.environment, "BATON_READY_FILE": str(ready)}
    return ChildSpec(name, Commands().worker, environment, file_exists(ready), _STARTUP, _KILL_AFTER, ready)


def _gateway(plan: StackPlan, name: str, port: int) -> ChildSpec:
    environment = {**plan.environment, "BATON_GATEWAY_PORT": str(port)}
    ready = http_ok(f"http://{LOOPBACK}:{port}/readyz")
    return ChildSpec(name, Commands().gateway, environment, ready, _STARTUP, _KILL_AFTER)


def _with_variables(spec: ChildSpec, variables: Mapping[str, str]) -> ChildSpec:
    return replace(spec, environment={**spec.environment, **variables})
