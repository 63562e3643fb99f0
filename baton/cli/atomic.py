"""Files that are whole at every moment: written beside, then put in place."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600


def write_atomically(path: Path, text: str, *, mode: int = OWNER_ONLY, like: Path | None = None) -> None:
    """Write a file; whoever reads it sees the old content or the new one.

    A link stays a link: what it leads to is written. The owner stays too, where this process may give files away.

    Args:
        path: The file.
        text: Its new content.
        mode: Who may read and write it.
        like: File whose owner a new one is given.

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
        _give(draft, target if target.exists() else like)
        draft.chmod(stat.S_IMODE(mode))
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _give(draft: Path, like: Path | None) -> None:
    if like is None:
        return
    with suppress(OSError):
        owner = like.stat()
        os.chown(draft, owner.st_uid, owner.st_gid)
