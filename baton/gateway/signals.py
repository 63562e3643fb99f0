"""Signals to an order's workflow: one Temporal signal carries a list of envelopes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from baton.encryption.keys import UnreadablePayload
from baton.orders.signal_names import order_signal
from baton.ownership.order_workflows import is_unknown

SIGNAL_TIMEOUT = 5.0
"""Seconds that Temporal may take to accept a signal; Orchestra waits for our response, and delivers again anyway."""

_UNANSWERED = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED})


class HandOverError(Exception):
    """Temporal did not accept a signal or a workflow."""


class WorkflowGone(HandOverError):
    """The workflow has closed, or Temporal does not know it: a retry changes nothing.

    Attributes:
        workflow_id: The workflow.
    """

    def __init__(self, workflow_id: str) -> None:
        super().__init__(f"workflow {workflow_id} is closed or unknown to Temporal")
        self.workflow_id = workflow_id


class NotHandedOver(HandOverError):
    """Temporal did not answer, or failed: whether it accepted the call is unknown, and a retry is safe."""


class TemporalSilent(NotHandedOver):
    """Temporal cannot be reached, or did not answer in time."""


class SignalSender:
    """Sends signals with a list of envelopes, named by the newest; each returns once Temporal has stored the signal.

    Args:
        client: A client; it may be lazy.
        timeout: Seconds that one signal may take.
    """

    def __init__(self, client: Client, *, timeout: float = SIGNAL_TIMEOUT) -> None:
        self._client = client
        self._timeout = timeout

    async def __call__(self, workflow_id: str, envelopes: list[dict[str, Any]]) -> None:
        """Send one signal.

        Raises:
            WorkflowGone: Temporal has no open workflow of that id.
            NotHandedOver: Anything else failed.
        """
        async with hand_over_errors(workflow_id, self._timeout):
            await self._client.get_workflow_handle(workflow_id).signal(order_signal(envelopes), envelopes)


@asynccontextmanager
async def hand_over_errors(workflow_id: str, seconds: float = SIGNAL_TIMEOUT) -> AsyncIterator[None]:
    """Limit a call to Temporal to `seconds`, and raise its failures as `HandOverError`."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except WorkflowAlreadyStartedError as error:
        raise WorkflowGone(error.workflow_id) from None
    except RPCError as error:
        if is_unknown(error):
            raise WorkflowGone(workflow_id) from None
        kind = TemporalSilent if error.status in _UNANSWERED else NotHandedOver
        raise kind(f"Temporal refused: {error.status.name}: {error.message}") from None
    except TimeoutError:
        raise TemporalSilent(f"Temporal did not answer within {seconds:g} s") from None
    except UnreadablePayload as error:
        raise NotHandedOver(str(error)) from None
    except RuntimeError as error:  # what a lazy client raises when it cannot connect
        raise TemporalSilent(f"Temporal cannot be reached: {error}") from None
