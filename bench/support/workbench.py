"""A throw-away local stack to measure: real Temporal server, sandbox, worker and gateway, each in its own process.

It listens only on loopback, on free ports. It ignores variables that name another Temporal server, Orchestra account or
ledger, because a benchmark must not load a real one.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.service import GrpcCompression

from baton.client import BatonClient
from baton.encryption.keys import PayloadKeys
from baton.local.sandbox.control import SandboxControl
from baton.local.stack.ports import throwaway_ports
from baton.local.stack.up import LocalStack
from baton.payloads import data_converter, encrypting_converter
from baton.settings import Settings
from bench.support.machine import child_processes

T = TypeVar("T")
_FOREIGN = ("BATON_", "ORCHESTRA_", "TEMPORAL_")


@dataclass(frozen=True)
class Workbench:
    """A running stack, and clients of its parts.

    Attributes:
        stack: The stack itself.
        coalesce: The gateway's coalescing window, in seconds.
        temporal: Client of its Temporal server.
        baton: The client of a business app.
        sandbox: Control of its sandbox.
        webhook_url: The gateway's URL for webhooks.
        webhook_secret: The secret that signs them.
        processes: Names of its processes by process id; empty if the system does not list them.
    """

    stack: LocalStack = field(repr=False)
    coalesce: float
    temporal: Client
    baton: BatonClient
    sandbox: SandboxControl
    webhook_url: str
    webhook_secret: str = field(repr=False)
    processes: dict[int, str]

    async def restart(self, name: str) -> None:
        """Restart a process of the stack, `worker` for example.

        Raises:
            StackError: It did not stop or start as it should.
        """
        others = child_processes()
        await self.stack.restart(name)
        self.processes.pop(self.pid(name))
        self.processes.update((pid, new) for pid, new in child_processes().items() if pid not in others)

    def pid(self, name: str) -> int:
        """Return the process id of a part of the stack."""
        return next(pid for pid, known in self.processes.items() if known == name)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run some work on the stack and return its result.

        Raises:
            ChildDied: A process of the stack ended meanwhile; the work is cancelled.
        """
        working, watching = asyncio.ensure_future(work), asyncio.ensure_future(self.stack.watch())
        try:
            await asyncio.wait([working, watching], return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else await watching
        finally:
            working.cancel()
            watching.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)


@asynccontextmanager
async def workbench(
    *,
    say: Callable[[str], None],
    coalesce: float | None = None,
    step: float = 0.1,
    synced: bool = False,
    **settings: str,
) -> AsyncIterator[Workbench]:
    """Run a stack for the length of the block, then throw it away.

    Args:
        say: Called with a few words on progress.
        coalesce: The gateway's coalescing window, in seconds; None for its default.
        step: Seconds between two statuses of an order in the sandbox.
        synced: Whether Temporal's server syncs each write to the disk.
        settings: Further variables of the stack's processes.

    Raises:
        StackError: The stack could not be started.
    """
    window = Settings.model_fields["webhook_coalesce"].default if coalesce is None else coalesce
    given = {"BATON_WEBHOOK_COALESCE": str(window), "BATON_SANDBOX_STEP_SECONDS": str(step), **settings}
    others = child_processes()
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as home:
        async with _plan(Path(home), given, say, synced) as stack:
            own = {pid: name for pid, name in child_processes().items() if pid not in others}
            async with _clients(stack, window, own) as bench:
                yield bench


def _plan(home: Path, given: dict[str, str], say: Callable[[str], None], synced: bool) -> LocalStack:
    with own_environment(given):
        settings = Settings(home=home)
        return LocalStack(settings, ports=throwaway_ports(settings), syncs_temporal=synced, say=say)


@asynccontextmanager
async def _clients(stack: LocalStack, coalesce: float, processes: dict[int, str]) -> AsyncIterator[Workbench]:
    plan = stack.plan
    assert plan.sandbox_url is not None
    keys = PayloadKeys.from_environment(plan.environment)
    converter = encrypting_converter(keys) if keys else data_converter
    temporal = await Client.connect(
        plan.temporal_address,
        namespace=plan.namespace,
        data_converter=converter,
        grpc_compression=GrpcCompression.NONE,  # as `BatonClient.connect` has it without TLS
    )
    async with SandboxControl(plan.sandbox_url) as sandbox:
        secret = plan.environment["ORCHESTRA_WEBHOOK_SECRET"]
        baton = BatonClient(temporal)
        yield Workbench(stack, coalesce, temporal, baton, sandbox, plan.webhook_url, secret, processes)


@contextmanager
def own_environment(given: dict[str, str]) -> Iterator[None]:
    """Set these variables and hide all that name other servers or settings, for the length of the block."""
    previous = dict(os.environ)
    for name in [name for name in previous if name.startswith(_FOREIGN)]:
        del os.environ[name]
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(previous)
