"""A timeout for every operation of the ledger, and the translation of the driver's errors into the ledger's own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from baton.ledger.errors import LedgerDamaged, LedgerError, LedgerReadOnly, LedgerRefused, LedgerUnavailable

T = TypeVar("T")
OnLedgerError = Callable[[LedgerError], None]
"""Gets the error of each operation that fails, and must not raise."""

_REASON_LENGTH = 300  # characters
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_REMEDIES = (
    ("password authentication failed", "correct the user or the password of BATON_LEDGER_URL"),
    ("no password supplied", "set BATON_LEDGER_PASSWORD_FILE or BATON_LEDGER_PASSWORD"),
    ("Connection refused", "start the database, or correct host and port of BATON_LEDGER_URL"),
    ("failed to resolve host", "correct the host of BATON_LEDGER_URL"),
    ("invalid connection option", "take it out of BATON_LEDGER_URL"),
    ('FATAL:  role "', "create that role, or correct BATON_LEDGER_URL"),
    ('FATAL:  database "', "create that database, or correct BATON_LEDGER_URL"),
    ("permission denied", "give the role of BATON_LEDGER_URL the rights that docs/ledger.md names"),
    ("prepared statement", "behind a pool of transactions, add ?prepare_threshold=none to BATON_LEDGER_URL"),
    ("read-only transaction", "name the primary server in BATON_LEDGER_URL"),
    ("too many clients", "raise max_connections of PostgreSQL, or lower BATON_LEDGER_CONNECTIONS"),
    ("remaining connection slots", "raise max_connections of PostgreSQL, or lower BATON_LEDGER_CONNECTIONS"),
)
"""What to do about what PostgreSQL says; an error on the way to a connection has no code."""


def reason(error: BaseException) -> str:
    """Return the message of a driver or the system, on one line and without the statement's data."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    origin = error.orig if isinstance(error, StatementError) and error.orig else error
    lines = [line.strip() for line in str(origin).splitlines() if line.strip()] or [type(origin).__name__]
    is_heading = lines[0].endswith(":")
    text = " ".join(lines if is_heading else lines[:1])[:_REASON_LENGTH]
    remedy = next((remedy for words, remedy in _REMEDIES if words in text), "")
    return f"{text}; {remedy}" if remedy else text


def translate(name: str, error: SQLAlchemyError | OSError) -> LedgerError:
    """Return the ledger's error for an error of the driver, the pool or the system."""
    if isinstance(error, PermissionError):
        return LedgerReadOnly(name, reason(error))
    unwritable = isinstance(error, StatementError) and not isinstance(error, DBAPIError)
    if unwritable or isinstance(error, DataError | IntegrityError):
        return LedgerRefused(f"the ledger at {name} refused the row: {reason(error)}")
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlite_errorname", None) in _DAMAGED:
        return LedgerDamaged(name, reason(error))
    return LedgerUnavailable(name, reason(error))


def _ignore(_: LedgerError) -> None:
    return None


class Guard:
    """Runs the operations of one ledger.

    An operation that times out is cancelled but not awaited: if the server is silent, the driver may take as long again
    to give up, and the caller was promised an answer within the timeout.

    Args:
        name: The ledger's name in errors.
        timeout: Seconds that one operation may take.
        on_error: Gets the error of each operation that fails.
    """

    def __init__(self, name: str, timeout: float, on_error: OnLedgerError | None = None) -> None:
        self._name = name
        self._timeout = timeout
        self._on_error = on_error or _ignore
        self._abandoned: set[asyncio.Task[Any]] = set()

    async def run(self, operation: Coroutine[Any, Any, T], *, limited: bool = True) -> T:
        """Return the operation's result; without a limit, it may take as long as it needs.

        Raises:
            LedgerError: It failed or timed out.
        """
        task = asyncio.ensure_future(operation)
        try:
            await asyncio.wait({task}, timeout=self._timeout if limited else None)
        finally:
            if not task.done():
                self._abandon(task)
        if not task.done():
            raise self._noted(LedgerUnavailable(self._name, f"no answer within {self._timeout:g} s"))
        try:
            return task.result()
        except (SQLAlchemyError, OSError) as error:
            raise self._noted(translate(self._name, error)) from None

    def _noted(self, error: LedgerError) -> LedgerError:
        self._on_error(error)
        return error

    def _abandon(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.add(task)
        task.add_done_callback(self._forget)
        task.cancel()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            task.exception()  # nobody awaits it any more; asyncio warns of an exception that is never read

    async def drain(self) -> None:
        """Wait for cancelled operations to end, at most as long as one operation may take."""
        if self._abandoned:
            await asyncio.wait(set(self._abandoned), timeout=self._timeout)
