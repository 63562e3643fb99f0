"""A throw-away local stack to measure: real Temporal server, sandbox, worker and gateway, each a process of its own.

It listens on loopback only, takes free ports, and takes nothing from the environment that would lead it to a Temporal
server, an Orchestra or a ledger of somebody's own: a benchmark has no business there.
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
from temporalio.contrib.pydantic import pydantic_data_converter

from baton.client import BatonClient
from baton.local.sandbox.control import SandboxControl
from baton.local.stack.ports import throwaway_ports
from baton.local.stack.up import LocalStack
from baton.settings import Settings
from bench.support.machine import child_processes

T = TypeVar("T")
_FOREIGN = ("BATON_", "ORCHESTRA_", "TEMPORAL_")


@dataclass(frozen=True)
class Workbench:
    """A running stack and the ways into it.

    Attributes:
        stack: The stack itself.
        coalesce: Seconds within which its gateway hands progress over together.
        temporal: Client of its Temporal server.
        baton: Client as a business app has it.
        sandbox: Control of its Orchestra.
        webhook_url: Where its gateway takes webhooks.
        webhook_secret: What they are signed with.
        processes: Its processes by id; empty where the system does not tell.
    """

    stack: LocalStack = field(repr=False)
    coalesce: float
    temporal: Client
    baton: BatonClient
    sandbox: SandboxControl
    webhook_url: str
    webhook_secret: str = field(repr=False)
    processes: dict[int, str]

    async def attend(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work on the stack.

        Raises:
            ChildDied: A process of the stack ended meanwhile; the work is given up.
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
    *, say: Callable[[str], None], coalesce: float | None = None, step: float = 0.1
) -> AsyncIterator[Workbench]:
    """Run a stack for as long as the block lasts, then throw all of it away.

    Args:
        say: Told in a few words what is going on.
        coalesce: Seconds within which the gateway hands progress over together; its default when None.
        step: Seconds between two statuses of an order in the sandbox.

    Raises:
        StackError: The stack could not be started.
    """
    window = Settings.model_fields["webhook_coalesce"].default if coalesce is None else coalesce
    given = {"BATON_WEBHOOK_COALESCE": str(window), "BATON_SANDBOX_STEP_SECONDS": str(step)}
    others = child_processes()
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as home:
        async with _plan(Path(home), given, say) as stack:
            own = {pid: name for pid, name in child_processes().items() if pid not in others}
            async with _ways_in(stack, window, own) as bench:
                yield bench


def _plan(home: Path, given: dict[str, str], say: Callable[[str], None]) -> LocalStack:
    with _environment(given):
        settings = Settings(home=home)
        return LocalStack(settings, ports=throwaway_ports(settings), say=say)


@asynccontextmanager
async def _ways_in(stack: LocalStack, coalesce: float, processes: dict[int, str]) -> AsyncIterator[Workbench]:
    plan = stack.plan
    assert plan.sandbox_url is not None
    temporal = await Client.connect(
        plan.temporal_address, namespace=plan.namespace, data_converter=pydantic_data_converter
    )
    async with SandboxControl(plan.sandbox_url) as sandbox:
        secret = plan.environment["ORCHESTRA_WEBHOOK_SECRET"]
        baton = BatonClient(temporal)
        yield Workbench(stack, coalesce, temporal, baton, sandbox, plan.webhook_url, secret, processes)


@contextmanager
def _environment(given: dict[str, str]) -> Iterator[None]:
    """Let a stack be planned with these variables in place of all that speak of other servers and settings."""
    kept = dict(os.environ)
    for name in [name for name in kept if name.startswith(_FOREIGN)]:
        del os.environ[name]
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
