"""Options of the tests, and what each test checks."""

import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.file_order import rank_of
from tests.worker_deaths import check_deaths

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.cli.command import ForkServer

# A slow machine is no fault of the code.
settings.register_profile("baton", deadline=None)
settings.load_profile("baton")

# Without bytecode every process that a test starts compiles all modules again, and every sandboxed workflow its own.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell ignores Ctrl-C for what it runs in the background, and the processes that a test interrupts would inherit it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-boundary",
        action="store_true",
        help="kill the worker at the writes of the read model too, not only at the calls of Orchestra; takes minutes",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector off what stays until the end: a million objects of modules and tests.

    It would search them again and again, which takes a third of the collection and an eighth of the tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank_of(item.nodeid))


@pytest.fixture(autouse=True)
def no_worker_dies() -> Iterator[None]:
    """Fail the test during which a worker died that later tests need too."""
    yield
    check_deaths()


@pytest.fixture(scope="session")
async def browser() -> "AsyncIterator[Browser]":
    """One browser for all files of a process. Only those that use it import the library that drives it."""
    from tests.browser import chromium

    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
async def fork_server() -> "AsyncIterator[ForkServer]":
    """What runs commands of Baton without importing it for each."""
    from tests.cli.command import open_fork_server

    async with open_fork_server() as opened:
        yield opened
