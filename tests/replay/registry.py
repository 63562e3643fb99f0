"""The paths of an order: name, the steps of the test along it, and the expected end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome
from tests.end_to_end.world import World
from tests.eventually import eventually

OPEN = "open"
"""The order is still running when its history is recorded."""

CONTINUED = "continued"
"""The run ended with continue-as-new."""


@dataclass(frozen=True)
class PathStage:
    """The order of one path, in a running Baton.

    Attributes:
        world: All of Baton, with a sandbox as Orchestra.
        reference: The order's reference, the same in every recording.
        ledger_file: The SQLite file of the ledger.
    """

    world: World
    reference: str
    ledger_file: Path

    async def place(self, *, scenario: str | None = None, **fields: Any) -> Placement:
        """Place the path's order; with a scenario, the sandbox plays that scenario for it."""
        return await self.world.place(scenario=scenario, reference=self.reference, **fields)

    async def refused(self, **fields: Any) -> Placement:
        """Place the path's order, which gets no quote; return the placement of the order that closed for it."""
        return await self.world.refused(self.world.document(reference=self.reference, **fields))

    async def move(self, placed: Placement, *, times: int = 1, status: str | None = None) -> None:
        """Move the sandbox's order: by so many steps of its script, or to this status."""
        assert placed.quote_id is not None
        for _ in range(times):
            await self.world.sandbox.advance(placed.quote_id, status)

    async def until(self, placed: Placement, reached: Callable[[Snapshot], bool]) -> Snapshot:
        """Wait until the condition is true of the order's snapshot; return it."""
        return await eventually(lambda: self.world.snapshot(placed), reached)

    async def until_recorded(self, placed: Placement, status: str) -> None:
        """Wait until the ledger has this status: the workflow has then handled it completely."""
        await eventually(lambda: self.world.statuses(placed), lambda statuses: status in statuses)

    async def until_orchestra_has(self, placed: Placement, status: str | None = None) -> None:
        """Wait until the sandbox has this order, in that status if one is given."""

        def has_order(orders: list[dict[str, Any]]) -> bool:
            ours = [order for order in orders if order["quoteId"] == placed.quote_id]
            return any(status in (None, order["status"]) for order in ours)

        await eventually(self.world.sandbox.orders, has_order)


Lead = Callable[[PathStage], Awaitable[Placement]]


@dataclass(frozen=True)
class OrderPath:
    """A path that an order can take.

    Attributes:
        name: Name of the path and of its stored history.
        lead: Runs an order along it.
        ends: The order's outcome, `OPEN` or `CONTINUED`.
        run: Which run's history is stored: 0 for the first, -1 for the last.
        early: Whether the server suggests continue-as-new after only a few events.
        children: How the children of that run ended (an outcome of theirs or `OPEN`), by kind: the part of a child's
            workflow id after its order's, such as `refund` or `zeroconf`.
    """

    name: str
    lead: Lead
    ends: str
    run: int = -1
    early: bool = False
    children: Mapping[str, str] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """The reference of the path's order."""
        return f"replay-{self.name}"

    @property
    def stored_as(self) -> dict[str, str]:
        """The names of the path's histories with their ends: the order's own, then its children's."""
        return {self.name: self.ends, **{child_name(self.name, kind): end for kind, end in self.children.items()}}


OtherLead = Callable[[PathStage], Awaitable[WorkflowHandle[Any, Any]]]


@dataclass(frozen=True)
class OtherPath:
    """A path of a workflow that is no order, such as an affiliate's claim.

    Attributes:
        name: Name of the path and of its stored history.
        lead: Runs a workflow along it; returns the workflow, which has closed.
        ends: Its end, as `ending_of` says it.
    """

    name: str
    lead: OtherLead
    ends: str
    early: bool = False

    @property
    def reference(self) -> str:
        """The reference of what the workflow is about."""
        return f"replay-{self.name}".replace("_", "-")

    @property
    def stored_as(self) -> dict[str, str]:
        """The name of the path's history with its end."""
        return {self.name: self.ends}


def child_name(name: str, kind: str) -> str:
    """Return the name of the history of a path's child."""
    return f"{name}.{kind}"


class PathRegistry(dict[str, OrderPath]):
    """Paths by name. A decorated function adds a path with the function's name."""

    def add(self, path: OrderPath) -> None:
        """Add a path.

        Raises:
            ValueError: A path with this name exists already.
        """
        if path.name in self:
            raise ValueError(f"there are two paths named {path.name}")
        self[path.name] = path

    def ending(self, ends: str | Outcome, **children: str) -> Callable[[Lead], Lead]:
        """Return a decorator that adds a function as a path with this end and these ends of children."""

        def added(lead: Lead) -> Lead:
            self.add(OrderPath(lead.__name__, lead, str(ends), children=children))
            return lead

        return added
