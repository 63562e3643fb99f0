"""Turns the failures of a call into Temporal's: a refusal ends the activity, everything else is retried.

The workflow makes the idempotency key of a call and the activity keeps it, so every attempt that Temporal makes uses
the same key. Only a refusal ends the activity, with its code as the type and a `Refusal` in the details.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import ParamSpec

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from baton.ledger.errors import LedgerConflict
from baton.orchestra.errors import OrchestraError, Refused, Retry, Unauthorized
from baton.orders.messages import Refusal

P = ParamSpec("P")

UNKNOWN_ACCOUNT = "unknown_account"
LEDGER_CONFLICT = "ledger_conflict"


def refused(refusal: Refusal) -> ApplicationError:
    """Return the failure that ends an activity with a refusal."""
    return ApplicationError(
        refusal.message,
        refusal,
        type=refusal.code,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


def retryable(error: OrchestraError, pause: timedelta | None = None) -> ApplicationError:
    """Return the failure that Temporal retries, after `pause` or Orchestra's `Retry-After`, whichever is longer."""
    retry_after = timedelta(seconds=error.retry_after) if error.retry_after is not None else None
    delays = [delay for delay in (pause, retry_after) if delay is not None]
    return ApplicationError(error.message, type=error.code, next_retry_delay=max(delays, default=None))


def refusal_of(error: Refused) -> Refusal:
    """Return the refusal as the workflow receives it."""
    return Refusal(
        code=error.code,
        message=error.message,
        ask_anew=error.retry is Retry.NEXT_KEY,
        unauthorized=isinstance(error, Unauthorized),
        retry_after=error.retry_after,
    )


@contextmanager
def as_application_errors() -> Iterator[None]:
    """Translate errors in the block into failures that Temporal retries or ends the activity with."""
    try:
        yield
    except Refused as error:
        raise refused(refusal_of(error)) from error
    except OrchestraError as error:
        raise retryable(error) from error
    except LedgerConflict as error:
        raise refused(Refusal(code=LEDGER_CONFLICT, message=str(error))) from error


@asynccontextmanager
async def released_on_refusal(
    release: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs
) -> AsyncIterator[None]:
    """Release a reservation if the block ends with a definite refusal; while the answer is unknown, it stays."""
    try:
        yield
    except Refused:
        await release(*args, **kwargs)
        raise
    except ApplicationError as error:
        if error.non_retryable:
            await release(*args, **kwargs)
        raise
