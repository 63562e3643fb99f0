"""The sandbox as a process of its own."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def sandbox_process(*arguments: str) -> AsyncIterator[Process]:
    """Start a sandbox with these options; it is killed at the end of the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "baton.local.sandbox", *arguments, stdout=PIPE, stderr=PIPE, env=environment
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def output_until_up(process: Process) -> tuple[str, str]:
    """The output of the process until it is up, and its address."""
    assert process.stdout
    output = ""
    async for line in process.stdout:
        output += line.decode()
        if "sandbox is up" in output:
            return output, json.loads(output.splitlines()[-1])["address"]
    raise AssertionError(f"the process ended: {output}")
