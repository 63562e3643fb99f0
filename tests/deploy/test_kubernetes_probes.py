"""The probes of the manifests, run against real processes that have the manifests' settings."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest_asyncio
import yaml
from temporalio.testing import WorkflowEnvironment

from tests.eventually import eventually
from tests.kubernetes_manifests import FOLDER, Pod, overlay, pods
from tests.paths import ROOT
from tests.temporal_server import started, temporal_binary

SECRET = "q7Zt3vXw9LbN2kHs5YdF8mRc"
READY = Path("/tmp/ready")
LONG_AGO = 61
"""Seconds after which the probe calls the ready file old."""


def pod_of(component: str) -> Pod:
    (found,) = [pod for pod in pods(overlay("sandbox")) if pod.labels["app.kubernetes.io/component"] == component]
    return found


@pytest_asyncio.fixture(scope="module")
async def temporal() -> AsyncIterator[str]:
    """Yield the address of a Temporal server."""
    async with await started(
        lambda: WorkflowEnvironment.start_local(
            dev_server_existing_path=temporal_binary(), dev_server_log_level="never"
        )
    ) as server:
        yield server.client.service_client.config.target_host


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def environment(pod: Pod, folder: Path, **given: str) -> dict[str, str]:
    """Return a pod's own variables, with the folder of a test in place of its volumes and of the cluster's services."""
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    variables = pod.environment(overlay("sandbox"))
    for name, value in variables.items():
        if name.endswith("_FILE") and value.startswith("/etc/baton/secrets/"):
            file = secrets / Path(value).name
            file.write_text(SECRET)
            variables[name] = str(file)
    of_the_cluster = {
        "BATON_BIND": "127.0.0.1",
        "BATON_HOME": str(folder),
        "BATON_LEDGER_URL": f"sqlite:///{folder / 'ledger.db'}",
        "BATON_READY_FILE": str(folder / "ready"),
        "BATON_WORKER_METRICS_PORT": "0",
        "BATON_GATEWAY_PORT": free_port(),
    }
    own = {name: value for name, value in os.environ.items() if not name.startswith(("BATON_", "ORCH", "TEMPORAL_"))}
    variables.pop("BATON_LEDGER_PASSWORD_FILE")
    return own | variables | of_the_cluster | given


@asynccontextmanager
async def running(pod: Pod, folder: Path, **given: str) -> AsyncIterator[tuple[Process, dict[str, str]]]:
    """Run a pod's command until the block ends; yield the process and its variables."""
    variables = environment(pod, folder, **given)
    baton = Path(sys.executable).with_name("baton")
    with (folder / "log").open("wb") as log:
        async with started_process(baton, *pod.container["args"], cwd=folder, env=variables, output=log) as process:
            yield process, variables


@asynccontextmanager
async def started_process(*command: str | Path, output: IO[bytes] | int, **options: Any) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=output, **options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def passes(pod: Pod, probe: str, variables: dict[str, str]) -> bool:
    """Return what a probe of a pod finds, as the kubelet runs it."""
    check: dict[str, Any] = pod.container[probe]
    if "exec" in check:
        command = [part.replace(str(READY), variables["BATON_READY_FILE"]) for part in check["exec"]["command"]]
        done = await asyncio.to_thread(subprocess.run, command, check=False, timeout=check["timeoutSeconds"])
        return done.returncode == 0
    try:
        # Without certificates, whose loading takes longer than the probe.
        async with httpx.AsyncClient(timeout=check["timeoutSeconds"], verify=False) as http:
            answer = await http.get(f"http://127.0.0.1:{variables['BATON_GATEWAY_PORT']}{check['httpGet']['path']}")
    except httpx.TransportError:
        return False
    return 200 <= answer.status_code < 400


def make_old(ready: Path) -> None:
    os.utime(ready, (time.time() - LONG_AGO, time.time() - LONG_AGO))


async def stop(process: Process) -> None:
    """Stop a process as if it hung, and return once all of it stands still."""
    process.send_signal(signal.SIGSTOP)
    await asyncio.to_thread(os.waitid, os.P_PID, process.pid, os.WSTOPPED)


async def is_renewed(ready: Path) -> None:
    """Make the file old, and wait until the process has written it again."""
    make_old(ready)
    await eventually(lambda: time.time() - ready.stat().st_mtime < LONG_AGO / 2, within=20)


async def test_a_worker_that_hangs_is_no_longer_alive_until_it_goes_on(tmp_path: Path, temporal: str) -> None:
    pod, ready = pod_of("worker"), tmp_path / "ready"
    async with running(pod, tmp_path, TEMPORAL_ADDRESS=temporal) as (process, variables):
        assert not await passes(pod, "startupProbe", variables)
        await eventually(ready.exists, within=90)
        assert await passes(pod, "startupProbe", variables)
        assert await passes(pod, "readinessProbe", variables)
        await is_renewed(ready)
        assert await passes(pod, "livenessProbe", variables)

        await stop(process)
        make_old(ready)
        assert not await passes(pod, "livenessProbe", variables)
        assert not await passes(pod, "readinessProbe", variables)

        process.send_signal(signal.SIGCONT)
        await eventually(lambda: passes(pod, "livenessProbe", variables), within=20)


async def test_a_worker_stays_alive_while_temporal_hangs_and_once_it_is_gone(tmp_path: Path) -> None:
    pod, ready, port = pod_of("worker"), tmp_path / "ready", free_port()
    command = [temporal_binary(), "server", "start-dev", "--headless", "--log-level=never", f"--port={port}"]
    async with (
        started_process(*command, output=asyncio.subprocess.DEVNULL) as server,
        running(pod, tmp_path, TEMPORAL_ADDRESS=f"127.0.0.1:{port}") as (worker, _),
    ):
        await eventually(ready.exists, within=90)
        server.send_signal(signal.SIGSTOP)
        for _ in range(3):
            await is_renewed(ready)
        assert worker.returncode is None
        server.send_signal(signal.SIGCONT)
        await is_renewed(ready)
        server.send_signal(signal.SIGKILL)
        for _ in range(3):
            await is_renewed(ready)
        assert worker.returncode is None


async def test_a_gateway_without_temporal_is_alive_and_not_ready(tmp_path: Path, temporal: str) -> None:
    pod = pod_of("gateway")
    async with running(pod, tmp_path, TEMPORAL_ADDRESS="127.0.0.1:1") as (_, variables):
        await eventually(lambda: passes(pod, "startupProbe", variables), within=90)
        assert await passes(pod, "livenessProbe", variables)
        assert not await passes(pod, "readinessProbe", variables)
    async with running(pod, tmp_path, TEMPORAL_ADDRESS=temporal) as (_, variables):
        await eventually(lambda: passes(pod, "readinessProbe", variables), within=90)


def test_the_controller_s_names_reach_the_worker_and_its_key_does_not(tmp_path: Path) -> None:
    text = (FOLDER / "examples" / "worker-deployment.yaml").read_text(encoding="utf-8")
    (deployment,) = [document for document in yaml.safe_load_all(text) if document["kind"] == "WorkerDeployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    fake = tmp_path / "baton"
    fake.write_text('#!/bin/sh\necho "$1 $BATON_DEPLOYMENT_NAME $BATON_BUILD_ID ${TEMPORAL_API_KEY:-no key}"\n')
    fake.chmod(0o755)
    given = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "TEMPORAL_DEPLOYMENT_NAME": "baton/baton",
        "TEMPORAL_WORKER_BUILD_ID": "0.1.0-5f3a",
        "TEMPORAL_API_KEY": SECRET,
    }
    done = subprocess.run(container["command"], env=given, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "worker baton/baton 0.1.0-5f3a no key\n"
