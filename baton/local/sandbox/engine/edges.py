"""For every row of the published transition table a scenario that takes it.

Each goes from `processing` to the row's left side, takes the row, and then goes on to a hard end, always the shortest
way there is. The moves are the table's own and not those of a route, so every scenario fits every route.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from baton.local.sandbox.scenarios.scenario import MoveStep, Scenario
from baton.orchestra.lifecycle import FIRST, HARD_ENDS, PUBLIC_EDGES, SILENT_EDGES, Status


@dataclass(frozen=True)
class Edge:
    """A row of the table. `before` is None for the first, which leads from nothing to `processing`."""

    before: Status | None
    after: Status

    @property
    def name(self) -> str:
        """Return the name of the edge's scenario."""
        return f"edge_{self.before or 'new'}_to_{self.after}"

    @property
    def is_silent(self) -> bool:
        """Tell whether partners are told of the move by no webhook."""
        return self.before is not None and self.after in SILENT_EDGES.get(self.before, frozenset())

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Return every status of the scenario's orders, from `processing` to the end."""
        before = () if self.before is None else _way(FIRST, self.before)
        return (*before, *_way(self.after, self._end))

    @property
    def _end(self) -> Status:
        if self.after in HARD_ENDS:
            return self.after
        refunds = Status.REFUNDING in (self.before, self.after)
        return Status.REFUNDED if refunds else Status.COMPLETED

    @property
    def scenario(self) -> Scenario:
        """Return the scenario that takes the edge."""
        statuses = self.statuses
        row = "The order begins" if self.before is None else f"Takes {self.before} to {self.after}"
        return Scenario(
            name=self.name,
            description=f"{row}: {', '.join(statuses)}.",
            steps=tuple(MoveStep(status=status) for status in statuses[1:]),
        )


def all_edges() -> list[Edge]:
    """Return every row: the first, those that the table prints, and those that no webhook tells of."""
    return [Edge(None, FIRST), *_edges(PUBLIC_EDGES), *_edges(SILENT_EDGES)]


def _edges(table: Mapping[Status, frozenset[Status]]) -> Iterator[Edge]:
    for before in Status:
        for after in Status:
            if after in table.get(before, ()):
                yield Edge(before, after)


def _way(start: Status, goal: Status) -> tuple[Status, ...]:
    """Return the shortest way through the table, both ends included."""
    ways: deque[tuple[Status, ...]] = deque([(start,)])
    seen = {start}
    while ways:
        way = ways.popleft()
        if way[-1] is goal:
            return way
        for status in Status:
            if status not in seen and _leads(way[-1], status):
                seen.add(status)
                ways.append((*way, status))
    raise ValueError(f"the table leads nowhere from {start} to {goal}")


def _leads(before: Status, after: Status) -> bool:
    return after in PUBLIC_EDGES.get(before, ()) or after in SILENT_EDGES.get(before, ())


EDGE_SCENARIOS: tuple[Scenario, ...] = tuple(edge.scenario for edge in all_edges())
"""The scenarios of all rows."""
