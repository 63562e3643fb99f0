"""The load of a contestant in a process of its own, measured from outside."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from baton.local.child_process import ChildProcess, running
from bench.support.floor_turn import Contestant, FloorTurn
from bench.support.machine import process_tree, tree_cpu_seconds
from bench.support.own_process import MARK, READY, spreads_of

_START_SECONDS = 60.0
_SPARE_SECONDS = 60.0
"""How much longer than asked a measurement may take."""


class ContestantFailed(Exception):
    """A contestant's process did not start or did not answer; the text says which."""


class OwnProcessLoad:
    """Orders in one process.

    Args:
        contestant: What runs in it.
        process: The process; its CPU time counts as `process`.
        beside: Process ids of the servers that it uses, by name; their children count too.
    """

    def __init__(self, contestant: Contestant, process: ChildProcess, beside: Mapping[str, int]) -> None:
        self._contestant, self._process = contestant, process
        self._roots = {"process": process.pid, **beside}

    async def measure(self, under_way: int, seconds: float) -> FloorTurn:
        """Keep that many orders under way and count those that end.

        Raises:
            ContestantFailed: The process ended; its error is on stderr.
        """
        await self._process.send_line(json.dumps({"under_way": under_way, "seconds": seconds}))
        await self._expect(MARK, seconds)
        before = self._used()
        await self._expect(MARK, seconds)
        after = self._used()
        answer = json.loads(await self._line(seconds))
        quote, state = spreads_of(answer)
        used = {name: round(after[name] - before[name], 2) for name in after}
        return FloorTurn(
            self._contestant, under_way, answer["seconds"], answer["orders"], used, quote=quote, state=state
        )

    def _used(self) -> dict[str, float]:
        return {name: tree_cpu_seconds(process_tree(pid)) for name, pid in self._roots.items()}

    async def _expect(self, word: str, seconds: float) -> None:
        if await self._line(seconds) != word:
            raise ContestantFailed(f"{self._contestant} did not measure")

    async def _line(self, seconds: float) -> str:
        try:
            line = await self._process.read_line(within=seconds + _SPARE_SECONDS)
        except TimeoutError:
            line = ""
        if not line:
            raise ContestantFailed(f"{self._contestant} ended or did not answer; see its error above")
        return line


@asynccontextmanager
async def own_process(
    contestant: Contestant,
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    beside: Callable[[], Mapping[str, int]] = dict,
) -> AsyncIterator[OwnProcessLoad]:
    """Run a contestant's process until the block ends.

    Raises:
        ContestantFailed: It did not start; its error is on stderr.
    """
    async with running(command, environment=environment, pipes=True, show_errors=True) as process:
        try:
            first = await process.read_line(within=_START_SECONDS)
        except TimeoutError:
            first = ""
        if first != READY:
            raise ContestantFailed(f"{contestant} did not start; see its error above")
        yield OwnProcessLoad(contestant, process, beside())
