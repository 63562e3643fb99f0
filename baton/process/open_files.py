"""The limit on open files: raised at the start of a process, and how many connections fit below it."""

from contextlib import suppress

try:
    import resource
except ImportError:  # Windows, where commands run, has no such limit
    resource = None  # type: ignore[assignment]

_OWN_FILES = 200
"""Files that a process needs beside its connections: ledger, Temporal, logs, libraries."""
_MOST = 65_536
"""A higher limit has no use here."""


def raise_file_limit() -> int:
    """Raise the soft limit on open files as far as the hard one allows; return the limit."""
    if resource is None:
        return _MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return max(soft, wanted)
    with suppress(ValueError, OSError):  # macOS grants less than the hard limit that it names
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


def connections_within(limit: int) -> int:
    """Return how many connections a process can hold with that limit on open files, at least one."""
    return max(limit - _OWN_FILES, limit // 2, 1)
