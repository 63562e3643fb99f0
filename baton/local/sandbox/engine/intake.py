"""Where deposits become orders: by a submit or by being seen, once each.

What comes later (to an order that stopped for want of it, or to an address that was paid already) has its own rules.
"""

from dataclasses import replace
from datetime import timedelta

from baton.local.sandbox.engine.addresses import new_transaction
from baton.local.sandbox.engine.chain import SimulatedChain
from baton.local.sandbox.engine.clock import Clock
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.order_maker import OrderMaker
from baton.local.sandbox.engine.plans import is_replaced, plan_of
from baton.local.sandbox.engine.pricing import Prices
from baton.local.sandbox.engine.script import moves
from baton.local.sandbox.engine.settlement import Settlement, settle
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder, SandboxQuote, Store
from baton.local.sandbox.engine.unpaid import UnpaidOrders
from baton.orchestra.lifecycle import FIRST, Status


class DepositIntake:
    """Makes orders.

    Args:
        store: Where orders live.
        clock: The sandbox's time.
        chain: Where deposits are.
        engine: Moves the orders.
        prices: The present prices; read when a deposit arrives late.
        recovery_seconds: How long a late deposit resumes an unfulfilled order.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        chain: SimulatedChain,
        engine: Engine,
        prices: Prices,
        *,
        recovery_seconds: float,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chain = chain
        self._engine = engine
        self._prices = prices
        self._window = timedelta(seconds=recovery_seconds)
        self._maker = OrderMaker(store, clock)
        self.unpaid = UnpaidOrders(clock, engine, self._maker, prices, window=self._window)

    def open(self, quote: SandboxQuote, deposit: SandboxDeposit, *, review: bool = False) -> SandboxOrder:
        """Return the quote's order, making it if there is none yet, and start it on its way.

        Args:
            quote: The quote that was paid.
            deposit: What pays it.
            review: Hold the order for a person, because the evidence contradicts the chain.
        """
        existing = self._store.order_of(quote)
        if existing is not None:
            return self._again(existing, deposit)
        settlement = self._settle(quote, deposit)
        order = self._maker.make(quote, deposit, settlement, plan_of(quote, deposit.amount, settlement, review=review))
        quote.order_id = order.id
        self._engine.begin(order)
        if is_replaced(quote) and not review:
            self._engine.spawn(self._replace(order, deposit))
        return order

    def detect(self, quote: SandboxQuote, deposit: SandboxDeposit, after: float) -> None:
        """See the deposit without a submit, some seconds after it becomes visible."""
        self._engine.spawn(self._detect(quote, deposit, after))

    def is_watching(self, quote: SandboxQuote) -> bool:
        """Tell whether a further deposit to the quote's address is seen: it is waited for, or counts by itself."""
        order = self._store.order_of(quote)
        if order is None:
            return False
        return order.status is Status.UNFULFILLED or quote.scenario.second_order

    async def _detect(self, quote: SandboxQuote, deposit: SandboxDeposit, after: float) -> None:
        await self._clock.sleep_until(deposit.visible_at)
        await self._engine.pause(after)
        self.open(quote, deposit)

    def _again(self, order: SandboxOrder, deposit: SandboxDeposit) -> SandboxOrder:
        """Return the order that a deposit belongs to whose quote became one already; unclaimed, it is the first."""
        if deposit.order_id is not None or deposit is order.deposit:
            return order
        if order.deposit is None:
            self.unpaid.fund(order, deposit)
        elif order.status is Status.UNFULFILLED and self._clock.now() <= order.updated_at + self._window:
            self._resume(order, deposit)
        elif order.quote.scenario.second_order:
            return self._second(order.quote, deposit)
        return order

    def _resume(self, order: SandboxOrder, deposit: SandboxDeposit) -> None:
        settlement = self._settle(order.quote, deposit)
        order.deposit, order.price, order.prices = deposit, settlement.price, dict(settlement.prices)
        deposit.order_id = order.id
        self._engine.redirect(order, moves(order.quote.route.path[1:]))

    def _second(self, quote: SandboxQuote, deposit: SandboxDeposit) -> SandboxOrder:
        settlement = self._settle(quote, deposit)
        order = self._maker.make(quote, deposit, settlement, plan_of(quote, deposit.amount, settlement, review=False))
        self._engine.begin(order)
        return order

    async def _replace(self, order: SandboxOrder, deposit: SandboxDeposit) -> None:
        """Let a second transaction take the place of the first once the order has stopped."""
        while order.status is FIRST:
            await order.changed.wait()
        if order.status is not Status.UNFULFILLED:
            return
        await self._engine.pause()
        quote = order.quote
        paid = replace(deposit, transaction=new_transaction(quote.route.source.chain.family), order_id=None)
        settlement = self._settle(quote, self._chain.replace(deposit, paid))
        facts = {"recoveredFromOperationId": order.id}
        successor = self._maker.make(quote, paid, settlement, moves(quote.route.path[1:]), facts)
        self._engine.begin(successor)
        event = "order.superseded" if quote.scenario.replaced == "told" else None
        self._engine.tell(order, event, {"supersededByOperationId": successor.id})

    def _settle(self, quote: SandboxQuote, deposit: SandboxDeposit) -> Settlement:
        return settle(quote, deposit.amount, self._clock.now(), self._prices)
