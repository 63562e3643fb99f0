"""The limit on open files: raised at start, and logged once a second while it keeps connections out."""

import asyncio
import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from baton.process.logs import RateLimitedLog, get_logger

_OWN_FILES = 200
"""Files that a process needs beside its connections: ledger, Temporal, logs, libraries."""
_MOST = 65_536
"""A higher limit has no use here; some systems name one that they do not grant."""
_OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def raise_file_limit() -> int:
    """Raise the soft limit on open files as far as the hard one allows; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError) as error:  # macOS grants less than it names
            get_logger(__name__).info("the limit on open files stays as it is", limit=soft, reason=str(error))
            return soft
    return max(soft, wanted)


def connections_within(limit: int) -> int:
    """Return how many connections a process can hold with that limit on open files, at least one."""
    return max(limit - _OWN_FILES, limit // 2, 1)


@contextmanager
def quiet_accept_errors(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Log once a second that no connection can be accepted; asyncio logs it thousands of times, with tracebacks."""
    log = RateLimitedLog(get_logger(__name__))
    previous = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if "accept" in context["message"] and isinstance(error, OSError) and error.errno in _OUT_OF_FILES:
            log.error("no connection can be accepted: raise the limit on open files", reason=error.strerror)
        elif previous is not None:
            previous(loop, context)
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        loop.set_exception_handler(previous)
