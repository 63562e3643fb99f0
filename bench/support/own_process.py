"""Both ends of a contestant that runs orders and their client in a process of its own.

The process imports nothing of Baton, so that it can run in another environment. It prints `ready`. For each line of
JSON on stdin, `{"under_way": ..., "seconds": ...}`, it measures once: it prints `mark` at the beginning and at the end,
then the figures as a line of JSON. It ends when its stdin closes.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from bench.support.crowd import Crowd, ShapeRun
from bench.support.figures import Spread

READY, MARK = "ready", "mark"


async def serve_turns(run_one: Callable[[int], Awaitable[ShapeRun]]) -> None:
    """Measure as often as a line on stdin asks for it."""
    crowd = Crowd(run_one, lambda: _print(MARK))
    _print(READY)
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        result = await crowd.measure(asked["under_way"], asked["seconds"])
        quotes = [run.quote for run in result.runs if run.quote is not None]
        lags = [lag for run in result.runs for lag in run.lags]
        _print(json.dumps({"seconds": result.seconds, "orders": len(result.runs), "quotes": quotes, "lags": lags}))


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def spreads_of(answer: dict[str, Any]) -> tuple[Spread | None, Spread | None]:
    """Return the spreads of the times to the quote and to the state, from an answer's JSON."""
    return Spread.of_seconds(answer["quotes"]), Spread.of_seconds(answer["lags"])
