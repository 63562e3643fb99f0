"""The log of a process: every line in its format, no secret in any, and no flood of equal lines."""

import json
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from baton.process.logs import RateLimitedLog, get_logger
from tests.paths import ROOT

KEY = "fn_logA1b2C3d4E5f6G7h8"
PROGRAM = f"""
import logging, sys
from baton.process.logs import configure_logs, get_logger
from baton.redaction import remember

configure_logs("test", style=sys.argv[1])
remember("Bearer {KEY}")
get_logger("ours").warning("refused {KEY.upper()}", reason=["the key {KEY}"], url="/v3/{KEY}?x=1")
logging.getLogger("theirs").error("%s is odd", "{KEY}")
try:
    raise ValueError("no such key: {KEY}")
except ValueError:
    get_logger("ours").exception("broken")
"""


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_line_of_the_log_has_a_secret(style: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, style], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("[secret]") == 5
    assert KEY.lower() not in (done.stdout + done.stderr).lower()
    if style == "json":
        assert [json.loads(line)["level"] for line in done.stdout.splitlines()] == ["warning", "error", "error"]


def test_equal_lines_are_written_once_in_a_while_and_counted() -> None:
    log = RateLimitedLog(get_logger("test"), seconds=60)
    again = RateLimitedLog(get_logger("test"), seconds=0)
    with capture_logs() as lines:
        for _ in range(100):
            log.warning("too many")
        log.error("out of files")
        for _ in range(2):
            again.warning("often")
    assert [line["event"] for line in lines] == ["too many", "out of files", "often", "often"]


def test_a_line_says_how_many_equal_ones_were_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("baton.process.logs.time.monotonic", lambda: now[0])
    log = RateLimitedLog(get_logger("test"))
    with capture_logs() as lines:
        for second in (100.0, 100.5, 100.9, 101.1):
            now[0] = second
            log.warning("too many")
    assert [line["left_out"] for line in lines] == [0, 2]
