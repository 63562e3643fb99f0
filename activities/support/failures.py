"""How the failures of a call become Temporal's: a refusal ends the activity, everything else is tried again.

The key of a call is made by the workflow and stays with the activity, so every attempt that Temporal makes runs under
the same idempotency key. Only a refusal leaves the activity, with its code as type and a `Refusal` in the details.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from baton.ledger.errors import LedgerConflict
from baton.orchestra.errors import OrchestraError, Refused, Retry, Unauthorized
from baton.orders.messages import Refusal

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


def tried_again(error: OrchestraError, pause: timedelta | None = None) -> ApplicationError:
    """Return the failure that Temporal tries again, not before the pause and not before the partner allows."""
    asked = timedelta(seconds=error.retry_after) if error.retry_after is not None else None
    pauses = [one for one in (pause, asked) if one is not None]
    return ApplicationError(error.message, type=error.code, next_retry_delay=max(pauses, default=None))


def refusal_of(error: Refused) -> Refusal:
    """Return what a refusal of the partner's means to the order."""
    return Refusal(
        code=error.code,
        message=error.message,
        ask_anew=error.retry is Retry.NEXT_KEY,
        unauthorized=isinstance(error, Unauthorized),
        retry_after=error.retry_after,
    )


@contextmanager
def as_application_errors() -> Iterator[None]:
    """Translate what goes wrong inside into failures that Temporal knows how to treat."""
    try:
        yield
    except Refused as error:
        raise refused(refusal_of(error)) from error
    except OrchestraError as error:
        raise tried_again(error) from error
    except LedgerConflict as error:
        raise refused(Refusal(code=LEDGER_CONFLICT, message=str(error))) from error
