"""Runs an order along each path and stores its history, and those of its children.

    python -m tests.replay.record                 every path without a history
    python -m tests.replay.record NAME [NAME ...] these paths; replaces their histories
    python -m tests.replay.record --all           every path; replaces all histories

A stored history is the promise that an order of that version of the workflow can continue after a deploy. Record a path
again only if a change is meant to break that promise, or if the path itself has changed.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from temporalio.client import WorkflowFailureError, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from baton.process.logs import configure_logs
from tests.end_to_end.world import running_world
from tests.replay import store
from tests.replay.cost import cost_of
from tests.replay.ending import ending_of
from tests.replay.paths import ALL, OTHERS
from tests.replay.registry import OPEN, OrderPath, OtherPath, PathStage, child_name
from tests.replay.runs import children_of, runs_of
from tests.temporal_server import temporal_server

EARLY = {"limit.historyCount.suggestContinueAsNew": "25"}
"""Makes the server suggest continue-as-new after so many events."""

_LEDGER = "ledger.db"
_TIMEOUT = 60
"""Seconds that one order may take."""


class UnexpectedEnd(Exception):
    """An order did not end as its path requires."""


async def record(paths: Sequence[OrderPath | OtherPath]) -> None:
    """Record these paths, each with a Baton of its own.

    Raises:
        UnexpectedEnd: An order took another path; its history is not stored.
    """
    for early in (False, True):
        chosen = [path for path in paths if path.early is early]
        if chosen:
            async with temporal_server(**(EARLY if early else {})) as environment:
                for path in chosen:
                    await _record(path, environment)


async def _record(path: OrderPath | OtherPath, environment: WorkflowEnvironment) -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with running_world(environment, folder) as world:
            stage = PathStage(world, path.reference, folder / _LEDGER)
            histories = await (_run(path, stage) if isinstance(path, OrderPath) else _run_other(path, stage))
    for name, history in histories.items():
        store.save(name, history)
        _say(f"{name}: {cost_of(history)}")
    _say(f"{path.name} took {time.monotonic() - began:.1f} s")


async def _run(path: OrderPath, stage: PathStage) -> Mapping[str, WorkflowHistory]:
    async with asyncio.timeout(_TIMEOUT):
        placed = await path.lead(stage)
        if path.ends != OPEN:
            await stage.world.baton.wait(placed.reference)
        history = (await runs_of(stage.world, placed))[path.run]
        histories = {path.name: history, **await _children(path, stage, history)}
    if path.ends == OPEN:
        await stage.world.handle(placed).terminate()
    ended = {name: ending_of(history) for name, history in histories.items()}
    if ended != path.stored_as:
        raise UnexpectedEnd(f"{path.name} ended as {ended}, not as {path.stored_as}")
    return histories


async def _run_other(path: OtherPath, stage: PathStage) -> Mapping[str, WorkflowHistory]:
    async with asyncio.timeout(_TIMEOUT):
        history = await (await path.lead(stage)).fetch_history()
    if ending_of(history) != path.ends:
        raise UnexpectedEnd(f"{path.name} ended as {ending_of(history)}, not as {path.ends}")
    return {path.name: history}


async def _children(path: OrderPath, stage: PathStage, history: WorkflowHistory) -> dict[str, WorkflowHistory]:
    """Return the children's histories, up to their ends if the order's history has them; terminate open children."""
    histories = {}
    for kind, child in children_of(stage.world.environment.client, history).items():
        if path.children.get(kind) != OPEN:
            with suppress(WorkflowFailureError):
                await child.result()
        histories[child_name(path.name, kind)] = await child.fetch_history()
        if path.children.get(kind) == OPEN:
            await child.terminate()
    return histories


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _chosen(arguments: Sequence[str]) -> list[OrderPath | OtherPath]:
    parser = argparse.ArgumentParser(prog="python -m tests.replay.record", description=__doc__.splitlines()[0])
    every: dict[str, OrderPath | OtherPath] = {**ALL, **OTHERS}
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *every], help=f"paths: {', '.join(every)}")
    parser.add_argument("--all", action="store_true", help="record every path again")
    options = parser.parse_args(arguments)
    if options.all:
        return list(every.values())
    stored = store.stored()
    lacking = {path.name for path in every.values() if not stored.issuperset(path.stored_as)}
    names = set(options.names) or lacking
    return [path for path in every.values() if path.name in names]


def main() -> int:
    """Record the paths of the command line; return the exit code."""
    paths = _chosen(sys.argv[1:])
    configure_logs("record", level="error")
    try:
        asyncio.run(record(paths))
    except UnexpectedEnd as error:
        _say(str(error))
        return 1
    finally:
        gc.collect()
    _say(f"{len(paths)} recorded, {len(store.stored())} stored in {store.FOLDER.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
