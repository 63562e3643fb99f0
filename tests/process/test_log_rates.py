"""Lines that callers from outside can provoke: few equal ones are written, and the others are counted."""

import logging

import pytest
from structlog.testing import capture_logs

from baton.process.log_rates import LineRate, RateFilter, RateLimitedLog
from baton.process.logs import get_logger


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, which the test moves."""
    clock = [100.0]
    monkeypatch.setattr("baton.process.log_rates.time.monotonic", lambda: clock[0])
    return clock


def test_in_each_period_some_equal_lines_are_written(now: list[float]) -> None:
    rate, written = LineRate(most=2, seconds=1), []
    for second in (100.0, 100.1, 100.2, 100.9, 101.0, 101.1, 101.2, 103.0):
        now[0] = second
        written.append(rate.take("too many"))
    assert written == [0, 0, None, None, 2, 0, None, 1]


def test_different_lines_do_not_count_for_each_other(now: list[float]) -> None:
    rate = LineRate(most=1)
    assert [rate.take(line) for line in ("a", "b", "a", "b")] == [0, 0, None, None]


def test_a_line_says_how_many_equal_ones_were_left_out(now: list[float]) -> None:
    log = RateLimitedLog(get_logger("test"))
    with capture_logs() as lines:
        for second in (100.0, 100.5, 100.9, 101.1):
            now[0] = second
            log.warning("too many", address="here")
        log.error("out of files")
    assert lines == [
        {"event": "too many", "log_level": "warning", "address": "here"},
        {"event": "too many", "log_level": "warning", "address": "here", "left_out": 2},
        {"event": "out of files", "log_level": "error"},
    ]


def test_a_library_writes_ten_equal_lines_in_a_second(now: list[float], caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("tests.noisy")
    logger.addFilter(RateFilter())
    for number in range(100):
        logger.warning("Invalid HTTP request %s", number)
    assert len(caplog.records) == 10
