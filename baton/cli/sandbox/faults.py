"""Faults of the sandbox as the command line writes them: `submit:timeout_after`, `webhooks:drop`."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baton.cli.errors import USAGE, CommandFailed

if TYPE_CHECKING:
    from baton.local.sandbox.control import SandboxControl

_WEBHOOKS = "webhooks"
_WEBHOOK_KINDS = ("drop", "duplicate", "delay", "hold", "tamper", "reorder")


@dataclass(frozen=True)
class WantedFault:
    """A fault to add; `endpoint` is None for one of the webhooks that the sandbox sends."""

    endpoint: str | None
    kind: str
    details: dict[str, Any] = field(default_factory=dict)


def read_fault(text: str, times: int | None, seconds: float | None) -> WantedFault:
    """Return the fault that the options describe.

    Raises:
        CommandFailed: The calls or the kind are unknown; the text lists the known ones.
    """
    from typing import get_args

    from baton.local.sandbox.scenarios.faults import CallGroup, FaultKind

    calls, colon, kind = text.partition(":")
    given = {"times": times, "seconds": seconds}
    details = {name: value for name, value in given.items() if value is not None}
    if not colon:
        raise _usage(f"--add {text}: write CALLS:KIND, such as submit:timeout_after or webhooks:drop")
    if calls == _WEBHOOKS and kind in _WEBHOOK_KINDS:
        return WantedFault(None, kind, details)
    if calls not in get_args(CallGroup):
        raise _usage(f"--add {text}: no such calls; there are {', '.join(get_args(CallGroup))}")
    if kind not in list(FaultKind):
        known = [*FaultKind, *(_WEBHOOK_KINDS if calls == _WEBHOOKS else ())]
        raise _usage(f"--add {text}: no such kind; there are {', '.join(known)}")
    return WantedFault(calls, kind, details)


async def all_faults(sandbox: "SandboxControl") -> list[dict[str, Any]]:
    """Return the faults of calls, then those of webhooks."""
    return [*await sandbox.faults(), *await sandbox.webhook_faults()]


async def add_fault(sandbox: "SandboxControl", fault: WantedFault) -> None:
    """Break something."""
    if fault.endpoint is None:
        await sandbox.webhook_fault(fault.kind, **fault.details)
    else:
        await sandbox.fault(fault.endpoint, fault.kind, **fault.details)


async def clear_faults(sandbox: "SandboxControl") -> None:
    """End every fault, send the answers that they withhold and the webhooks that they hold."""
    for fault in await sandbox.faults():
        await sandbox.remove_fault(fault["id"])
    for fault in await sandbox.webhook_faults():
        await sandbox.remove_webhook_fault(fault["id"])
    await sandbox.release_webhooks()


def _usage(message: str) -> CommandFailed:
    return CommandFailed(USAGE, "invalid_fault", message)
