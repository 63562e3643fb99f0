"""The record of acts, written over Temporal: whoever acts needs no ledger, and an outage of the ledger loses nothing.

Each act is an activity of its own, which Temporal repeats until it is in the ledger.
"""

import logging
import uuid
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.service import RPCError

from baton.ledger.act_rows import ActOutcome, ActRow
from baton.orders.names import RECORD_ACT, WORKFLOW_QUEUE

KEPT_TRYING = timedelta(days=7)
"""How long the write of an act is repeated."""

_WRITE = timedelta(seconds=15)
_RPC = timedelta(seconds=2)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
_MAX_DETAIL = 1_000
_log = logging.getLogger(__name__)


class ActRecorder:
    """Writes the acts of one caller.

    Args:
        temporal: A Temporal client.
        by: Who acts: the name of an API token, or `cli:` and a user's name; nothing is written without one.
    """

    def __init__(self, temporal: Client, by: str | None) -> None:
        self._temporal = temporal
        self._by = by

    async def record(
        self,
        act: str,
        kind: str,
        account: str | None,
        reference: str | None,
        note: str | None = None,
        *,
        outcome: ActOutcome = "done",
        detail: str | None = None,
    ) -> None:
        """Hand an act to Temporal; if that cannot be done, it is in the log alone, and the act stands all the same."""
        if self._by is None:
            return
        row = ActRow(
            id=f"act_{uuid.uuid4().hex}",
            at=datetime.now(UTC),
            by=self._by,
            act=act,
            kind=kind,
            account=account,
            reference=reference,
            note=note,
            outcome=outcome,
            detail=detail[:_MAX_DETAIL] if detail else None,
        )
        try:
            await self._temporal.start_activity(
                RECORD_ACT,
                row,
                id=f"act/{row.id}",
                task_queue=WORKFLOW_QUEUE,
                schedule_to_close_timeout=KEPT_TRYING,
                start_to_close_timeout=_WRITE,
                retry_policy=_RETRY,
                summary=f"{act} by {self._by}",
                rpc_timeout=_RPC,
            )
        except (RPCError, RuntimeError) as error:
            _log.warning("%s of %s %s by %s was not recorded: %s", act, kind, reference, self._by, error)
