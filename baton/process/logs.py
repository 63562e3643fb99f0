"""Logs: structlog on stdout, as JSON or for a console, for our own lines and those of the libraries."""

import json
import logging
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from typing import Any, TextIO

import structlog

from baton.process.log_rates import RateFilter
from baton.redaction import redacted

_QUIET = ("httpx", "httpcore", "uvicorn.access")
"""Libraries whose info lines include the URL of every call, and so every query string."""


_HTTP_SERVER = "uvicorn.error"
"""The library that logs a line for whatever a caller sends that is not HTTP."""


def configure_logs(service: str, *, style: str = "console", level: str = "info") -> None:
    """Send every log line of this process to stdout.

    Args:
        service: Name of the process, added to every line.
        style: `console` for people, `json` for machines.
        level: Lowest level shown.
    """
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
    ]
    stamp, renderers = structlog.processors.TimeStamper(fmt="iso", utc=True), _renderers(style)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, structlog.stdlib.ExtraAdder(), stamp, _without_colors],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    structlog.configure(
        processors=[*before, stamp, _unrendered],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _OwnLines(handler, renderers),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_HTTP_SERVER).addFilter(RateFilter())
    structlog.contextvars.bind_contextvars(service=service)


class _OwnLines:
    """Writes our own lines beside those of the libraries. A record of `logging` for each would take as long again.

    Args:
        handler: Writes the lines of the libraries.
        renderers: Processors that make a line.
    """

    def __init__(self, handler: "logging.StreamHandler[TextIO]", renderers: list[structlog.typing.Processor]) -> None:
        self._handler = handler
        self._renderers = renderers

    def write(self, line: Any) -> None:
        """Render and write a line; a failure is reported on stderr, as `logging` does, and never raised."""
        try:
            for render in self._renderers:
                line = render(self, "", line)
            with self._handler.lock or nullcontext():
                self._handler.stream.write(f"{line}\n")
                self._handler.flush()
        except Exception:
            self._handler.handleError(logging.makeLogRecord({"msg": "a line of the log"}))

    debug = info = warning = error = critical = write


def get_logger(name: str) -> Any:
    """Return a structured logger of that name."""
    return structlog.stdlib.get_logger(name)


def _renderers(style: str) -> list[structlog.typing.Processor]:
    if style == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_as_json), _without_secrets]
    # The default exception formatter prints local variables, and with them bodies and secrets.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain), _without_secrets]


def _unrendered(_: Any, __: str, event: structlog.typing.EventDict) -> Any:
    return (event,), {}  # the arguments of `_OwnLines.write`


def _as_json(event: structlog.typing.EventDict, default: Callable[[Any], Any]) -> str:
    return _encoder(default).encode(event)


@cache
def _encoder(default: Callable[[Any], Any]) -> json.JSONEncoder:
    return json.JSONEncoder(default=default)


def _without_colors(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.pop("color_message", None)  # uvicorn's own line again, with codes for a terminal
    return event


def _without_secrets(_: Any, __: str, line: Any) -> str:
    return redacted(line)
