"""A reader who starts from an empty folder and a checkout, and runs each command of the tutorial, gets what it says."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from baton.local.stack.ports import free_ports
from tests.eventually import eventually
from tests.paths import ROOT

# It makes a whole environment, as a reader does.
pytestmark = pytest.mark.timeout(400)

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
ALONE = "In a shell of its own:\n\n"
OWN = ("BATON_", "ORCHESTRA_", "PYTHON", "PYTEST", "TEMPORAL_", "VIRTUAL_ENV")
"""Variables of the tests that a reader does not have."""

SHELL = ["bash", "-euo", "pipefail", "-c"]


class Reader:
    """Somebody who follows the page.

    Attributes:
        folder: The folder that holds the checkout.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
        self._app = 8070

    def choose_ports(self) -> None:
        """Use ports that are free now: during the installation other tests could have taken them."""
        gateway, sandbox, engine, self._app = free_ports(4)
        numbers = {"GATEWAY": gateway, "SANDBOX": sandbox, "TEMPORAL": min(engine, 64000)}
        self._environment |= {f"BATON_{part}_PORT": str(number) for part, number in numbers.items()}

    @property
    def shop(self) -> Path:
        """The folder of the app."""
        return self.folder / "shop"

    def commands(self, block: str) -> str:
        """Return a block with the ports of this run, in the folder and environment that the page asks for."""
        text = block.replace("8070", str(self._app))
        return text if not self.shop.exists() else f". ../baton/.venv/bin/activate\n{text}"

    async def run(self, block: str) -> str:
        """Run a block to its end; return what it printed."""
        folder = self.shop if self.shop.exists() else self.folder
        process = await asyncio.create_subprocess_exec(
            *SHELL,
            self.commands(block),
            cwd=folder,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = (await process.communicate())[0].decode()
        assert process.returncode == 0, f"{block}\n{output}"
        return output

    @asynccontextmanager
    async def running(self, block: str) -> AsyncIterator[Path]:
        """Run a block in a shell of its own; yield the file with what it prints. Ctrl-C ends it."""
        printed = self.folder / f"shell-{len(list(self.folder.glob('shell-*')))}"
        with printed.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *SHELL,
                self.commands(block),
                cwd=self.shop,
                env=self._environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            yield printed
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGINT)
                await asyncio.wait_for(process.wait(), timeout=30)


def blocks() -> list[tuple[str, bool]]:
    """Return the page's commands, and whether they run in a shell of their own."""
    found = re.finditer(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    return [(block[1], PAGE[: block.start()].endswith(ALONE)) for block in found]


def copy_checkout(folder: Path) -> None:
    """Copy what git tracks, as a clone has it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


async def until_printed(file: Path, text: str, within: float) -> str:
    """Wait until a shell has printed this; return all that it printed."""
    return await eventually(lambda: file.read_text(encoding="utf-8"), lambda output: text in output, within=within)


async def test_the_commands_of_the_tutorial_lead_to_an_app_that_is_notified(tmp_path: Path) -> None:
    copy_checkout(tmp_path / "baton")
    reader = Reader(tmp_path)
    install, secret, app, listen, up, sell, pay, again, redeliver, look = [block for block, _ in blocks()]
    expected = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert expected is not None
    heard = expected[1].splitlines()

    await reader.run(install)
    reader.choose_ports()
    for block in (secret, app):
        await reader.run(block)
    async with reader.running(up) as stack:
        async with reader.running(listen) as listening:
            await until_printed(stack, "Baton is up", within=60)
            assert "Pay 25 USDC on Base to 0x" in await reader.run(sell)
            assert "completed" in await reader.run(pay)
            lines = (await until_printed(listening, heard[-1], within=20)).splitlines()
        assert lines == heard

        await reader.run(f"set -a; . .baton/stack.env; set +a\n{again}")
        async with reader.running(listen) as listening:
            await reader.run(redeliver)
            await until_printed(listening, "mug-2 order.closed", within=30)
        shown = await reader.run(look)

    assert "mug-1" in shown
    assert "mug-2" in shown


def test_only_servers_run_in_shells_of_their_own() -> None:
    assert [block.split()[0] for block, alone in blocks() if alone] == [
        "uvicorn",
        "BATON_ENDPOINTS_FILE=endpoints.toml",
    ]
