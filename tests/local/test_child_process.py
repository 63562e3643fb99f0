"""Child processes: output, pipes, readiness, and that neither a child nor a grandchild is left behind."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from baton.local.child_process import ChildProcess, open_log, running, wait_until_ready
from tests.eventually import eventually
from tests.local.stack.stack_world import at_once, fake, is_running, never

ECHO = ("sh", "-c", 'read line; echo "got $line"')


def require_nothing() -> None:
    """Never end a wait."""


async def test_a_process_ends_with_its_block() -> None:
    async with running(["sleep", "60"]) as process:
        assert process.exit_code is None
    assert process.exit_code == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def test_a_process_has_its_own_group() -> None:
    async with running(["sleep", "60"]) as process:
        assert os.getpgid(process.pid) == process.pid != os.getpgrp()


async def test_a_child_that_ignores_sigterm_is_killed_after_its_grace() -> None:
    stubborn = ChildProcess(fake("stubborn"), pipes=True)
    assert await stubborn.read_line(within=10) == "ready"
    await stubborn.stop(0.2)
    assert stubborn.exit_code == -signal.SIGKILL


async def test_what_a_child_started_ends_with_it() -> None:
    async with running(fake("family"), pipes=True) as family:
        grandchild = int(await family.read_line(within=10))
        assert is_running(grandchild)
    assert await eventually(lambda: not is_running(grandchild))


async def test_lines_are_sent_and_read_through_pipes() -> None:
    async with running(ECHO, pipes=True) as echo:
        await echo.send_line("hello")
        assert await echo.read_line(within=10) == "got hello"
        assert await echo.read_line(within=10) == "", "the output has ended"


async def test_a_line_that_does_not_come_in_time_is_an_error() -> None:
    async with running(["sleep", "60"], pipes=True) as silent:
        with pytest.raises(TimeoutError):
            await silent.read_line(within=0.1)


async def test_cancelling_the_stop_kills_at_once() -> None:
    stubborn = ChildProcess(fake("stubborn"), pipes=True)
    assert await stubborn.read_line(within=10) == "ready"
    stop = asyncio.create_task(stubborn.stop(60))
    await asyncio.sleep(0)
    stop.cancel()
    await asyncio.wait([stop], timeout=5)
    assert stubborn.exit_code == -signal.SIGKILL


async def test_output_goes_to_the_log(tmp_path: Path) -> None:
    with open_log(tmp_path / "part.log") as log:
        process = ChildProcess(["sh", "-c", "echo out; echo error >&2; echo $WORD"], environment={"WORD": "w"}, log=log)
    assert await eventually(lambda: process.exit_code, lambda code: code is not None) == 0
    assert (tmp_path / "part.log").read_text() == "out\nerror\nw\n"


async def test_a_probe_answered_by_another_program_does_not_count() -> None:
    def ended() -> None:
        raise ProcessLookupError

    with pytest.raises(ProcessLookupError):
        await wait_until_ready(at_once, ended, within=5)


async def test_a_process_that_is_not_ready_in_time_is_reported() -> None:
    assert await wait_until_ready(at_once, require_nothing, within=5)
    assert not await wait_until_ready(never, require_nothing, within=0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets the kernel end a child with its parent")
async def test_a_child_does_not_outlive_its_killed_parent() -> None:
    script = (
        "import time\n"
        "from baton.local.child_process import ChildProcess\n"
        "print(ChildProcess(['sleep', '60']).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    async with running([sys.executable, "-c", script], pipes=True) as parent:
        child = int(await parent.read_line(within=10))
        assert is_running(child)
        os.kill(parent.pid, signal.SIGKILL)
        assert await eventually(lambda: not is_running(child))
