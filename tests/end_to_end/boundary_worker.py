"""A worker that ends itself with SIGKILL while orders stand at boundaries of their activities.

An activity has two boundaries: before it does anything, and after its effect, before Temporal knows of it. An order
stands still at the boundary that the plan has for it, and the worker ends once all of them stand, or soon after the
first does: a local activity can stand only for as long as its timeout.

The report gets each boundary that an order passes or stands at, one JSON object a line.
"""

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

import worker
from baton.orders.messages import RECORD_ORDER
from baton.temporal import connect
from tests.end_to_end.quick_worker import hasten

POLL = "poll"
"""The name of a read that is repeated until there is news."""

LONGEST_STAND = 3.0
"""Seconds from the first order that stands to the end of the process; a call of Orchestra has four locally."""

LONGEST_WRITE = 1.4
"""The same if an order stands at a write of its row, which has two."""


class Boundaries:
    """The boundaries that orders pass in this process."""

    def __init__(self, plan: dict[str, str], report: Path) -> None:
        self._plan = plan
        self._report = report
        self._known: dict[tuple[str, str], list[str]] = {}
        self._standing: set[str] = set()

    async def reach(self, when: str, kind: str) -> None:
        """Pass a boundary of the activity that runs here; or stand still, if it is its order's or the order does."""
        reference, name = self._name(kind)
        boundary = f"{when} {name}"
        stands = self._plan.get(reference) == boundary and reference not in self._standing
        self._write({"reference": reference, "boundary": boundary, "stands": stands, "at": time.monotonic()})
        if stands:
            self._stand(reference)
        if reference in self._standing:
            await asyncio.Event().wait()

    def _stand(self, reference: str) -> None:
        if not self._standing:
            writes = any(RECORD_ORDER in boundary for boundary in self._plan.values())
            asyncio.get_running_loop().call_later(LONGEST_WRITE if writes else LONGEST_STAND, _end)
        self._standing.add(reference)
        if self._standing == self._plan.keys():
            _end()

    def _write(self, line: dict[str, Any]) -> None:
        with self._report.open("a", encoding="utf-8") as report:
            report.write(json.dumps(line) + "\n")

    def _name(self, kind: str) -> tuple[str, str]:
        """Return the order's reference and the activity's name, which another order of the same path has too."""
        info = activity.info()
        reference, _, child = (info.workflow_id or "").partition("/default/")[2].partition("/")
        reference, _, late = reference.partition(".")
        owner = " of ".join(part for part in (child.partition("/")[0], late) if part)
        known = self._known.setdefault((info.workflow_id or "", kind), [])
        if info.activity_id not in known:
            known.append(info.activity_id)
        number = known.index(info.activity_id) + 1
        return reference, f"{kind} {number}{f' of {owner}' if owner else ''}"


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Activities(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, boundaries: Boundaries) -> None:
        super().__init__(following)
        self._boundaries = boundaries

    async def execute_activity(self, call: ExecuteActivityInput) -> Any:
        kind = POLL if getattr(call.args[0], "cadence", None) else activity.info().activity_type
        await self._boundaries.reach("before", kind)
        result = await super().execute_activity(call)
        await self._boundaries.reach("after", kind)
        return result


class AtBoundaries(ClientInterceptor, Interceptor):
    """Puts the boundaries around every activity of the workers that use this client."""

    def __init__(self, boundaries: Boundaries) -> None:
        self._boundaries = boundaries

    def intercept_activity(self, following: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Activities(following, self._boundaries)


def run_worker(plan: dict[str, str], report: Path) -> int:
    """Run the worker's own program, with the boundaries around its activities."""

    async def connect_with_boundaries(**options: Any) -> Client:
        client = await connect(**options)
        return Client(**{**client.config(), "interceptors": [AtBoundaries(Boundaries(plan, report))]})

    hasten()
    worker.connect = connect_with_boundaries
    return worker.main()
