"""Repeats a refused submit inside its activity: each time under a new key, after a pause that grows.

A deposit that Orchestra never finds is submitted for as long as its order is open; in the activity, that costs no
history events. The number of refusals travels in the heartbeats, from one attempt to the next: a refusal moves to the
next key, a call without an answer keeps its key. A worker that dies before its last heartbeat arrives repeats one key;
Orchestra then repeats the refusal that it stored under it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from baton.orders.messages import Resubmit


class SubmitProgress(BaseModel):
    """How often this activity's submit was refused."""

    refused: int = 0

    def key(self, first: str) -> str:
        """Return the idempotency key of the next call; `first` is the key of the first."""
        return f"{first}.{self.refused + 1}" if self.refused else first


def last_progress(refused: int = 0) -> SubmitProgress:
    """Return the progress that the activity's previous attempt sent with its last heartbeat.

    Args:
        refused: How many keys were used up before the activity.
    """
    details = activity.info().heartbeat_details
    return SubmitProgress.model_validate(details[0]) if details else SubmitProgress(refused=refused)


@contextmanager
def repeating(resubmit: Resubmit | None, progress: SubmitProgress) -> Iterator[None]:
    """Turn the refusal that `resubmit` names into a failure that Temporal retries after the next pause.

    Raises:
        ApplicationError: The refusal is repeated (benign), or it ends the activity: another one, or often enough.
    """
    try:
        yield
    except ApplicationError as failure:
        if resubmit is None or not failure.non_retryable or failure.type != resubmit.code:
            raise
        progress.refused += 1
        if resubmit.times is not None and progress.refused >= resubmit.times:
            raise
        activity.heartbeat(progress)
        raise ApplicationError(
            failure.message,
            type=failure.type,
            category=ApplicationErrorCategory.BENIGN,
            next_retry_delay=resubmit.cadence.pause(progress.refused),
        ) from failure
