"""Whether a file has changed since it was read."""

from pathlib import Path

Stamp = tuple[int, int, int]


def stamp_of(file: Path | None) -> Stamp | None:
    """Return what differs once a file was written again or replaced; None if there is none that can be looked at."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
