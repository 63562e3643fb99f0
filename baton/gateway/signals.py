"""Handing observations to an order's workflow: one Temporal signal for a list of envelopes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from baton.orders.names import OBSERVE

PATIENCE = 5.0
"""Seconds that Temporal may take to accept a signal; the caller waits with us and comes again anyway."""


class HandOverError(Exception):
    """Temporal did not take a signal."""


class WorkflowGone(HandOverError):
    """The workflow has closed, or Temporal no longer knows it: trying again changes nothing."""


class NotHandedOver(HandOverError):
    """Temporal did not answer, or not well; whether it took the signal is unknown and it may be sent again."""


class TemporalHandOver:
    """Signals `observe` with a list of envelopes, and returns once Temporal has stored it.

    Args:
        client: A client; it may be lazy.
        patience: Seconds that one signal may take.
    """

    def __init__(self, client: Client, *, patience: float = PATIENCE) -> None:
        self._client = client
        self._patience = patience

    async def __call__(self, workflow_id: str, envelopes: list[dict[str, Any]]) -> None:
        """Send one signal.

        Raises:
            WorkflowGone: No open workflow of that id.
            NotHandedOver: Anything else.
        """
        async with translated(workflow_id, self._patience):
            await self._client.get_workflow_handle(workflow_id).signal(OBSERVE, envelopes)


@asynccontextmanager
async def translated(workflow_id: str, patience: float = PATIENCE) -> AsyncIterator[None]:
    """Bound a call to Temporal by `patience` seconds, and raise what goes wrong as a `HandOverError`."""
    try:
        async with asyncio.timeout(patience):
            yield
    except WorkflowAlreadyStartedError:
        raise WorkflowGone(f"workflow {workflow_id} has closed") from None
    except RPCError as error:
        if _is_gone(error):
            raise WorkflowGone(f"workflow {workflow_id} is closed or unknown to Temporal") from None
        raise NotHandedOver(f"Temporal refused: {error.status.name}: {error.message}") from None
    except TimeoutError:
        raise NotHandedOver(f"Temporal did not take the signal within {patience:g} s") from None
    except RuntimeError as error:  # what a lazy client raises when it cannot connect
        raise NotHandedOver(f"Temporal cannot be reached: {error}") from None


def _is_gone(error: RPCError) -> bool:
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    # A wrong namespace is reported with the same status, but is our fault and can be mended.
    namespace = NamespaceNotFoundFailure.DESCRIPTOR
    return not any(detail.Is(namespace) for detail in error.grpc_status.details)
