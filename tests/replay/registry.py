"""What a path is: a name, how an order is led along it, and how that ends."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome
from tests.end_to_end.world import World
from tests.eventually import eventually

OPEN = "open"
"""The order is still under way when its history is taken."""

CONTINUED = "continued"
"""The run ended by continuing as a new one."""


@dataclass(frozen=True)
class Stage:
    """Where one order is led along a path.

    Attributes:
        world: Baton as a whole, with a sandbox for a partner.
        reference: The order's reference; the same at every recording.
        ledger_file: The SQLite file of the world's ledger.
    """

    world: World
    reference: str
    ledger_file: Path

    async def place(self, *, scenario: str | None = None, **fields: Any) -> Placement:
        """Place the path's order; with a scenario, the sandbox will lead it through that."""
        return await self.world.place(scenario=scenario, reference=self.reference, **fields)

    async def refused(self, **fields: Any) -> Placement:
        """Place the path's order, which gets no quote; return the placement of the order that closed for it."""
        return await self.world.refused(self.world.document(reference=self.reference, **fields))

    async def move(self, placed: Placement, *, times: int = 1, status: str | None = None) -> None:
        """Move the order at the partner: by so many steps of its script, or to this status."""
        assert placed.quote_id is not None
        for _ in range(times):
            await self.world.sandbox.advance(placed.quote_id, status)

    async def until(self, placed: Placement, reached: Callable[[Snapshot], bool]) -> Snapshot:
        """Wait until the order's snapshot is as wanted; return it."""
        return await eventually(lambda: self.world.snapshot(placed), reached)

    async def until_told(self, placed: Placement, status: str) -> None:
        """Wait until this status stands in the ledger: everything about it is done then."""
        await eventually(lambda: self.world.statuses(placed), lambda told: status in told)

    async def until_partner_has(self, placed: Placement, status: str | None = None) -> None:
        """Wait until the partner has an order of this one, in that status if one is named."""

        def found(orders: list[dict[str, Any]]) -> bool:
            ours = [order for order in orders if order["quoteId"] == placed.quote_id]
            return any(status in (None, order["status"]) for order in ours)

        await eventually(self.world.sandbox.orders, found)


Lead = Callable[[Stage], Awaitable[Placement]]


@dataclass(frozen=True)
class OrderPath:
    """One path.

    Attributes:
        name: Name of the path and of its stored history.
        lead: Leads an order along it.
        ends: The order's outcome, `OPEN` or `CONTINUED`.
        run: Which run's history is stored: 0 for the first, -1 for the last.
        early: The server suggests to continue as new after a few events already.
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
        """Return the reference of the path's order."""
        return f"replay-{self.name}"

    @property
    def stored_as(self) -> dict[str, str]:
        """Return the names of the path's histories, and how each ended: the order's own, then its children's."""
        return {self.name: self.ends, **{child_name(self.name, kind): end for kind, end in self.children.items()}}


def child_name(name: str, kind: str) -> str:
    """Return the name of the history of a path's child."""
    return f"{name}.{kind}"


class Paths(dict[str, OrderPath]):
    """Paths by name, filled by decorated functions: the function's name is the path's."""

    def add(self, path: OrderPath) -> None:
        """Add a path.

        Raises:
            ValueError: The name is taken.
        """
        if path.name in self:
            raise ValueError(f"there are two paths named {path.name}")
        self[path.name] = path

    def ending(self, ends: str | Outcome, **children: str) -> Callable[[Lead], Lead]:
        """Return the decorator that adds a function as a path with that end, and with children that end so."""

        def added(lead: Lead) -> Lead:
            self.add(OrderPath(lead.__name__, lead, str(ends), children=children))
            return lead

        return added
