"""The log of a process: every line in its format, and no secret in any."""

import json
import subprocess
import sys

import pytest

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

CLOSED = """
import sys
from baton.process.logs import configure_logs, get_logger

configure_logs("test", style="json")
sys.stdout.close()
get_logger("ours").warning("nobody reads this")
sys.stderr.write("it continues")
"""


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_line_of_the_log_has_a_secret(style: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, style], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("[secret]") == 5
    assert KEY.lower() not in (done.stdout + done.stderr).lower()
    if style == "json":
        assert [json.loads(line)["level"] for line in done.stdout.splitlines()] == ["warning", "error", "error"]


def test_a_line_that_cannot_be_written_stops_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", CLOSED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.endswith("it continues")


@pytest.mark.parametrize(("level", "lines"), [("info", ["shown", "warned"]), ("error", [])])
def test_lines_below_the_level_of_the_settings_are_not_written(level: str, lines: list[str]) -> None:
    program = f"""
from baton.process.logs import configure_logs, get_logger

configure_logs("test", style="json", level={level!r})
for write, line in ((get_logger("ours").debug, "noted"), (get_logger("ours").info, "shown"),
                    (get_logger("ours").warning, "warned")):
    write(line)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == lines
