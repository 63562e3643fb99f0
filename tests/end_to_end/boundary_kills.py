"""Kills the worker at boundaries of activities, with an order for each boundary, and lets new workers finish them.

Orders that come to their boundaries at about the same time share a kill. One that was not there yet was killed
somewhere else: it must come to the same end too, and another order takes its place.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from baton.orders.messages import RECORD_ORDER
from tests.end_to_end.boundary_worker import POLL, run_worker
from tests.end_to_end.forks import start_fork
from tests.end_to_end.kill_paths import PATHS, Ending, travel
from tests.end_to_end.worker_process import environment_of
from tests.end_to_end.world import World
from tests.eventually import eventually

ATTEMPTS = 8
"""How many orders may try to come to one boundary."""

VARIABLE_ATTEMPTS = 2
"""The same for a boundary that an order of the path need not have."""

TOGETHER = 12
"""How many orders share a kill at most; more would take the machine too long to come to their boundaries."""

NEAR = 0.8
"""Seconds between the first and the last boundary of one kill, as the undisturbed paths came to them."""


def varies(boundary: str) -> bool:
    """Whether the time decides how often an order comes to such a boundary: polls, and writes of its row."""
    return POLL in boundary or RECORD_ORDER in boundary


@dataclass
class Kill:
    """An order that was to be killed at a boundary of its path, and what it came to."""

    path: str
    boundary: str
    reference: str
    ending: asyncio.Task[Ending]
    exact: bool = False


class Target(NamedTuple):
    """A boundary, when an undisturbed order comes to it, and how many orders have tried to be killed there."""

    after: float
    path: str
    boundary: str
    attempts: int = 0

    @property
    def most_attempts(self) -> int:
        """How many orders may try."""
        return VARIABLE_ATTEMPTS if varies(self.boundary) else ATTEMPTS


@dataclass
class Kills:
    """The kills of one world.

    Attributes:
        world: Everything but the worker.
        folder: For files.
        undisturbed: What each path comes to without a kill.
        boundaries: The boundaries of each path, in order.
        done: Every order that was killed; not exact are those that were not at their boundaries.
    """

    world: World
    folder: Path
    undisturbed: dict[str, Ending] = field(default_factory=dict)
    boundaries: dict[str, list[str]] = field(default_factory=dict)
    done: list[Kill] = field(default_factory=list)
    workers: int = 0

    async def run(self, chosen: Callable[[str], bool]) -> None:
        """Take every path undisturbed, then again for each chosen boundary with a kill there, and finish all."""
        targets = [target for target in await self._learn() if chosen(target.boundary)]
        for path in PATHS:
            self.boundaries[path] = [target.boundary for target in targets if target.path == path]
        while targets:
            together = [target for target in sorted(targets) if target.after <= min(targets).after + NEAR][:TOGETHER]
            missed = await self._kill_at(together)
            again = [target for target in missed if target.attempts < target.most_attempts]
            targets = [*(target for target in targets if target not in together), *again]
        async with self.worker({}):
            await asyncio.gather(*(kill.ending for kill in self.done))

    async def _learn(self) -> list[Target]:
        """Take every path undisturbed; return its boundaries."""
        references = {path: self._reference(path) for path in PATHS}
        async with self.worker({}):
            endings = await asyncio.gather(*(travel(self.world, path, one) for path, one in references.items()))
            lines = self.report()
        self.undisturbed = dict(zip(PATHS, endings, strict=True))
        targets: dict[tuple[str, str], Target] = {}
        for path, reference in references.items():
            own = [line for line in lines if line["reference"] == reference]
            for line in own:
                target = Target(line["at"] - own[0]["at"], path, line["boundary"])
                targets.setdefault((path, target.boundary), target)
        return list(targets.values())

    async def _kill_at(self, targets: list[Target]) -> list[Target]:
        """Kill a worker once, with an order for each target; return the targets whose orders were not there."""
        wanted = {self._reference(target.path, number): target for number, target in enumerate(targets)}
        async with self.worker({reference: target.boundary for reference, target in wanted.items()}) as ended:
            kills = [
                Kill(to.path, to.boundary, reference, asyncio.create_task(travel(self.world, to.path, reference)))
                for reference, to in wanted.items()
            ]
            self.done += kills
            all_ended = asyncio.gather(*(kill.ending for kill in kills))
            await asyncio.wait({ended, all_ended}, return_when=asyncio.FIRST_COMPLETED)
            standing = {line["reference"] for line in self.report() if line["stands"]}
        for kill in kills:
            kill.exact = kill.reference in standing
        missed = [target for reference, target in wanted.items() if reference not in standing]
        return [target._replace(attempts=target.attempts + 1) for target in missed]

    def _reference(self, path: str, number: int = 0) -> str:
        # No reference begins another one.
        return f"{path.replace(' ', '-')}-{self.workers}-{number:02}"

    def report(self) -> list[dict[str, Any]]:
        """Return the boundaries that the last worker came to."""
        return [json.loads(line) for line in self._file("report").read_text(encoding="utf-8").splitlines()]

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}-{self.workers}"

    @asynccontextmanager
    async def worker(self, plan: dict[str, str]) -> AsyncIterator["asyncio.Task[None]"]:
        """Run one worker while the block lasts; yield a task that is done once the worker has ended by itself."""
        self.workers += 1
        ready, report = self._file("ready"), self._file("report")
        process = start_fork(run_worker, plan, report, environment=environment_of(self.world, self.folder, ready))
        ended = asyncio.create_task(asyncio.to_thread(process.join))
        try:
            await eventually(lambda: asyncio.to_thread(ready.exists), within=60)
            yield ended
        finally:
            process.kill()
            await ended
