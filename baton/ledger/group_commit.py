"""Writes of one process to a SQLite file, many in one transaction.

SQLite allows one writer at a time. While one transaction is under way, further writes gather, and the next transaction
takes all of them: a thousand orders that end at once are a few commits, not a thousand. If one of them fails, they
are run again in a new transaction, each with a savepoint of its own, so that it takes no other with it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
Work = Callable[[Connection], T]

MOST_WAITING = 1000
"""Writes that may wait; the next one is refused, so that a ledger that hangs cannot fill the memory."""

MOST_TOGETHER = 200
"""Writes in one transaction, so that other processes soon get their turn."""


class TooManyWrites(OSError):
    """Too many writes wait for the ledger already."""


class _WriteFailed(Exception):
    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class _Write:
    work: Work[Any]
    result: asyncio.Future[Any]


@dataclass(frozen=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


class GroupCommit:
    """Runs the writes of one engine in shared transactions, in the order in which they came.

    Args:
        engine: A SQLite engine whose transactions take the write lock at their beginning.
        before: Awaited before each transaction; makes sure that the engine's file is the right one.
        still_valid: Whether the file is still the right one after a transaction; if not, its writes have failed.
    """

    def __init__(self, engine: Engine, before: Callable[[], Awaitable[None]], still_valid: Callable[[], bool]) -> None:
        self._engine = engine
        self._before = before
        self._still_valid = still_valid
        self._waiting: deque[_Write] = deque()
        self._running: asyncio.Task[None] | None = None
        self._closed = self._ended = False
        self._connection: Connection | None = None
        # Not the loop's own threads: callers that block all of those would wait for a write that waits for them.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    async def run(self, work: Work[T]) -> T:
        """Run `work` in a transaction that other writes may share; return its result once it is committed.

        It runs a second time if another write of that transaction fails.

        Raises:
            OSError: The ledger is closed.
            TooManyWrites: `MOST_WAITING` writes wait already.
        """
        if self._closed:
            raise OSError("it is closed")
        if len(self._waiting) >= MOST_WAITING:
            raise TooManyWrites(f"{MOST_WAITING} writes wait for it already")
        write = _Write(work, asyncio.get_running_loop().create_future())
        self._waiting.append(write)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run_all())
        result: T = await write.result
        return result

    async def close(self) -> None:
        """Wait until no transaction is under way, and close the engine's connections. Repeating it is harmless."""
        if self._closed:
            return
        self._closed = True
        if self._running is not None:
            await asyncio.wait({self._running})
        self._ended = True
        await self._in_thread(self._disconnect)
        self._thread.shutdown(wait=False)

    async def disconnect(self) -> None:
        """Close the engine's connections; the next transaction opens a new one."""
        if not self._ended:  # while it closes, the last writes may have to move to another file
            await self._in_thread(self._disconnect)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()

    async def _in_thread(self, call: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    async def _run_all(self) -> None:
        while batch := self._next_batch():
            try:
                await self._before()
                outcomes = await self._in_thread(self._commit, [write.work for write in batch])
                if not self._still_valid():
                    raise OSError("its file was deleted or replaced during the write")
            except Exception as error:
                outcomes = [_Outcome(error=error)] * len(batch)
            for write, outcome in zip(batch, outcomes, strict=True):
                _settle(write.result, outcome)

    def _next_batch(self) -> list[_Write]:
        """Return the next writes whose callers still wait for them."""
        batch: list[_Write] = []
        while self._waiting and len(batch) < MOST_TOGETHER:
            write = self._waiting.popleft()
            if not write.result.done():
                batch.append(write)
        return batch

    def _commit(self, works: list[Work[Any]]) -> list[_Outcome]:
        if self._connection is None:
            self._connection = self._engine.connect()
        # Without savepoints first, because each costs as much as a small write.
        try:
            with self._connection.begin():
                return _all_of(self._connection, works)
        except _WriteFailed as failure:
            if len(works) == 1:
                return [_Outcome(error=failure.error)]
        with self._connection.begin():
            return [_attempt(self._connection, work) for work in works]


def _all_of(connection: Connection, works: list[Work[Any]]) -> list[_Outcome]:
    """Run all writes; if one fails, `_WriteFailed` rolls the transaction back."""
    try:
        return [_Outcome(work(connection)) for work in works]
    except Exception as error:
        raise _WriteFailed(error) from error


def _attempt(connection: Connection, work: Work[Any]) -> _Outcome:
    """Run one write within a savepoint. A failure that ended the whole transaction is raised by the savepoint."""
    savepoint = connection.begin_nested()
    try:
        value = work(connection)
    except Exception as error:
        savepoint.rollback()
        return _Outcome(error=error)
    savepoint.commit()
    return _Outcome(value)


def _settle(result: asyncio.Future[Any], outcome: _Outcome) -> None:
    if result.done():
        return  # the caller gave up
    if outcome.error is not None:
        result.set_exception(outcome.error)
    else:
        result.set_result(outcome.value)
