"""A process that watches addresses on command, so that what it uses is its own: CPU time and memory of one watcher.

It tells its peak memory on stdout once everything is imported, takes a `Task` as the first line of stdin, and answers
each further line by a look at the chain and its `Look` as one line of JSON. It ends with its stdin.
"""

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Protocol, TextIO, cast

import httpx
from pydantic import BaseModel, SecretStr
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.deposit_watch import WatchActivities
from activities.support.notices import Notices
from baton.chains.deposits import Deposit, Reader, Watch
from baton.chains.factory import open_reader
from baton.chains.spec import ChainSpec, ProviderSpec
from baton.encoding.amounts import Time
from baton.ledger.ledger import Ledger
from baton.ledger.rows import WatchRow
from baton.orders.watch_messages import WatchChain
from baton.process.logs import configure_logs

_STATUS = Path("/proc/self/status")
_KIB = 1024
_ONE_LOOK = timedelta(milliseconds=1)
"""A stretch of watching that is over after its first look."""
_NO_PAUSE = 0.001
"""Seconds between two polls, so that each command finds one due."""


class Task(BaseModel):
    """What to watch.

    Attributes:
        spec: The chain; its providers are replaced by the one below.
        url: Where to read it; may hold a password, which is why a task comes by stdin.
        kind: As in `ProviderSpec`.
        addresses: The addresses.
        since: From when on they matter.
        ledger: URL of an empty ledger: then whole polls are measured, the ledger's part included; None for the reader
            alone.
    """

    spec: ChainSpec
    url: str
    kind: str | None = None
    addresses: list[str]
    since: Time
    ledger: str | None = None

    @property
    def provider(self) -> ProviderSpec:
        """Return the place to read from."""
        return ProviderSpec(url=SecretStr(self.url), kind=self.kind)


class Look(BaseModel):
    """What one look at the chain, up to its head, brought and took.

    Attributes:
        calls: Calls to the provider.
        seconds: From its beginning to its end.
        cpu_seconds: CPU time of this process meanwhile.
        told: Deposits told, old ones that may still change included.
        cursor_bytes: Length of the cursor afterwards.
        peak_bytes: Most memory this process ever had.
        trouble: Why it brought nothing; None where it did.
    """

    calls: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    told: int = 0
    cursor_bytes: int = 0
    peak_bytes: int = 0
    trouble: str | None = None


class _Watcher(Protocol):
    @property
    def calls(self) -> int: ...

    @property
    def cursor(self) -> str: ...

    async def look(self) -> int:
        """Look at the chain once, up to its head, and return how many deposits were told."""
        ...


class _Counting(httpx.AsyncHTTPTransport):
    """The network, with a count of the calls; the provider's own count is out of reach behind `Reader`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        return await super().handle_async_request(request)


class _ReaderAlone:
    """A chain's reader and nothing else."""

    def __init__(self, reader: Reader, network: _Counting, watches: list[Watch]) -> None:
        self._reader, self._network, self._watches = reader, network, watches
        self._cursor: str | None = None

    @property
    def calls(self) -> int:
        return self._network.calls

    @property
    def cursor(self) -> str:
        return self._cursor or ""

    async def look(self) -> int:
        told: dict[tuple[str, str, str], Deposit] = {}
        while True:
            scan = await self._reader.scan(self._watches, self._cursor)
            self._cursor = scan.cursor
            told |= {one.key: one for one in scan.deposits}
            if scan.caught_up:
                return len(told)


class _WholePoll:
    """The watching activity itself, with a ledger, and orders that take every notice."""

    calls = 0

    def __init__(self, activities: WatchActivities, chain: str) -> None:
        self._activities, self._call = activities, WatchChain(chain=chain, stretch=_ONE_LOOK)
        self._environment = ActivityEnvironment()
        self.cursor = ""

    async def look(self) -> int:
        while True:
            told = await self._environment.run(self._activities.watch_chain, self._call)
            if told.trouble:
                raise RuntimeError(told.trouble)
            if told.scans:
                return told.told


class _Orders:
    """Stands for Temporal's client: each order takes a notice at once."""

    def get_workflow_handle(self, _: str) -> "_Orders":
        return self

    async def signal(self, *_: object) -> None:
        return


@asynccontextmanager
async def _reader_alone(task: Task) -> AsyncIterator[_Watcher]:
    network = _Counting()
    reader = open_reader(task.spec, task.provider, network)
    try:
        yield _ReaderAlone(reader, network, [Watch(address=one, since=task.since) for one in task.addresses])
    finally:
        await reader.aclose()


@asynccontextmanager
async def _whole_poll(task: Task, ledger_url: str) -> AsyncIterator[_Watcher]:
    name = task.spec.name
    async with await Ledger.open(ledger_url) as ledger:
        for number, address in enumerate(task.addresses):
            await ledger.watching.watch(_row(number, address, task))
        spec = task.spec.model_copy(update={"providers": (task.provider,), "poll_seconds": _NO_PAUSE})
        activities = WatchActivities({name: spec}, ledger, Notices(cast(Client, _Orders()), {}, ledger))
        try:
            yield _WholePoll(activities, name)
        finally:
            await activities.aclose()


def _row(number: int, address: str, task: Task) -> WatchRow:
    return WatchRow(
        account="default",
        quote_id=f"q_00000000-0000-4000-8000-{number:012}",
        workflow_id=f"order/default/bench-{number}",
        chain=task.spec.name,
        address=address,
        since=task.since,
    )


def peak_bytes() -> int:
    """Return the most memory that this process ever had."""
    # On Linux `getrusage` begins at the most that the parent had, so /proc comes first.
    if _STATUS.exists():
        lines = _STATUS.read_text(encoding="utf-8").splitlines()
        return _KIB * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else _KIB * peak


async def _measured(watcher: _Watcher) -> Look:
    calls, began, used = watcher.calls, time.monotonic(), time.process_time()
    told, trouble = 0, None
    try:
        told = await watcher.look()
    except Exception as error:
        trouble = f"{type(error).__name__}: {error}"
    return Look(
        calls=watcher.calls - calls,
        seconds=time.monotonic() - began,
        cpu_seconds=time.process_time() - used,
        told=told,
        cursor_bytes=len(watcher.cursor),
        peak_bytes=peak_bytes(),
        trouble=trouble,
    )


async def _serve(task: Task, answer: Callable[[str], None]) -> None:
    async with _whole_poll(task, task.ledger) if task.ledger else _reader_alone(task) as watcher:
        while await asyncio.to_thread(sys.stdin.readline):
            answer((await _measured(watcher)).model_dump_json())


def _serve_on(channel: TextIO) -> None:
    def answer(line: str) -> None:
        channel.write(f"{line}\n")
        channel.flush()

    configure_logs("bench", level="error")
    answer(Look(peak_bytes=peak_bytes()).model_dump_json())
    asyncio.run(_serve(Task.model_validate_json(sys.stdin.readline()), answer))


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        _serve_on(sys.__stdout__ or sys.stdout)
