"""One scenario for each row of the published transition table.

It moves from `processing` to the row's first status, then to its second, and then to a hard end, each time by the
shortest path. The moves come from the table and not from a route, so each scenario works on every route.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from baton.local.sandbox.scenarios.scenario import MoveStep, Scenario
from baton.orchestra.lifecycle import FIRST, HARD_ENDS, PUBLIC_EDGES, SILENT_EDGES, Status


@dataclass(frozen=True)
class Edge:
    """A row of the table. `before` is None for the first row, the creation of an order as `processing`."""

    before: Status | None
    after: Status

    @property
    def name(self) -> str:
        """Return the name of the edge's scenario."""
        return f"edge_{self.before or 'new'}_to_{self.after}"

    @property
    def is_silent(self) -> bool:
        """Whether no webhook reports the move."""
        return self.before is not None and self.after in SILENT_EDGES.get(self.before, frozenset())

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Return every status of the scenario's orders, from `processing` to the end."""
        before = () if self.before is None else _shortest_path(FIRST, self.before)
        return (*before, *_shortest_path(self.after, self._end))

    @property
    def _end(self) -> Status:
        if self.after in HARD_ENDS:
            return self.after
        refunds = Status.REFUNDING in (self.before, self.after)
        return Status.REFUNDED if refunds else Status.COMPLETED

    @property
    def scenario(self) -> Scenario:
        """Return the scenario that makes the move."""
        statuses = self.statuses
        row = "The order begins" if self.before is None else f"Takes {self.before} to {self.after}"
        return Scenario(
            name=self.name,
            description=f"{row}: {', '.join(statuses)}.",
            steps=tuple(MoveStep(status=status) for status in statuses[1:]),
        )


def all_edges() -> list[Edge]:
    """Return every row: the first one, the published ones, and those that no webhook reports."""
    return [Edge(None, FIRST), *_edges(PUBLIC_EDGES), *_edges(SILENT_EDGES)]


def _edges(table: Mapping[Status, frozenset[Status]]) -> Iterator[Edge]:
    for before in Status:
        for after in Status:
            if after in table.get(before, ()):
                yield Edge(before, after)


def _shortest_path(start: Status, goal: Status) -> tuple[Status, ...]:
    """Return the shortest path through the table, both ends included."""
    paths: deque[tuple[Status, ...]] = deque([(start,)])
    visited = {start}
    while paths:
        path = paths.popleft()
        if path[-1] is goal:
            return path
        for status in Status:
            if status not in visited and _is_edge(path[-1], status):
                visited.add(status)
                paths.append((*path, status))
    raise ValueError(f"the table has no path from {start} to {goal}")


def _is_edge(before: Status, after: Status) -> bool:
    return after in PUBLIC_EDGES.get(before, ()) or after in SILENT_EDGES.get(before, ())


EDGE_SCENARIOS: tuple[Scenario, ...] = tuple(edge.scenario for edge in all_edges())
"""One scenario for each row of the table."""
