"""A new order in its first state, kept in the store."""

import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from baton.local.sandbox.engine.clock import Clock
from baton.local.sandbox.engine.settlement import Settlement
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder, SandboxQuote, Store
from baton.local.sandbox.scenarios.scenario import MoveStep
from baton.orchestra.lifecycle import FIRST


class OrderMaker:
    """Makes orders.

    Args:
        store: Where orders live.
        clock: The sandbox's time.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
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
        """Return a new order, which nobody has been told of yet.

        Args:
            quote: What it fulfils.
            deposit: What pays it; None while nobody has.
            settlement: Its price.
            plan: Its moves.
            facts: What its record says from the start.
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
