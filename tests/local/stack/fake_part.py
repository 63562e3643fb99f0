"""A fake part of the stack that is ready at once.

Usage: fake_part.py worker|gateway|sandbox|stubborn|family|dies [--port PORT] ...
"""

import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def _serve(port: str) -> None:
    HTTPServer(("127.0.0.1", int(port)), _Healthy).serve_forever()


def _worker() -> None:
    Path(os.environ["BATON_READY_FILE"]).touch()
    signal.pause()


def _gateway() -> None:
    _serve(os.environ["BATON_GATEWAY_PORT"])


def _sandbox() -> None:
    _serve(sys.argv[sys.argv.index("--port") + 1])


def _say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _stubborn() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _say("ready")
    while True:
        signal.pause()


def _family() -> None:
    """Start a child that ignores SIGTERM, and print its pid."""
    grandchild = subprocess.Popen([sys.executable, "-I", __file__, "stubborn"], stdout=subprocess.PIPE)
    assert grandchild.stdout is not None
    grandchild.stdout.readline()
    _say(grandchild.pid)
    signal.pause()


def _dies() -> None:
    for number in range(30):
        _say(f"line {number}")
    sys.exit("no such ledger")


if __name__ == "__main__":
    {
        "worker": _worker,
        "gateway": _gateway,
        "sandbox": _sandbox,
        "stubborn": _stubborn,
        "family": _family,
        "dies": _dies,
    }[sys.argv[1]]()
