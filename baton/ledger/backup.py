"""A copy of a SQLite ledger, made while processes use it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path


def copy_file(source: Path, target: Path) -> int:
    """Copy a SQLite ledger into a new file that its user alone may read; return the bytes of the copy. Blocks.

    Readers and writers go on meanwhile; the copy is the ledger of the moment in which it began.

    Raises:
        FileExistsError: The target is there already.
        OSError: The target cannot be written, or the source cannot be read.
    """
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        with target.open("rb") as copy:
            os.fsync(copy.fileno())
    except sqlite3.Error as error:
        target.unlink()
        raise OSError(f"{source} cannot be copied: {error}") from None
    return target.stat().st_size
