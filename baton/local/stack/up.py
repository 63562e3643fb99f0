"""`baton up`: Temporal, sandbox, worker and gateway, started in order, watched, and stopped together."""

import json
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict
from types import TracebackType
from typing import NoReturn, Self

from rich.console import Console

from baton.local.stack.errors import Interrupted
from baton.local.stack.interruption import until_signal
from baton.local.stack.local_secrets import local_secrets
from baton.local.stack.parts import Commands, gateway_part, sandbox_part, temporal_part, worker_part
from baton.local.stack.plan import StackPlan, make_plan
from baton.local.stack.ports import Ports, fixed_ports, require_free
from baton.local.stack.state import StackState, environment_file, home_lock, remove_state, write_state
from baton.local.stack.supervisor import ChildSpec, Supervisor
from baton.local.stack.temporal import prepare_namespace, ready_binary
from baton.orders.saved_queries import saved_queries
from baton.orders.visibility import REGISTRY
from baton.settings import Settings
from baton.temporal import connect, ensure_search_attributes, require_namespace

_STOP_MARGIN = 5.0
"""Seconds that a process has beyond the grace of its own work, before it is killed."""


class LocalStack:
    """All of Baton on this machine, for as long as its `async with` block lasts.

    If the stack cannot start, everything that was already started is stopped again. The error is a `StackError`, or
    `TemporalUnavailable` for a server that the environment names.

    Attributes:
        plan: What runs where.
        state: The addresses, as other shells read them.
        started: Whether everything was ready.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        ports: Ports | None = None,
        commands: Commands | None = None,
        keeps_sandbox: bool = True,
        syncs_temporal: bool = False,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Plan a stack.

        Args:
            settings: Home, ports, grace and ledger.
            ports: The ports to listen on; those of the settings by default.
            commands: The commands of worker, gateway and sandbox.
            keeps_sandbox: Whether the sandbox's orders are still there after a restart of the stack.
            syncs_temporal: Whether the Temporal server syncs each write to the disk.
            say: Called with a few words on progress.
        """
        ports = ports or fixed_ports(settings)
        self.plan: StackPlan = make_plan(settings, ports, os.environ, local_secrets(settings.home))
        self.state: StackState = _state(self.plan)
        self.started = False
        self._grace = settings.shutdown_grace + _STOP_MARGIN
        self._commands = commands or Commands()
        self._keeps_sandbox = keeps_sandbox
        self._syncs_temporal = syncs_temporal
        self._say = say
        self._children = Supervisor(self.plan.home / "logs")
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            exits.enter_context(home_lock(self.plan.home))
            remove_state(self.plan.home)
            for name, port, host in self.plan.listeners():
                require_free(name, port, host)
            await exits.enter_async_context(self._children)
            await self._start()
            exits.callback(remove_state, self.plan.home)
            write_state(self.plan.home, self.state, self.plan.shared)
            self.started = True
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._say("stopping")
        await self._exits.aclose()

    async def watch(self) -> NoReturn:
        """Wait until a part of the stack ends by itself.

        Raises:
            ChildDied: Always; the text names the part and has the end of its log.
        """
        await self._children.watch()

    async def restart(self, name: str) -> None:
        """Restart a part of the stack, `worker` for example; return when it is ready.

        Raises:
            StackError: It did not stop or start as it should.
        """
        self._say(f"restarting {name}")
        await self._children.restart(name)

    async def crash(self, *names: str) -> None:
        """Kill parts of the stack with SIGKILL and start them again, in this order; return when they are ready.

        Raises:
            StackError: One did not start, or another part died of it.
        """
        await self._children.crash(*names)

    async def _start(self) -> None:
        plan, commands = self.plan, self._commands
        first = [await self._engine()] if plan.embeds_temporal else []
        if plan.runs_sandbox:
            first.append(sandbox_part(plan, commands.sandbox, keeps_state=self._keeps_sandbox))
        await self._check_given_engine()
        await self._start_parts(*first)
        if plan.embeds_temporal:
            await prepare_namespace(plan.ports.temporal, plan.namespace)
        await self._start_parts(
            worker_part(plan, commands.worker, self._grace), gateway_part(plan, commands.gateway, self._grace)
        )

    async def _engine(self) -> ChildSpec:
        return temporal_part(self.plan, await ready_binary(self._say), synced=self._syncs_temporal)

    async def _check_given_engine(self) -> None:
        if self.plan.embeds_temporal:
            return
        self._say(f"using Temporal at {self.plan.temporal_address}")
        client = await connect()
        await require_namespace(client)
        await ensure_search_attributes(client, REGISTRY)

    async def _start_parts(self, *parts: ChildSpec) -> None:
        if parts:
            self._say(f"starting {', '.join(part.name for part in parts)}")
            await self._children.start(*parts)


async def run_up(settings: Settings, *, as_json: bool = False, commands: Commands | None = None) -> int:
    """Run the local stack until a signal ends it; return the exit code, which is 0 if it was up.

    Args:
        settings: Home, ports, grace and ledger.
        as_json: Print the addresses as one JSON object instead of a table.
        commands: The commands of worker, gateway and sandbox.

    Raises:
        StackError: The stack could not be started, or a part of it died.
        TemporalUnavailable: The server that the environment names cannot be used.
    """
    notes = Console(stderr=True, highlight=False, markup=False)
    stack = LocalStack(settings, commands=commands, say=lambda text: notes.print(f"{text} ...", style="dim"))
    try:
        await until_signal(_serve(stack, as_json=as_json))
    except Interrupted as interruption:
        return 0 if stack.started else interruption.exit_code
    return 0


async def _serve(stack: LocalStack, *, as_json: bool) -> None:
    async with stack:
        console = Console(highlight=False, markup=False)
        if as_json:
            console.print(json.dumps(asdict(stack.state)), soft_wrap=True)
        else:
            _show(console, stack)
        await stack.watch()


def _show(console: Console, stack: LocalStack) -> None:
    lines = ["Baton is up", *(f"  {name:<14} {value}" for name, value in _addresses(stack).items())]
    if links := stack.state.saved_queries:
        lines += ["", "Orders in the Temporal UI (docs/temporal-ui.md)"]
        lines += [f"  {title:<{max(map(len, links))}}  {link}" for title, link in links.items()]
    lines += ["", "In another shell, in this folder: `baton start --help`, `baton list`."]
    lines += ["Ctrl-C stops everything; open orders continue with the next `baton up`."]
    console.print("\n".join(lines), soft_wrap=True)


def _addresses(stack: LocalStack) -> dict[str, str]:
    plan = stack.plan
    return {
        "Gateway": plan.gateway_url,
        "Operators": f"{plan.gateway_url}/ops",
        "Temporal UI": plan.ui_url or "the UI of the server in use",
        "Temporal": f"{plan.temporal_address}, namespace {plan.namespace}",
        "Orchestra": f"{plan.sandbox_url} (sandbox: it moves no money)" if plan.runs_sandbox else "as configured",
        "API token": plan.shared.get("BATON_API_TOKEN") or f"in {plan.shared['BATON_API_TOKEN_FILE']}",
        "Data and logs": str(plan.home),
    }


def _state(plan: StackPlan) -> StackState:
    return StackState(
        pid=os.getpid(),
        gateway_url=plan.gateway_url,
        temporal_address=plan.temporal_address,
        ui_url=plan.ui_url,
        sandbox_url=plan.sandbox_url,
        environment_file=str(environment_file(plan.home)),
        saved_queries=_saved_queries(plan),
    )


def _saved_queries(plan: StackPlan) -> dict[str, str]:
    """Return the links to the saved queries by their titles; none without a Temporal UI of the stack's own."""
    if plan.ui_url is None:
        return {}
    return {query.title: query.link(plan.ui_url, plan.namespace) for query in saved_queries()}
