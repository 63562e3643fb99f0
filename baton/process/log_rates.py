"""Limits on lines of the log that callers from outside can provoke, so that they cannot fill the disk with them."""

import logging
import time
from typing import Any


class LineRate:
    """Counts equal lines, and says which may be written.

    Args:
        most: How many equal lines may be written in a period.
        seconds: The period.
    """

    def __init__(self, most: int, seconds: float = 1.0) -> None:
        self._most = most
        self._seconds = seconds
        self._began: dict[str, float] = {}
        self._seen: dict[str, int] = {}

    def take(self, line: str) -> int | None:
        """Return how many equal lines were left out in the period before; None if this one is left out too.

        The line must be one of the program's own texts: each different one is remembered.
        """
        now, left_out = time.monotonic(), 0
        if now - self._began.get(line, -self._seconds) >= self._seconds:
            left_out = max(self._seen.get(line, 0) - self._most, 0)
            self._began[line], self._seen[line] = now, 0
        self._seen[line] += 1
        return left_out if self._seen[line] <= self._most else None


class RateLimitedLog:
    """A structured logger with a limit on equal lines; a line says how many were left out before it.

    Args:
        log: The logger.
        most: How many equal lines it writes in a second.
    """

    def __init__(self, log: Any, most: int = 1) -> None:
        self._log = log
        self._rate = LineRate(most)

    def info(self, line: str, **fields: Any) -> None:
        """Log a line of information."""
        self._write(logging.INFO, line, fields)

    def warning(self, line: str, **fields: Any) -> None:
        """Log a warning."""
        self._write(logging.WARNING, line, fields)

    def error(self, line: str, **fields: Any) -> None:
        """Log an error."""
        self._write(logging.ERROR, line, fields)

    def _write(self, level: int, line: str, fields: dict[str, Any]) -> None:
        left_out = self._rate.take(line)
        if left_out is not None:
            self._log.log(level, line, **fields, **({"left_out": left_out} if left_out else {}))


class RateFilter(logging.Filter):
    """Leaves out lines of a library's logger once it has written ten equal ones in a second."""

    def __init__(self) -> None:
        super().__init__()
        self._rate = LineRate(10)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        return self._rate.take(str(record.msg)) is not None
