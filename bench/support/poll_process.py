"""A process that polls a chain on command, so that its CPU time and memory are those of one poller.

Once everything is imported, it prints its peak memory to stdout. It reads a `WatchTask` from the first line of stdin,
answers each further line with a poll and its `PollFigures` as one line of JSON, and ends when its stdin closes.
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

from activities.deposit_watch import DepositWatchActivities
from activities.support.address_notices import AddressNotifier
from activities.support.notices import DepositNotifier
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
_ONE_POLL = timedelta(milliseconds=1)
"""A stretch of watching that ends after its first poll."""
_NO_PAUSE = 0.001
"""Seconds between two polls, so that a poll is due at each command."""


class WatchTask(BaseModel):
    """What to watch.

    Attributes:
        spec: The chain; the provider below replaces its providers.
        url: Where to read it; may contain a password, so a task comes through stdin.
        kind: As in `ProviderSpec`.
        addresses: The addresses.
        since: The quote time of the addresses.
        ledger: URL of an empty ledger, to measure the whole watching activity; None to measure only the reader.
    """

    spec: ChainSpec
    url: str
    kind: str | None = None
    addresses: list[str]
    since: Time
    ledger: str | None = None

    @property
    def provider(self) -> ProviderSpec:
        """The provider to read from."""
        return ProviderSpec(url=SecretStr(self.url), kind=self.kind)


class PollFigures(BaseModel):
    """The figures of one poll, up to the chain's head.

    Attributes:
        calls: Calls to the provider.
        traffic_bytes: Bytes of their bodies, requests and answers together.
        seconds: Duration of the poll.
        cpu_seconds: CPU time of this process during the poll.
        deposits: Deposits reported, including earlier ones that may still change.
        cursor_bytes: Length of the cursor afterwards.
        peak_bytes: Peak memory of this process.
        failure: Why the poll failed; None if it did not.
    """

    calls: int = 0
    traffic_bytes: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    deposits: int = 0
    cursor_bytes: int = 0
    peak_bytes: int = 0
    failure: str | None = None


class _Poller(Protocol):
    @property
    def calls(self) -> int: ...

    @property
    def traffic_bytes(self) -> int: ...

    @property
    def cursor(self) -> str: ...

    async def poll(self) -> int:
        """Scan up to the chain's head, and return how many deposits were reported."""
        ...


class _CountingTransport(httpx.AsyncHTTPTransport):
    """The network, with a count of calls and bytes, because `Reader` hides the provider's own count."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.traffic_bytes = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        self.traffic_bytes += len(await request.aread())
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _CountedStream(response.stream, self)
        return response


class _CountedStream(httpx.AsyncByteStream):
    """An answer's body, whose bytes are counted as they come."""

    def __init__(self, body: httpx.AsyncByteStream, network: _CountingTransport) -> None:
        self._body, self._network = body, network

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._body:
            self._network.traffic_bytes += len(part)
            yield part

    async def aclose(self) -> None:
        await self._body.aclose()


class _ReaderPoller:
    """Polls with only a chain's reader."""

    def __init__(self, reader: Reader, network: _CountingTransport, watches: list[Watch]) -> None:
        self._reader, self._network, self._watches = reader, network, watches
        self._cursor: str | None = None

    @property
    def calls(self) -> int:
        return self._network.calls

    @property
    def traffic_bytes(self) -> int:
        return self._network.traffic_bytes

    @property
    def cursor(self) -> str:
        return self._cursor or ""

    async def poll(self) -> int:
        deposits: dict[tuple[str, str, str], Deposit] = {}
        while True:
            scan = await self._reader.scan(self._watches, self._cursor)
            self._cursor = scan.cursor
            deposits |= {deposit.key: deposit for deposit in scan.deposits}
            if scan.caught_up:
                return len(deposits)


class _ActivityPoller:
    """Polls with the whole watching activity, a ledger, and orders that accept every signal."""

    calls = 0
    traffic_bytes = 0

    def __init__(self, activities: DepositWatchActivities, chain: str) -> None:
        self._activities, self._call = activities, WatchChain(chain=chain, stretch=_ONE_POLL)
        self._environment = ActivityEnvironment()
        self.cursor = ""

    async def poll(self) -> int:
        while True:
            report = await self._environment.run(self._activities.watch_chain, self._call)
            if report.trouble:
                raise RuntimeError(report.trouble)
            if report.scans:
                return report.told


class _FakeOrders:
    """A fake Temporal client, whose orders accept a signal at once."""

    def get_workflow_handle(self, _: str) -> "_FakeOrders":
        return self

    async def signal(self, *_: object) -> None:
        return


@asynccontextmanager
async def _reader_poller(task: WatchTask) -> AsyncIterator[_Poller]:
    network = _CountingTransport()
    reader = open_reader(task.spec, task.provider, network)
    try:
        yield _ReaderPoller(reader, network, [Watch(address=address, since=task.since) for address in task.addresses])
    finally:
        await reader.aclose()


@asynccontextmanager
async def _activity_poller(task: WatchTask, ledger_url: str) -> AsyncIterator[_Poller]:
    name = task.spec.name
    async with await Ledger.open(ledger_url) as ledger:
        for number, address in enumerate(task.addresses):
            await ledger.watching.watch(_row(number, address, task))
        spec = task.spec.model_copy(update={"providers": (task.provider,), "poll_seconds": _NO_PAUSE})
        client = cast(Client, _FakeOrders())
        notifiers = DepositNotifier(client, {}, ledger), AddressNotifier(client, {}, ledger)
        activities = DepositWatchActivities({name: spec}, ledger, *notifiers)
        try:
            yield _ActivityPoller(activities, name)
        finally:
            await activities.aclose()


def _row(number: int, address: str, task: WatchTask) -> WatchRow:
    return WatchRow(
        account="default",
        quote_id=f"q_00000000-0000-4000-8000-{number:012}",
        workflow_id=f"order/default/bench-{number}",
        chain=task.spec.name,
        address=address,
        since=task.since,
    )


def peak_bytes() -> int:
    """Return the peak memory of this process."""
    # On Linux `getrusage` starts from the parent's peak, so /proc comes first.
    if _STATUS.exists():
        lines = _STATUS.read_text(encoding="utf-8").splitlines()
        return _KIB * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else _KIB * peak


async def _measured(poller: _Poller) -> PollFigures:
    calls, traffic, began, used = poller.calls, poller.traffic_bytes, time.monotonic(), time.process_time()
    deposits, failure = 0, None
    try:
        deposits = await poller.poll()
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    return PollFigures(
        calls=poller.calls - calls,
        traffic_bytes=poller.traffic_bytes - traffic,
        seconds=time.monotonic() - began,
        cpu_seconds=time.process_time() - used,
        deposits=deposits,
        cursor_bytes=len(poller.cursor),
        peak_bytes=peak_bytes(),
        failure=failure,
    )


async def _serve(task: WatchTask, answer: Callable[[str], None]) -> None:
    async with _activity_poller(task, task.ledger) if task.ledger else _reader_poller(task) as poller:
        while await asyncio.to_thread(sys.stdin.readline):
            answer((await _measured(poller)).model_dump_json())


def _serve_on(channel: TextIO) -> None:
    def answer(line: str) -> None:
        channel.write(f"{line}\n")
        channel.flush()

    configure_logs("bench", level="error")
    answer(PollFigures(peak_bytes=peak_bytes()).model_dump_json())
    asyncio.run(_serve(WatchTask.model_validate_json(sys.stdin.readline()), answer))


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        _serve_on(sys.__stdout__ or sys.stdout)
