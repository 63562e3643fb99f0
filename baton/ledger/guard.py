"""Every ledger operation within its time, and every driver's error as one of the ledger's own."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from baton.ledger.errors import LedgerError, LedgerRefused, LedgerUnavailable

T = TypeVar("T")
_REASON_LENGTH = 300


def reason(error: BaseException) -> str:
    """Return what a driver or the system says went wrong, on one line and without the statement's data."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    origin = error.orig if isinstance(error, StatementError) and error.orig else error
    lines = [line.strip() for line in str(origin).splitlines() if line.strip()] or [type(origin).__name__]
    several = lines[0].endswith(":")
    return " ".join(lines if several else lines[:1])[:_REASON_LENGTH]


def translate(name: str, error: SQLAlchemyError | OSError) -> LedgerError:
    """Return the ledger's own error for one of the driver, the pool or the system."""
    unwritable = isinstance(error, StatementError) and not isinstance(error, DBAPIError)
    if unwritable or isinstance(error, DataError | IntegrityError):
        return LedgerRefused(f"the ledger at {name} refused the row: {reason(error)}")
    return LedgerUnavailable(name, reason(error))


class Guard:
    """Runs the operations of one ledger.

    An operation that runs out of time is cancelled but not waited for: a driver that talks to a silent server may
    need as long again to give up, and the caller was promised an answer by then.

    Args:
        name: What errors call the ledger.
        patience: Seconds that one operation may take.
    """

    def __init__(self, name: str, patience: float) -> None:
        self._name = name
        self._patience = patience
        self._given_up: set[asyncio.Task[Any]] = set()

    async def run(self, operation: Coroutine[Any, Any, T]) -> T:
        """Await the operation.

        Raises:
            LedgerError: It failed, or took too long.
        """
        task = asyncio.ensure_future(operation)
        try:
            await asyncio.wait({task}, timeout=self._patience)
        finally:
            if not task.done():
                self._give_up(task)
        if not task.done():
            raise LedgerUnavailable(self._name, f"no answer within {self._patience:g} s")
        try:
            return task.result()
        except (SQLAlchemyError, OSError) as error:
            raise translate(self._name, error) from None

    def _give_up(self, task: asyncio.Task[Any]) -> None:
        self._given_up.add(task)
        task.add_done_callback(self._forget)
        task.cancel()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._given_up.discard(task)
        if not task.cancelled():
            task.exception()  # nobody waits for it any more; unread it would be reported as lost

    async def drain(self) -> None:
        """Give what was cancelled a last chance to end, no longer than one operation may take."""
        if self._given_up:
            await asyncio.wait(set(self._given_up), timeout=self._patience)
