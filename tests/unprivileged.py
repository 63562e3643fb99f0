"""A folder for tests of files that cannot be written: root may write any file, so these tests give its rights up."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import unprivileged


@contextmanager
def unprivileged_folder() -> Iterator[Path]:
    """Yield a new folder, while this process has no rights of root."""
    user = unprivileged()
    with tempfile.TemporaryDirectory() as name:
        if not user:
            yield Path(name)
            return
        os.chown(name, user["user"], user["group"])
        os.seteuid(user["user"])
        try:
            yield Path(name)
        finally:
            os.seteuid(0)
