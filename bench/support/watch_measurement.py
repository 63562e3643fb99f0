"""The cost of watching some addresses on one chain, and whether it is within the readers' limits."""

import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from math import ceil
from pathlib import Path
from statistics import median
from typing import NamedTuple

from baton.chains.evm.balances import AT_ONCE
from baton.chains.evm.events import MAX_ADDRESSES
from baton.chains.spec import ChainSpec, Family
from baton.local.child_process import ChildProcess, running
from bench.support.poll_process import PollFigures, WatchTask
from bench.support.subjects import CHAINS, Subject, WatchedNode

CPU_SHARE = 0.1
"""The most CPU time of an idle poll on an EVM chain, as a share of the time between two polls."""

_PAID_SHARE, _MOST_PAID = 100, 20
_IDLE_SECONDS = 20.0
"""Seconds after which no further idle poll begins; Surfnet answers slowly after some 90 seconds of steady calls."""
_POLL_SECONDS = 600.0


class WatchFailed(Exception):
    """A poll failed; the text names the chain and the reason."""


class WatchCost(NamedTuple):
    """The cost of watching a number of addresses.

    Attributes:
        subject: What was watched.
        spec: The chain.
        addresses: The number of addresses.
        first: The first poll, without a cursor.
        idle_polls: Polls with new blocks but no payments.
        paid: The poll after some of the addresses were paid.
        payments: The number of payments.
        memory_bytes: The growth of the process's peak memory since before it had the addresses.
    """

    subject: Subject
    spec: ChainSpec
    addresses: int
    first: PollFigures
    idle_polls: Sequence[PollFigures]
    paid: PollFigures
    payments: int
    memory_bytes: int

    @property
    def idle(self) -> PollFigures:
        """The medians of the idle polls."""
        return PollFigures(
            calls=round(median(poll.calls for poll in self.idle_polls)),
            traffic_bytes=round(median(poll.traffic_bytes for poll in self.idle_polls)),
            seconds=median(poll.seconds for poll in self.idle_polls),
            cpu_seconds=median(poll.cpu_seconds for poll in self.idle_polls),
            cursor_bytes=self.idle_polls[-1].cursor_bytes,
            peak_bytes=self.idle_polls[-1].peak_bytes,
        )

    @property
    def calls_per_minute(self) -> float:
        """Calls a minute of idle polls at the shipped interval, as if a poll took no time."""
        return round(self.idle.calls * 60 / self.spec.poll_seconds, 1)

    @property
    def batches(self) -> int | None:
        """The calls of an idle poll that depend on the number of addresses; None on chains where all calls do."""
        if self.spec.family not in (Family.EVM, Family.TRON):
            return None
        balances = ceil(self.addresses / AT_ONCE) if self.spec.watch_native else 0
        return ceil(self.addresses / MAX_ADDRESSES) + balances


async def measure_watch(subject: Subject, addresses: int, polls: int) -> WatchCost:
    """Watch fresh addresses on a fresh node, with a watcher in its own process.

    Args:
        subject: What to watch.
        addresses: How many.
        polls: Idle polls; fewer if they take long.

    Raises:
        NodeMissing: The node is not installed.
        NodeError: The node did not start, or refused a call.
        WatchFailed: A poll failed.
    """
    chain = CHAINS[subject]
    async with chain.open() as node:
        watched = [node.new_address() for _ in range(addresses)]
        async with _watcher(subject, node, watched) as (watcher, before):
            first = await watcher.poll()
            idle_polls = await _idle_polls(node, watcher, polls)
            paid = watched[: min(ceil(addresses / _PAID_SHARE), _MOST_PAID)]
            await node.pay(paid)
            await node.pass_poll()
            last = await watcher.poll()
    growth = last.peak_bytes - before.peak_bytes
    return WatchCost(subject, node.spec, addresses, first, idle_polls, last, len(paid), growth)


class _WatcherProcess:
    """A process that polls on command; see `bench.support.poll_process`."""

    def __init__(self, subject: Subject, process: ChildProcess) -> None:
        self._subject, self._process = subject, process

    async def start(self, task: WatchTask) -> PollFigures:
        """Send the task; return the figures from before it."""
        before = await self._figures()
        await self._process.send_line(task.model_dump_json())
        return before

    async def poll(self) -> PollFigures:
        await self._process.send_line("poll")
        return await self._figures()

    async def _figures(self) -> PollFigures:
        try:
            line = await self._process.read_line(within=_POLL_SECONDS)
        except TimeoutError:
            raise WatchFailed(f"{self._subject}: a poll took longer than {_POLL_SECONDS:g} s") from None
        if not line:
            raise WatchFailed(f"{self._subject}: the watcher process ended; see its error above")
        figures = PollFigures.model_validate_json(line)
        if figures.failure:
            raise WatchFailed(f"{self._subject}: {figures.failure}")
        return figures


@asynccontextmanager
async def _watcher(
    subject: Subject, node: WatchedNode, addresses: list[str]
) -> AsyncIterator[tuple[_WatcherProcess, PollFigures]]:
    command = [sys.executable, "-m", "bench.support.poll_process"]
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        ledger = f"sqlite:///{Path(folder) / 'ledger.db'}" if CHAINS[subject].with_ledger else None
        task = WatchTask(
            spec=node.spec,
            url=node.url,
            kind=node.kind,
            addresses=addresses,
            since=node.since,
            ledger=ledger,
        )
        async with running(command, pipes=True, show_errors=True) as process:
            watcher = _WatcherProcess(subject, process)
            yield watcher, await watcher.start(task)


async def _idle_polls(node: WatchedNode, watcher: _WatcherProcess, count: int) -> list[PollFigures]:
    deadline, polls = time.monotonic() + _IDLE_SECONDS, list[PollFigures]()
    while len(polls) < count and (not polls or time.monotonic() < deadline):
        await node.pass_poll()
        polls.append(await watcher.poll())
    return polls


def objections(costs: Sequence[WatchCost]) -> list[str]:
    """Return one sentence for each cost that is too high, and for payments that were not reported. Pure.

    On EVM chains, the calls of an idle poll must not grow with the number of addresses, except for one log query for
    each thousand addresses and, if the chain's own coin is watched, one call for each 500 balances.
    """
    sentences = [
        f"{cost.subject}, {cost.addresses:,} addresses: {cost.paid.deposits} of {cost.payments} payments were reported"
        for cost in costs
        if cost.paid.deposits != cost.payments
    ]
    for subject in Subject:
        sentences += _growth([cost for cost in costs if cost.subject is subject and cost.batches is not None])
    return sentences


def _growth(costs: Sequence[WatchCost]) -> list[str]:
    if not costs:
        return []
    least, sentences = min(costs, key=lambda cost: cost.addresses), []
    for cost in costs:
        where = f"{cost.subject}, {cost.addresses:,} addresses"
        more, allowed = cost.idle.calls - least.idle.calls, (cost.batches or 0) - (least.batches or 0)
        if more > allowed:
            sentences.append(f"{where}: {more} calls more than for {least.addresses:,}, but {allowed} are allowed")
        if cost.idle.cpu_seconds > CPU_SHARE * cost.spec.poll_seconds:
            sentences.append(f"{where}: {cost.idle.cpu_seconds:.1f} s CPU a poll, every {cost.spec.poll_seconds:g} s")
    return sentences
