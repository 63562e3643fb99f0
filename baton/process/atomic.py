"""Atomic file writes: a reader sees the old content or the new one, never a part."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600


def write_atomically(path: Path, text: str, *, mode: int = OWNER_ONLY, like: Path | None = None) -> None:
    """Write a file by renaming a finished draft over it.

    A symbolic link stays a link: its target is written. The file keeps its owner if this process may set it.

    Args:
        path: The file.
        text: Its new content.
        mode: Permission bits of the file.
        like: Take the owner of this file when `path` does not exist yet.

    Raises:
        OSError: It could not be written; the old content is still there.
    """
    target = path.resolve()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _copy_owner(target if target.exists() else like, draft)
        draft.chmod(stat.S_IMODE(mode))
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _copy_owner(source: Path | None, draft: Path) -> None:
    if source is None:
        return
    with suppress(OSError):
        owner = source.stat()
        os.chown(draft, owner.st_uid, owner.st_gid)
