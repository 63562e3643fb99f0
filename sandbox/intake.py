"""Where deposits become orders: by a submit or by being seen, once each."""

import uuid
from collections import deque

from orchestra.lifecycle import FIRST
from sandbox.clock import Clock
from sandbox.engine import Engine
from sandbox.plans import plan_of
from sandbox.pricing import Prices
from sandbox.settlement import settle
from sandbox.store import Deposit, Order, Quote, Store


class Intake:
    """Makes orders.

    Args:
        store: Where orders live.
        clock: The sandbox's time.
        engine: Moves the orders.
        prices: The present prices; read when a deposit arrives late.
    """

    def __init__(self, store: Store, clock: Clock, engine: Engine, prices: Prices) -> None:
        self._store = store
        self._clock = clock
        self._engine = engine
        self._prices = prices

    def open(self, quote: Quote, deposit: Deposit, *, review: bool = False) -> Order:
        """Return the quote's order, making it if there is none yet, and start it on its way.

        Args:
            quote: The quote that was paid.
            deposit: What pays it.
            review: Hold the order for a person, because the evidence contradicts the chain.
        """
        existing = self._store.order_of(quote)
        if existing is not None:
            return existing
        order = self._make(quote, deposit, review=review)
        quote.order_id = order.id
        self._engine.begin(order)
        return order

    def detect(self, quote: Quote, deposit: Deposit, after: float) -> None:
        """See the deposit without a submit, some seconds after it becomes visible."""
        self._engine.spawn(self._detect(quote, deposit, after))

    async def _detect(self, quote: Quote, deposit: Deposit, after: float) -> None:
        await self._clock.sleep_until(deposit.visible_at)
        await self._engine.pause(after)
        self.open(quote, deposit)

    def _make(self, quote: Quote, deposit: Deposit, *, review: bool) -> Order:
        now = self._clock.now()
        settlement = settle(quote, deposit.amount, now, self._prices)
        order = Order(
            id=f"ord_{uuid.uuid4()}",
            quote=quote,
            deposit=deposit,
            price=settlement.price,
            prices=dict(settlement.prices),
            status=FIRST,
            created_at=now,
            updated_at=now,
            plan=deque(plan_of(quote, deposit.amount, settlement, review=review)),
            stepped=quote.scenario.stepped,
            moves=[(FIRST, now)],
        )
        deposit.order_id = order.id
        self._store.orders[order.id] = order
        return order
