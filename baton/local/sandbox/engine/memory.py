"""What the sandbox knows: tables of things by key, in memory, and in a SQLite file if it is to outlive the process.

`flush` runs before every answer, event and webhook, so that the file has whatever the outside has seen. What nobody has
seen yet may be lost when the process is killed; it then happens again after the restart. Of a webhook that was just
delivered, only its receiver knows: `flush_soon` writes that with the next answer, event or webhook.
"""

import asyncio
import functools
import os
import sqlite3
from collections import UserDict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import PlainSerializer, PlainValidator, TypeAdapter, ValidationError

_LAYOUT = 1
"""Version of the file's layout."""

SOON = 0.1
"""Seconds within which a change is written that nobody has to know of yet."""

_WAL_PAGES = 4000
"""Pages of the log that are copied into the file together: most of them are versions of the same few pages."""

_WAIT = 1.0
"""Seconds to wait for the file of a sandbox that is just ending."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, position INTEGER PRIMARY KEY, UNIQUE (kind, key)
)
"""
# An update keeps the row's position, so tables are read back in the order in which things were first written.
_WRITE = (
    "INSERT INTO things (kind, key, body) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body=excluded.body"
)
_DELETE = "DELETE FROM things WHERE kind = ? AND key = ?"
_READ = "SELECT key, body FROM things WHERE kind = ? ORDER BY position"

Thing = TypeVar("Thing")


def _event(is_set: bool) -> asyncio.Event:
    event = asyncio.Event()
    if is_set:
        event.set()
    return event


StoredEvent = Annotated[asyncio.Event, PlainValidator(_event), PlainSerializer(asyncio.Event.is_set, return_type=bool)]
"""An event of which only whether it is set is written."""


class StateFileError(Exception):
    """The file of a sandbox's state cannot be used; the text names it and the remedy."""


class Table(UserDict[str, Thing], Generic[Thing]):
    """Things of one kind by key. A thing that changes in place must be reported with `changed`."""

    def __init__(self, memory: "Memory", kind: str) -> None:
        super().__init__()
        self._memory = memory
        self._kind = kind

    def __setitem__(self, key: str, thing: Thing) -> None:
        super().__setitem__(key, thing)
        self.changed(key)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self.changed(key)

    def changed(self, key: str) -> None:
        """Have the thing written, or deleted if it is gone, at the next flush."""
        self._memory.note(self._kind, key)


class Memory:
    """The tables of one sandbox.

    Args:
        path: SQLite file that keeps them; None keeps them in this process alone.

    Raises:
        StateFileError: The file cannot be opened, another sandbox uses it, or another version of Baton wrote it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file = _open(path) if path else None
        self._adapters: dict[str, TypeAdapter[Any]] = {}
        self._tables: dict[str, Table[Any]] = {}
        # A dict keeps the order of the changes.
        self._changes: dict[tuple[str, str], None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def table(self, kind: str, model: Any, context: Any = None) -> Table[Any]:
        """Return the table of a kind, with what the file has of it.

        Args:
            kind: Name of the kind.
            model: Type of its things, as pydantic understands it.
            context: What the type's validators need to find other things.

        Raises:
            StateFileError: A thing in the file cannot be read.
        """
        table: Table[Any] = Table(self, kind)
        self._tables[kind] = table
        if self._file is not None:
            self._adapters[kind] = _adapter(model)
            # Past `__setitem__`: what was just read is not a change.
            table.data.update(self._read(kind, context))
        return table

    def note(self, kind: str, key: str) -> None:
        """Note that a thing has changed."""
        if self._file is not None:
            self._changes[kind, key] = None

    def flush(self) -> None:
        """Write every change since the last flush, in one transaction."""
        if self._file is None or not self._changes:
            return
        with self._file:
            if gone := self._gone():
                self._file.executemany(_DELETE, gone)
            self._file.executemany(_WRITE, self._written())
        self._changes.clear()

    def flush_soon(self) -> None:
        """Have every change written with the next flush, or after `SOON` if there is none until then."""
        if self._file is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SOON, self._flush_late)

    def _flush_late(self) -> None:
        self._timer = None
        self.flush()

    def close(self) -> None:
        """Write what has changed and close the file."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _gone(self) -> list[tuple[str, str]]:
        return [(kind, key) for kind, key in self._changes if key not in self._tables[kind]]

    def _written(self) -> Iterator[tuple[str, str, bytes]]:
        for kind, key in self._changes:
            if key in self._tables[kind]:
                yield kind, key, self._adapters[kind].serializer.to_json(self._tables[kind][key])

    def _read(self, kind: str, context: Any) -> Iterator[tuple[str, Any]]:
        assert self._file is not None
        for key, body in self._file.execute(_READ, (kind,)).fetchall():
            try:
                yield key, self._adapters[kind].validate_json(body, context=context)
            except (ValidationError, LookupError) as error:
                raise StateFileError(f"{self._path}: {kind} {key!r} cannot be read: {error}; {_remedy()}") from None


@functools.cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # SQLite gives its other files the permissions of this one.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        return _prepared(sqlite3.connect(path, timeout=_WAIT), path)
    except OSError as error:
        raise StateFileError(f"{path} cannot be opened: {error.strerror}") from None
    except sqlite3.OperationalError as error:
        raise StateFileError(f"{path} cannot be used: {error}; does another sandbox run on it?") from None
    except sqlite3.DatabaseError as error:
        raise StateFileError(f"{path} is no file of a sandbox: {error}; {_remedy()}") from None


def _prepared(file: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Lock the file for this process and create what it lacks.

    A commit does not wait for the disk: it outlives the process, and a power failure costs the newest ones at most.
    """
    log = ("journal_mode=WAL", "synchronous=NORMAL", f"wal_autocheckpoint={_WAL_PAGES}")
    for setting in ("locking_mode=EXCLUSIVE", *log):
        file.execute(f"PRAGMA {setting}")
    with closing(file.execute("PRAGMA user_version")) as cursor:
        (layout,) = cursor.fetchone()
    if layout not in (0, _LAYOUT):
        file.close()
        raise StateFileError(f"{path} was written by another version of Baton; {_remedy()}")
    with file:
        file.execute(_SCHEMA)
        file.execute(f"PRAGMA user_version={_LAYOUT}")
    return file


def _remedy() -> str:
    return "move it away to start with an empty sandbox"
