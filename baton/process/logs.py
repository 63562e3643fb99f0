"""Logs: structlog on stdout, as JSON or for a console, for our own lines and those of the libraries."""

import logging
import sys
from typing import Any

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
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_colors],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(style)],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_HTTP_SERVER).addFilter(RateFilter())
    structlog.contextvars.bind_contextvars(service=service)


def get_logger(name: str) -> Any:
    """Return a structured logger of that name."""
    return structlog.stdlib.get_logger(name)


def _renderers(style: str) -> list[structlog.typing.Processor]:
    if style == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(), _without_secrets]
    # The default exception formatter prints local variables, and with them bodies and secrets.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain), _without_secrets]


def _without_colors(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.pop("color_message", None)  # uvicorn's own line again, with codes for a terminal
    return event


def _without_secrets(_: Any, __: str, line: Any) -> str:
    return redacted(line)
