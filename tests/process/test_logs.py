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


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_line_of_the_log_has_a_secret(style: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, style], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("[secret]") == 5
    assert KEY.lower() not in (done.stdout + done.stderr).lower()
    if style == "json":
        assert [json.loads(line)["level"] for line in done.stdout.splitlines()] == ["warning", "error", "error"]
