"""What watching some addresses on one chain costs, and whether that keeps to what the readers promise."""

import asyncio
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from math import ceil
from pathlib import Path
from statistics import median
from typing import NamedTuple

from baton.chains.evm.balances import AT_ONCE
from baton.chains.evm.events import MAX_ADDRESSES
from baton.chains.spec import ChainSpec, Family
from baton.local.nodes.processes import running
from bench.support.watched_chains import CHAINS, Place, Subject
from bench.support.watcher import Look, Task

CPU_SHARE = 0.1
"""Most CPU time of a look at rest on an EVM chain, as a share of the time between two polls."""

_PAID_SHARE, _MOST_PAID = 100, 20
_RESTING = 20.0
"""Seconds after which no further look at rest begins; Surfnet answers slowly after some 90 seconds of steady calls."""
_LOOK_LIMIT = 600.0


class WatchFailed(Exception):
    """A look brought no figures; the text names chain and reason."""


class WatchCost(NamedTuple):
    """What watching one number of addresses costs.

    Attributes:
        subject: The chain, or whole polls of it.
        spec: The chain as it was watched.
        addresses: How many.
        first: The first look, from no cursor to the head.
        rests: Looks with nothing new but blocks.
        paid: The look after some of the addresses were paid.
        payments: How many were.
        memory_bytes: How far the memory's peak lies above that of the process before it knew the addresses.
    """

    subject: Subject
    spec: ChainSpec
    addresses: int
    first: Look
    rests: Sequence[Look]
    paid: Look
    payments: int
    memory_bytes: int

    @property
    def idle(self) -> Look:
        """Return the medians of the looks at rest."""
        return Look(
            calls=round(median(one.calls for one in self.rests)),
            seconds=median(one.seconds for one in self.rests),
            cpu_seconds=median(one.cpu_seconds for one in self.rests),
            cursor_bytes=self.rests[-1].cursor_bytes,
            peak_bytes=self.rests[-1].peak_bytes,
        )

    @property
    def calls_per_minute(self) -> float:
        """Return the calls at rest at the shipped pace of polls, each taking no time."""
        return round(self.idle.calls * 60 / self.spec.poll_seconds, 1)

    @property
    def batches(self) -> int | None:
        """Return the calls of a look at rest that the number of addresses decides on; None where it decides on all."""
        if self.spec.family not in (Family.EVM, Family.TRON):
            return None
        balances = ceil(self.addresses / AT_ONCE) if self.spec.watch_native else 0
        return ceil(self.addresses / MAX_ADDRESSES) + balances


async def measure_watch(subject: Subject, addresses: int, looks: int) -> WatchCost:
    """Watch fresh addresses on a fresh node, by a process of its own.

    Args:
        subject: What to watch.
        addresses: How many.
        looks: Looks at rest; fewer where they take long.

    Raises:
        NodeMissing: The node is not installed.
        NodeError: The node did not start, or refused a call.
        WatchFailed: A look brought nothing.
    """
    chain = CHAINS[subject]
    async with chain.open() as place:
        watched = [place.new_address() for _ in range(addresses)]
        async with _watcher(subject, place, watched) as (look, before):
            first = await look()
            rests = await _rests(place, look, looks)
            paid = watched[: min(ceil(addresses / _PAID_SHARE), _MOST_PAID)]
            await place.pay(paid)
            await place.pass_poll()
            last = await look()
    grown = last.peak_bytes - before.peak_bytes
    return WatchCost(subject, place.spec, addresses, first, rests, last, len(paid), grown)


class _Looking:
    """The other end of a watcher process."""

    def __init__(self, subject: Subject, process: Process) -> None:
        assert process.stdin
        assert process.stdout
        self._subject, self._in, self._out = subject, process.stdin, process.stdout

    async def send(self, line: str) -> None:
        self._in.write(f"{line}\n".encode())
        await self._in.drain()

    async def answer(self) -> Look:
        try:
            line = await asyncio.wait_for(self._out.readline(), _LOOK_LIMIT)
        except TimeoutError:
            raise WatchFailed(f"{self._subject}: a look took longer than {_LOOK_LIMIT:g} s") from None
        if not line:
            raise WatchFailed(f"{self._subject}: the watching process ended; its error stands above")
        told = Look.model_validate_json(line)
        if told.trouble:
            raise WatchFailed(f"{self._subject}: {told.trouble}")
        return told

    async def __call__(self) -> Look:
        await self.send("look")
        return await self.answer()


@asynccontextmanager
async def _watcher(subject: Subject, place: Place, addresses: list[str]) -> AsyncIterator[tuple[_Looking, Look]]:
    command = [sys.executable, "-m", "bench.support.watcher"]
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        ledger = f"sqlite:///{Path(folder) / 'ledger.db'}" if CHAINS[subject].with_ledger else None
        task = Task(
            spec=place.spec,
            url=place.url,
            kind=place.kind,
            addresses=addresses,
            since=place.since,
            ledger=ledger,
        )
        async with running(command, stdin=PIPE, stdout=PIPE, stderr=None) as process:
            look = _Looking(subject, process)
            before = await look.answer()
            await look.send(task.model_dump_json())
            yield look, before


async def _rests(place: Place, look: _Looking, looks: int) -> list[Look]:
    ends, seen = time.monotonic() + _RESTING, list[Look]()
    while len(seen) < looks and (not seen or time.monotonic() < ends):
        await place.pass_poll()
        seen.append(await look())
    return seen


def objections(costs: Sequence[WatchCost]) -> list[str]:
    """Return what costs more than it may, in a sentence each. Pure.

    On EVM chains a look at rest makes as many calls for any number of addresses, but for one log query for each
    thousand of them and, where the chain's own coin is watched, one question for each 500 balances.
    """
    found = [
        f"{one.subject}, {one.addresses:,} addresses: {one.paid.told} of {one.payments} payments were told"
        for one in costs
        if one.paid.told != one.payments
    ]
    for subject in Subject:
        found += _growth([one for one in costs if one.subject is subject and one.batches is not None])
    return found


def _growth(costs: Sequence[WatchCost]) -> list[str]:
    if not costs:
        return []
    least, found = min(costs, key=lambda one: one.addresses), []
    for one in costs:
        where = f"{one.subject}, {one.addresses:,} addresses"
        more, allowed = one.idle.calls - least.idle.calls, (one.batches or 0) - (least.batches or 0)
        if more > allowed:
            found.append(f"{where}: {more} calls more than for {least.addresses:,}, where {allowed} are allowed")
        if one.idle.cpu_seconds > CPU_SHARE * one.spec.poll_seconds:
            found.append(f"{where}: {one.idle.cpu_seconds:.1f} s CPU a look, every {one.spec.poll_seconds:g} s")
    return found
