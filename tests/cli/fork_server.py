"""Runs commands fast: a process that has imported everything forks a child for each command.

A child is a real process that starts and ends like the command, without the second that the imports take.
Requests and exit codes are JSON lines on stdin and stdout.
"""

import gc
import importlib
import json
import os
import signal
import sys
from functools import cache
from typing import Any

import typer.main

from baton.cli.main import app, run

_PRELOADED = (
    "activities.record",
    "anyio._backends._asyncio",
    "baton.cli.commands.sandbox",
    "baton.cli.sandbox.example_orders",
    "baton.cli.sandbox.payer",
    "baton.cli.sandbox.story",
    "baton.cli.views.live",
    "baton.cli.views.order",
    "baton.cli.views.sandbox",
    "baton.cli.views.webhook",
    "baton.client",
    "baton.doctor.signed_delivery",
    "baton.ledger.ledger",
    "baton.local.sandbox.control",
    "baton.local.stack.state",
    "baton.notifications.addresses",
    "baton.orchestra.client",
    "baton.orchestra.webhooks",
    "baton.order_lists",
    "baton.process.native_logs",
    "baton.rehearsal.run",
    "baton.temporal",
    "baton.temporal_adoption",
    "baton.temporal_affiliates",
    "baton.temporal_bulks",
    "baton.temporal_holds",
    "baton.temporal_orders",
    "baton.temporal_sources",
    "httpcore",
    "typer.rich_utils",
)


def _become(request: dict[str, Any]) -> None:
    """Take on the folder, environment, arguments, files and time of a request."""
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, path in enumerate(request["files"]):
        mode = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(path, mode, 0o600), number)
    signal.alarm(request["seconds"])  # ends a child that hangs, so that each request has its own answer
    sys.stdin = os.fdopen(0, closefd=False)
    sys.argv = ["baton", *request["arguments"]]


def _build_commands() -> None:
    """Build the hundred commands once; each child would do it again, which takes longer than what most of them do."""
    typer.main.get_command = cache(typer.main.get_command)
    typer.main.get_command(app)


def _serve() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
            sys.exit(run())
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    for name in _PRELOADED:
        importlib.import_module(name)
    _build_commands()
    gc.freeze()  # the shared objects need no garbage collection in each child
    _serve()
