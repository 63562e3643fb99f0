"""Making of orders: a new order in its first status, kept in the store."""

import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from baton.local.sandbox.engine.clock import SandboxClock
from baton.local.sandbox.engine.settlement import Settlement
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder, SandboxQuote, Store
from baton.local.sandbox.scenarios.scenario import MoveStep
from baton.orchestra.lifecycle import FIRST


class OrderMaker:
    """Makes orders.

    Args:
        store: Keeps the orders.
        clock: The sandbox's clock.
    """

    def __init__(self, store: Store, clock: SandboxClock) -> None:
        self._store = store
        self._clock = clock

    def make(
        self,
        quote: SandboxQuote,
        deposit: SandboxDeposit | None,
        settlement: Settlement,
        plan: Sequence[MoveStep] = (),
        facts: Mapping[str, Any] | None = None,
    ) -> SandboxOrder:
        """Make an order, keep it and return it. It is not announced yet.

        Args:
            quote: The order's quote.
            deposit: The deposit; None while the order is unpaid.
            settlement: The order's price.
            plan: The order's moves.
            facts: Fields of the record from the start.
        """
        now = self._clock.now()
        order = SandboxOrder(
            id=f"ord_{uuid.uuid4()}",
            quote=quote,
            deposit=deposit,
            price=settlement.price,
            prices=dict(settlement.prices),
            status=FIRST,
            created_at=now,
            updated_at=now,
            plan=deque(plan),
            stepped=quote.scenario.stepped,
            facts=dict(facts or {}),
            moves=[(FIRST, now)],
        )
        if deposit is not None:
            deposit.order_id = order.id
        self._store.orders[order.id] = order
        return order
