"""The file of a SQLite ledger: created for its user alone, and noticed when it was deleted, replaced or emptied.

SQLite keeps two files beside a database, its log (`-wal`) and the log's index (`-shm`). Beside a new database, those of
a deleted one would damage it, so they are removed before the new file can be opened. Processes take turns at that, by a
lock on the folder.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple


class _Identity(NamedTuple):
    device: int
    inode: int


class SqliteFile:
    """The file of a SQLite ledger.

    Attributes:
        path: Where it is or will be.
        seen_at: When the file that is open was last seen at its place; None before the first time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._log_index = path.with_name(f"{path.name}-shm")
        self.seen_at: datetime | None = None
        self._prepared: _Identity | None = None
        self._prepared_at: datetime | None = None
        self._identity: _Identity | None = None
        self._log_identity: _Identity | None = None

    def prepare(self) -> None:
        """Create the file if it is missing, readable by this user only. Blocks.

        The folder is created only before the first use: later, its absence may mean that a disk is not mounted.

        Raises:
            PermissionError: The file or its folder cannot be written.
            OSError: The folder or the file cannot be created or opened.
        """
        if self._identity is None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(self.path.parent):
            if self._was_emptied():
                self.path.unlink()
            if self._has_foreign_log():
                self._log.unlink(missing_ok=True)
                self._log_index.unlink(missing_ok=True)
            if _identity_of(self.path) is None:
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._prepared_at = datetime.now(UTC)
            self._prepared, self._log_identity = _identity_of(self.path), None
        self._check_writable()

    def note_opened(self) -> None:
        """Remember that the prepared file is open, with its schema: from now on it is the current one."""
        self._identity, self.seen_at = self._prepared, self._prepared_at
        self.note_log()

    def is_current(self) -> bool:
        """Whether the file is still the one that was opened."""
        at = datetime.now(UTC)
        status = _status_of(self.path)
        if _identity_in(status) != self._identity or (status and not status.st_size):
            return False
        self.seen_at = at
        self.note_log()
        return True

    def note_log(self) -> None:
        """Remember the log of the file that is open, to tell it from the log of a later file."""
        self._log_identity = _identity_of(self._log)

    def _was_emptied(self) -> bool:
        """Whether the file that was opened lost its content in place; another process may still use the content."""
        return _size_of(self.path) == 0 and _identity_of(self.path) == self._identity

    def _has_foreign_log(self) -> bool:
        """Whether the log beside the file belongs to another file that was here before."""
        if not _size_of(self.path) and self._identity is None:
            return True  # a log is never older than the first content of its file
        if _identity_of(self.path) is None:
            return True
        return self._log_identity is not None and _identity_of(self._log) == self._log_identity

    def _check_writable(self) -> None:
        # Opening the file to find out would, on closing it, release the locks that this process has on it (POSIX).
        if self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.path))
        for path, what in ((self.path, "the file"), (self.path.parent, "its folder")):
            if not os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
                raise PermissionError(errno.EACCES, f"{what} is read-only for this user", str(path))


def _identity_of(path: Path) -> _Identity | None:
    return _identity_in(_status_of(path))


def _identity_in(status: os.stat_result | None) -> _Identity | None:
    return _Identity(status.st_dev, status.st_ino) if status else None


def _size_of(path: Path) -> int | None:
    status = _status_of(path)
    return status.st_size if status else None


def _status_of(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
