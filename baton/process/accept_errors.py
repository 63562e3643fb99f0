"""The log of connections that cannot be accepted because no more files can be opened."""

import asyncio
import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger

_OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


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
