"""The built distribution, a fresh environment that holds it without its extra, and a whole Baton to talk to."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.end_to_end.world import World, running_world
from tests.paths import ROOT
from tests.temporal_server import temporal_server


class Distribution(NamedTuple):
    """The files that `uv build` made."""

    sdist: Path
    wheel: Path


class ClientEnvironment(NamedTuple):
    """A virtual environment of a business app: the wheel without its extra, and mypy."""

    folder: Path

    @property
    def site_packages(self) -> Path:
        return next(self.folder.glob("lib/python*/site-packages"))

    def variables(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "PYTHONWARNINGS": "error", **more}

    def run(self, program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / "bin" / program), *arguments]
        return subprocess.run(
            command, cwd=folder, env=self.variables(), capture_output=True, text=True, check=False, timeout=100
        )


def uv(*arguments: str | Path) -> None:
    brought = ROOT / ".baton" / "uv" / "bin" / "uv"
    program = brought if brought.exists() else shutil.which("uv")
    assert program, "the packaging tests need uv; run `make env`"
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        [program, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--quiet", "--out-dir", folder)
    return Distribution(next(folder.glob("*.tar.gz")), next(folder.glob("*.whl")))


@pytest.fixture(scope="session")
def client_environment(distribution: Distribution, tmp_path_factory: pytest.TempPathFactory) -> ClientEnvironment:
    folder = tmp_path_factory.mktemp("client") / "venv"
    uv("venv", "--quiet", "--python", sys.executable, folder)
    uv("pip", "install", "--quiet", "--python", folder / "bin" / "python", distribution.wheel, "mypy")
    return ClientEnvironment(folder)


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@pytest.fixture(scope="module")
async def world(temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(temporal, tmp_path_factory.mktemp("world")) as running:
        yield running
