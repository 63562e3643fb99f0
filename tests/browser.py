"""Headless Chromium for tests: Debian's own, driven by Playwright; and axe-core, which finds barriers on a page."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, NoReturn

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.paths import ROOT

REQUIRE = "BATON_REQUIRE_BROWSER"
_AXE_VERSION = "4.11.0"
_AXE = ROOT / ".baton" / "tools" / "node_modules" / "axe-core" / "axe.min.js"
_INSTALL_SECONDS = 60
_FIND = "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"

_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the browser; skip the test where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        _missing("chromium is not installed: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            await browser.close()


def axe_script() -> Path:
    """Return the script of axe-core, installed under `.baton/tools`; skip the test where it cannot be installed."""
    if _AXE.exists():
        return _AXE
    if (npm := shutil.which("npm")) is None:
        _missing("npm is not installed, which brings axe-core")
    folder = ROOT / ".baton" / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"axe-core@{_AXE_VERSION}"]
    done = subprocess.run(command, capture_output=True, timeout=_INSTALL_SECONDS, check=False)
    if done.returncode or not _AXE.exists():
        _missing(f"axe-core cannot be installed by npm: {done.stderr.decode()[-300:]}")
    return _AXE


async def violations(page: Page) -> list[str]:
    """Return the barriers that axe-core finds on a page in each colour scheme, each with the element that has it."""
    # Over the debugger: the page's own policy forbids a script that it does not know, as it should.
    await page.evaluate(axe_script().read_text(encoding="utf-8"))
    return [barrier for scheme in _SCHEMES for barrier in await _violations(page, scheme)]


async def _violations(page: Page, scheme: Literal["light", "dark"]) -> list[str]:
    await page.emulate_media(color_scheme=scheme)
    found: list[dict[str, Any]] = await page.evaluate(_FIND)
    return [f"{scheme}: {one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def _missing(reason: str) -> NoReturn:
    if os.environ.get(REQUIRE):
        pytest.fail(f"{reason}; {REQUIRE} demands it")
    pytest.skip(reason)
