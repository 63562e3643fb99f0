"""The local stack: Temporal, sandbox, worker and gateway, started in order, watched, and ended together."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from rich.console import Console
from rich.table import Table

from runtime.settings import Settings
from runtime.temporal import connect, ensure_search_attributes, require_namespace
from stack import temporal
from stack.children import ChildSpec
from stack.errors import Interrupted
from stack.plan import StackPlan, make_plan
from stack.ports import LOOPBACK, Ports, fixed_ports, require_free
from stack.probes import file_exists, http_ok
from stack.processes import Supervisor, until_signal
from stack.state import StackState, environment_file, home_lock, remove_state, write_state
from workflows.search_attributes import REGISTRY

_STOP_MARGIN = 5.0
"""Seconds on top of the grace that a process gives its own work, before it is killed."""


def _module(name: str) -> tuple[str, ...]:
    # -P: a worker.py in the folder where the command was given must not run in place of ours.
    return (sys.executable, "-P", "-m", name)


@dataclass(frozen=True)
class ChildCommands:
    """How the parts of Baton are started."""

    worker: Sequence[str] = field(default_factory=lambda: _module("worker"))
    gateway: Sequence[str] = field(default_factory=lambda: _module("gateway"))
    sandbox: Sequence[str] = field(default_factory=lambda: _module("sandbox"))


class LocalStack:
    """A whole Baton on this machine, for as long as its `async with` block lasts.

    Entering raises `PortTaken`, `HomeInUse`, `EngineMissing`, `ChildDied` or `ChildNotReady` (all `StackError`), or
    `TemporalUnavailable` for a server that the environment names. What was started until then is ended again.

    Attributes:
        plan: What runs where.
        state: The addresses, as other shells read them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        ports: Ports | None = None,
        commands: ChildCommands | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Plan a stack.

        Args:
            settings: Home, ports, grace and ledger.
            ports: Where to listen; as the settings say by default.
            commands: What to run as worker, gateway and sandbox.
            say: Told in a few words what the start is busy with.
        """
        self.plan: StackPlan = make_plan(settings, ports or fixed_ports(settings), os.environ)
        self.state = _state(self.plan)
        self._grace = settings.shutdown_grace + _STOP_MARGIN
        self._commands = commands or ChildCommands()
        self._say = say
        self._exits = AsyncExitStack()
        self._children = Supervisor(self.plan.home / "logs")

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            exits.enter_context(home_lock(self.plan.home))
            for name, port, host in self.plan.listeners():
                require_free(name, port, host)
            remove_state(self.plan.home)
            await exits.enter_async_context(self._children)
            await self._start()
            exits.callback(remove_state, self.plan.home)
            write_state(self.plan.home, self.state, self.plan.shared)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    async def watch(self) -> NoReturn:
        """Wait until a part of the stack ends by itself.

        Raises:
            ChildDied: Always; the text names the part and has the end of its log.
        """
        await self._children.watch()

    async def _start(self) -> None:
        await self._start_engine()
        parts = [self._worker(), self._gateway()]
        if self.plan.runs_sandbox:
            parts.append(self._sandbox())
        self._say(f"starting {', '.join(part.name for part in parts)}")
        await self._children.start(*parts)

    async def _start_engine(self) -> None:
        if not self.plan.embeds_temporal:
            self._say(f"using Temporal at {self.plan.temporal_address}")
            client = await connect()
            await require_namespace(client)
            await ensure_search_attributes(client, REGISTRY)
            return
        binary = await temporal.ready_binary(self._say)
        self._say("starting Temporal")
        await self._children.start(self._temporal(binary))
        await temporal.prepare_namespace(self.plan.ports.temporal, self.plan.namespace)

    def _temporal(self, binary: Path) -> ChildSpec:
        plan = self.plan
        command = temporal.server_command(
            binary, ports=plan.ports, database=plan.home / "temporal.db", namespace=plan.namespace
        )
        environment = temporal.server_environment(plan.environment)
        return ChildSpec("temporal", command, environment, temporal.serving(plan.ports.temporal, plan.namespace))

    def _sandbox(self) -> ChildSpec:
        command = [*self._commands.sandbox, "--host", LOOPBACK, "--port", str(self.plan.ports.sandbox)]
        command += ["--webhook-url", self.plan.webhook_url]
        return ChildSpec(
            "sandbox", command, self.plan.environment, http_ok(f"{self.plan.sandbox_url}/sandbox/health")
        )

    def _worker(self) -> ChildSpec:
        ready = self.plan.home / "worker.ready"
        ready.unlink(missing_ok=True)
        environment = {**self.plan.environment, "BATON_READY_FILE": str(ready)}
        return ChildSpec("worker", self._commands.worker, environment, file_exists(ready), grace=self._grace)

    def _gateway(self) -> ChildSpec:
        ready = http_ok(f"{self.plan.gateway_url}/readyz")
        return ChildSpec("gateway", self._commands.gateway, self.plan.environment, ready, grace=self._grace)


async def run_up(settings: Settings, *, as_json: bool = False) -> int:
    """Run the local stack until a signal ends it; return the exit code.

    Args:
        settings: Home, ports, grace and ledger.
        as_json: Print the addresses as one JSON object instead of a table.

    Raises:
        StackError: The stack could not be started, or a part of it died.
        TemporalUnavailable: The server that the environment names is not to be used.
    """
    console = Console()
    notes = Console(stderr=True)
    reached = False

    async def serve() -> None:
        nonlocal reached
        with notes.status("starting") as status:
            stack = LocalStack(settings, say=status.update)
            await stack.__aenter__()
        try:
            reached = True
            _show(console, stack, as_json=as_json)
            await stack.watch()
        finally:
            notes.print("stopping", style="dim")
            await stack.__aexit__(None, None, None)

    try:
        await until_signal(serve())
    except Interrupted as signal:
        return 0 if reached else signal.exit_code
    return 0


def _state(plan: StackPlan) -> StackState:
    return StackState(
        pid=os.getpid(),
        gateway_url=plan.gateway_url,
        temporal_address=plan.temporal_address,
        ui_url=plan.ui_url,
        sandbox_url=plan.sandbox_url,
        environment_file=str(environment_file(plan.home)),
    )
