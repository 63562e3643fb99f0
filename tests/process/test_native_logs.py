"""What the Temporal SDK's native part logs goes through the process's own log."""

import asyncio
import json
import os
import subprocess
import sys

from tests.gateway.world import start_temporal
from tests.paths import ROOT

KEY = "fn_natA1b2C3d4E5f6G7h8"
PROGRAM = f"""
import asyncio, logging, os, sys
from temporalio import workflow
from temporalio.worker import Worker
from baton.process.logs import configure_logs
from baton.process.native_logs import forward_native_logs
from baton.redaction import remember
from baton.temporal import connect

logged = asyncio.Event()

@workflow.defn(sandboxed=False)
class Failing:
    @workflow.run
    async def run(self) -> None:
        raise RuntimeError("no such key: {KEY}")

async def main():
    loop = asyncio.get_running_loop()
    native = logging.getLogger("temporalio.core")
    native.addFilter(lambda record: loop.call_soon_threadsafe(logged.set) or True)
    client = await connect()
    async with Worker(client, task_queue="failing", workflows=[Failing]):
        handle = await client.start_workflow(Failing.run, id="failing", task_queue="failing")
        await logged.wait()
        await handle.terminate()

remember("{KEY}")
if sys.argv[1:]:
    configure_logs("test", style=sys.argv[1])
forward_native_logs()
asyncio.run(main())
"""


async def output(*styles: str) -> tuple[str, str]:
    """Return what a process writes to stdout and stderr while a workflow task fails."""
    async with await start_temporal() as environment:
        address = environment.client.service_client.config.target_host
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM,
            *styles,
            cwd=ROOT,
            env={**os.environ, "TEMPORAL_ADDRESS": address},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 30)
    return out.decode(), err.decode()


async def test_in_a_json_log_every_line_is_json() -> None:
    out, _ = await output("json")
    lines = [json.loads(line) for line in out.splitlines()]
    native = [line for line in lines if str(line.get("target", "")).startswith("temporalio_sdk_core")]
    assert native
    assert native[0]["level"] == "warning"
    assert "failure" in native[0]["fields"]
    assert KEY not in out


async def test_without_a_log_of_its_own_a_process_writes_nothing_to_stdout() -> None:
    out, err = await output()
    assert out == ""
    assert err
