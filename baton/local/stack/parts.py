"""The processes of a stack: the command, the environment and the readiness probe of each."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from baton.local.stack import temporal
from baton.local.stack.plan import StackPlan
from baton.local.stack.ports import LOOPBACK
from baton.local.stack.probes import file_exists, http_ok
from baton.local.stack.supervisor import ChildSpec
from baton.process.service import worker_program


def _module(name: str) -> tuple[str, ...]:
    # -P: a module of the same name in the current folder must not run instead of ours.
    return (sys.executable, "-P", "-m", name)


@dataclass(frozen=True)
class Commands:
    """The commands that start worker, gateway and sandbox."""

    worker: Sequence[str] = field(default_factory=lambda: (sys.executable, str(worker_program())))
    gateway: Sequence[str] = field(default_factory=lambda: _module("baton.gateway"))
    sandbox: Sequence[str] = field(default_factory=lambda: _module("baton.local.sandbox"))


def temporal_part(plan: StackPlan, binary: Path, *, synced: bool = False) -> ChildSpec:
    """Return the embedded Temporal server; it is ready when it is healthy and has the namespace."""
    command = temporal.server_command(
        binary,
        ports=plan.ports,
        database=plan.home / "temporal.db",
        namespace=plan.namespace,
        codec_url=plan.codec_url,
        synced=synced,
    )
    return ChildSpec(
        name="temporal",
        command=command,
        environment=temporal.server_environment(plan.environment),
        ready=temporal.serving(plan.ports.temporal, plan.namespace),
    )


def worker_part(plan: StackPlan, command: Sequence[str], grace: float) -> ChildSpec:
    """Return the worker; it is ready when its ready file exists."""
    ready = plan.home / "worker.ready"
    environment = {**plan.environment, "BATON_READY_FILE": str(ready)}
    return ChildSpec("worker", command, environment, file_exists(ready), grace=grace, leaves=ready)


def gateway_part(plan: StackPlan, command: Sequence[str], grace: float) -> ChildSpec:
    """Return the gateway; it is ready when `/readyz` answers 200."""
    return ChildSpec("gateway", command, plan.environment, http_ok(f"{plan.gateway_url}/readyz"), grace=grace)


def sandbox_part(plan: StackPlan, command: Sequence[str], *, keeps_state: bool) -> ChildSpec:
    """Return the sandbox, whose state outlives it or not; it is ready when its health check answers 200."""
    options = ["--host", LOOPBACK, "--port", str(plan.ports.sandbox), "--webhook-url", plan.webhook_url]
    if keeps_state:
        options += ["--state-file", str(plan.home / "sandbox.db")]
    # In the environment, not as options: other users of the machine can read a command line.
    environment = {
        **plan.environment,
        "BATON_SANDBOX_API_KEY": plan.environment["ORCHESTRA_API_KEY"],
        "BATON_SANDBOX_WEBHOOK_SECRET": plan.environment["ORCHESTRA_WEBHOOK_SECRET"],
    }
    ready = http_ok(f"{plan.sandbox_url}/sandbox/health")
    return ChildSpec("sandbox", [*command, *options], environment, ready)
