"""Measures how long a webhook takes from its arrival at the gateway until its order's workflow has it.

The gateway writes the time of arrival beside each envelope. A worker reads it when the workflow gets the signal, and
never in a replay. The workflow's own code ignores it, so that no decision can depend on it.
"""

import time
from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.worker import HandleSignalInput, Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

from baton.metrics import instruments

RECEIVED_AT = "received_at"
"""Key of an envelope: seconds since the epoch, by the gateway's clock."""

_NOTE = "baton.note_applied"


class AppliedWebhooks(Interceptor):
    """Lets the workflows of a worker report the webhooks that they get."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """Return what reports them."""
        functions: Any = input.unsafe_extern_functions
        functions[_NOTE] = note_applied
        return _AppliedSignals


class _AppliedSignals(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:
        await super().handle_signal(input)
        if not workflow.unsafe.is_replaying():
            note: Callable[[Any], None] = workflow.extern_functions()[_NOTE]
            note([_read(raw) for argument in input.args for raw in _raw_values(argument)] or input.args)


def _raw_values(argument: Any) -> list[RawValue]:
    """Return the payloads that a signal without a handler of its own name carries."""
    return [one for one in argument if isinstance(one, RawValue)] if isinstance(argument, list | tuple) else []


def _read(raw: RawValue) -> Any:
    """Return what a payload says; None if it cannot be read, which the workflow notes itself."""
    try:
        return workflow.payload_converter().from_payload(raw.payload)
    except Exception:
        return None


def note_applied(arguments: Any) -> None:
    """Observe the age of each envelope in a signal's arguments; others are left alone."""
    now = time.time()
    for received_at in _arrivals(arguments):
        instruments.WEBHOOK_APPLIED.observe(max(now - received_at, 0.0))


def _arrivals(arguments: Any) -> list[float]:
    lists = [argument for argument in arguments if isinstance(argument, list)]
    envelopes = [one for found in lists for one in found if isinstance(one, dict)]
    return [float(one[RECEIVED_AT]) for one in envelopes if isinstance(one.get(RECEIVED_AT), int | float)]
