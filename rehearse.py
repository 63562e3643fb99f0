"""Replays histories with the code beside this file: `baton rehearse` runs it, once for each processor.

It prints the names of its workflows as one JSON line. Then it reads one history a line from stdin and answers each with
one verdict a line, until stdin ends.
"""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TextIO

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from baton.encryption.keys import PayloadKeys
from baton.payloads import RedactedFailures, data_converter, encrypting_converter
from baton.process.compact_runner import CompactRunner
from baton.rehearsal.protocol import Replayed, SentHistory, answer_line, handshake, read_history
from workflows.registry import WORKFLOWS


async def main() -> None:
    """Answer every history of stdin."""
    # Ctrl-C reaches every process of the terminal; the one that started this one ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    output = _only_answers()
    output.write(handshake([workflow.__name__ for workflow in WORKFLOWS]))
    output.flush()
    sent: list[SentHistory] = []
    async with _replayer().workflow_replay_iterator(_histories(sent)) as results:
        async for result in results:
            output.write(answer_line(_verdict(sent.pop(0), result.replay_failure)))
            output.flush()


def _end_with(parent: int) -> None:
    """End this process once its parent is gone: code that hangs would never see that stdin has ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _only_answers() -> TextIO:
    """Return stdout for the answers alone: what else is printed, by the SDK's native library too, goes to stderr."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return output


def _replayer() -> Replayer:
    keys = PayloadKeys.from_environment()
    converter = encrypting_converter(keys) if keys else data_converter
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=CompactRunner(),
        # Nothing is stored, so that failures are not encrypted: their texts are what a rehearsal is for.
        data_converter=replace(converter, failure_converter_class=RedactedFailures),
        debug_mode=True,  # a slow machine is no deadlock
    )


async def _histories(sent: list[SentHistory]) -> AsyncIterator[WorkflowHistory]:
    while line := await asyncio.to_thread(sys.stdin.readline):
        history = read_history(line)
        sent.append(history)
        yield history.history


def _verdict(history: SentHistory, failure: Exception | None) -> Replayed:
    if failure is None:
        return Replayed(number=history.number)
    return Replayed(number=history.number, failure=str(failure), differs=isinstance(failure, NondeterminismError))


if __name__ == "__main__":
    asyncio.run(main())
