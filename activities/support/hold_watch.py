"""Keeps the gate current: waits for changes of the holds with one long poll, which costs nothing while nothing changes.

A look reads the holds out of the memo of their workflow, which changes in the task in which a request is answered. Then
the long poll waits for the next change. Where it fails, because Temporal is away or the workflow continues as new or
does not exist yet, the next look follows shortly. A workflow that was ended by hand is started again with its holds.
"""

import asyncio
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.support.hold_gate import HoldGate
from baton.holds.models import HoldsState
from baton.holds.names import HOLDS_ID, HOLDS_WORKFLOW
from baton.holds.start import holds_in, holds_options
from baton.process.logs import get_logger

BETWEEN_LOOKS = 0.5
"""Seconds between two looks while there is nothing to wait for: the first hold is seen within a second too."""

LOOK_TIMEOUT = timedelta(seconds=5)
"""How long one look may take."""

POLL_TIMEOUT = timedelta(seconds=90)
"""How long one long poll may take; the server ends each after twenty seconds."""

_CHANGES = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
    }
)
"""The events after which the memo may say something else."""

_log = get_logger(__name__)


class HoldWatch:
    """Shows the gate of one worker process what is on hold.

    Args:
        client: A Temporal client.
        gate: The gate.
    """

    def __init__(self, client: Client, gate: HoldGate) -> None:
        self._client = client
        self._gate = gate
        self._error = ""

    async def run(self) -> None:
        """Keep the gate current until this is cancelled."""
        while True:
            try:
                await self._follow()
            except Exception as error:  # whatever it is, the gate must not stay as it was, and the watch must continue
                self._note(error)
                self._gate.close()
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _follow(self) -> None:
        """Look, and look again after each change, until the workflow ends or continues as new."""
        found = await self._look()
        if found is None:
            return
        if found.status is not WorkflowExecutionStatus.RUNNING:
            await self._start_again(found)
            return
        known, run_id = _length(found), found.run_id
        handle = self._client.get_workflow_handle(HOLDS_ID, run_id=run_id)
        events = handle.fetch_history_events(wait_new_event=True, skip_archival=True, rpc_timeout=POLL_TIMEOUT)
        async for event in events:
            if event.event_id <= known or event.event_type not in _CHANGES:
                continue
            found = await self._look()
            if found is None or found.run_id != run_id:
                return
            known = _length(found)

    async def _start_again(self, ended: WorkflowExecutionDescription) -> None:
        """Start a workflow again that somebody ended by hand: else its holds end with the namespace's retention."""
        state = holds_in(dict(await ended.memo()))
        await self._client.start_workflow(HOLDS_WORKFLOW, state, **holds_options(state))
        _log.warning(
            "the workflow of the holds was ended by hand and is started again; its holds stand",
            holds=[hold.id for hold in state.holds],
        )

    async def _look(self) -> WorkflowExecutionDescription | None:
        """Show the gate what is on hold now; return the workflow, or None if nothing was ever on hold."""
        try:
            found = await self._client.get_workflow_handle(HOLDS_ID).describe(rpc_timeout=LOOK_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            self._show(HoldsState())
            return None
        self._show(holds_in(dict(await found.memo())))
        return found

    def _show(self, state: HoldsState) -> None:
        self._gate.show(state)
        if self._error:
            self._error = ""
            _log.info("what is on hold is known again", holds=[hold.id for hold in state.holds])

    def _note(self, error: Exception) -> None:
        """Log why nothing passes, once for each cause."""
        cause = str(error)
        if cause != self._error:
            self._error = cause
            _log.warning("what is on hold cannot be read, so no submit and no approval is sent", reason=cause)


def _length(found: WorkflowExecutionDescription) -> int:
    """Return how many events the workflow's history had at a look."""
    return found.raw_description.workflow_execution_info.history_length
