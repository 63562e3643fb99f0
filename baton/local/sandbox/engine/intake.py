"""How deposits become orders, once each: by a submit, or because Orchestra detects them.

A late deposit to an unfulfilled order resumes it; a second deposit to a paid address follows its scenario.
"""

from dataclasses import replace
from datetime import timedelta

from baton.local.sandbox.engine.addresses import new_transaction
from baton.local.sandbox.engine.chain import SimulatedChain
from baton.local.sandbox.engine.clock import SandboxClock
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.order_maker import OrderMaker
from baton.local.sandbox.engine.plans import is_replaced, plan_of
from baton.local.sandbox.engine.pricing import Prices
from baton.local.sandbox.engine.script import moves
from baton.local.sandbox.engine.settlement import Settlement, settle
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder, SandboxQuote, Store
from baton.local.sandbox.engine.unpaid import UnpaidOrders
from baton.local.sandbox.scenarios.scenario import MoveStep
from baton.orchestra.lifecycle import FIRST, Status

_REFUND_ON_REQUEST = (
    MoveStep(status=Status.REFUNDING, fields={"errorCode": None, "errorMessage": None}),
    MoveStep(status=Status.REFUNDED, fields={"errorCode": None, "errorMessage": None}),
)


class DepositIntake:
    """Turns deposits into orders.

    Args:
        store: Keeps the orders.
        clock: The sandbox's clock.
        chain: Keeps the deposits.
        engine: Moves the orders.
        prices: The present prices; used for late deposits.
        recovery_seconds: Seconds in which a late deposit resumes an unfulfilled order.
    """

    def __init__(
        self,
        store: Store,
        clock: SandboxClock,
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
        """Return the order of a paid quote. A new order is made and started if the quote has none.

        Args:
            quote: The quote that was paid.
            deposit: The deposit.
            review: Whether to hold the order for review, because the evidence contradicts the chain.
        """
        existing = self._store.order_of(quote)
        if existing is not None:
            return self._add_deposit(existing, deposit)
        settlement = self._settle(quote, deposit)
        order = self._maker.make(quote, deposit, settlement, plan_of(quote, deposit.amount, settlement, review=review))
        quote.order_id = order.id
        self._engine.begin(order)
        if is_replaced(quote) and not review:
            self._engine.spawn(self._replace_deposit(order, deposit))
        return order

    def detect(self, quote: SandboxQuote, deposit: SandboxDeposit, after: float) -> None:
        """Open the order without a submit, that many seconds after the deposit becomes visible."""
        deposit.detect_after = after
        self._chain.changed(deposit)
        self._engine.spawn(self._detect(quote, deposit, after))

    def refund(self, quote: SandboxQuote, deposit: SandboxDeposit) -> SandboxOrder:
        """Return the order that refunds a deposit which did not become one."""
        order = self._maker.make(quote, deposit, self._settle(quote, deposit), _REFUND_ON_REQUEST)
        quote.order_id = order.id
        self._engine.begin(order)
        return order

    def resume(self) -> None:
        """Continue after a restart: every open order, and every deposit that Orchestra has yet to see."""
        for order in list(self._store.orders.values()):
            self._engine.resume(order)
            self.unpaid.resume(order)
            if order.deposit is not None and _awaits_replacement(order):
                self._engine.spawn(self._replace_deposit(order, order.deposit))
        for deposit in self._chain.deposits:
            if deposit.detect_after is not None:
                self.detect(self._store.any_quote(deposit.quote_id), deposit, deposit.detect_after)

    def is_watching(self, quote: SandboxQuote) -> bool:
        """Whether Orchestra detects a further deposit to the quote's address by itself."""
        order = self._store.order_of(quote)
        if order is None:
            return False
        return order.status is Status.UNFULFILLED or quote.scenario.second_order

    async def _detect(self, quote: SandboxQuote, deposit: SandboxDeposit, after: float) -> None:
        await self._clock.sleep_until(deposit.visible_at)
        await self._engine.pause(after)
        deposit.detect_after = None
        self._chain.changed(deposit)
        self.open(quote, deposit)

    def _add_deposit(self, order: SandboxOrder, deposit: SandboxDeposit) -> SandboxOrder:
        """Apply a deposit to a quote that has an order already, and return the deposit's order.

        A deposit that belongs to no order leaves the existing one unchanged, which is then returned.
        """
        if deposit.order_id is not None or deposit is order.deposit:
            return order
        if order.deposit is None:
            self.unpaid.fund(order, deposit)
        elif order.status is Status.UNFULFILLED and self._clock.now() <= order.updated_at + self._window:
            self._resume(order, deposit)
        elif order.quote.scenario.second_order:
            return self._open_second(order.quote, deposit)
        return order

    def _resume(self, order: SandboxOrder, deposit: SandboxDeposit) -> None:
        settlement = self._settle(order.quote, deposit)
        order.deposit, order.price, order.prices = deposit, settlement.price, dict(settlement.prices)
        deposit.order_id = order.id
        self._engine.redirect(order, moves(order.quote.route.path[1:]))

    def _open_second(self, quote: SandboxQuote, deposit: SandboxDeposit) -> SandboxOrder:
        settlement = self._settle(quote, deposit)
        order = self._maker.make(quote, deposit, settlement, plan_of(quote, deposit.amount, settlement, review=False))
        self._engine.begin(order)
        return order

    async def _replace_deposit(self, order: SandboxOrder, deposit: SandboxDeposit) -> None:
        """Wait until the order has stopped, then replace its deposit and open the successor."""
        while order.status is FIRST:
            await order.changed.wait()
        if order.status is not Status.UNFULFILLED:
            return
        await self._engine.pause()
        quote = order.quote
        replacement = replace(deposit, transaction=new_transaction(quote.route.source.chain.family), order_id=None)
        settlement = self._settle(quote, self._chain.replace(deposit, replacement))
        facts = {"recoveredFromOperationId": order.id}
        successor = self._maker.make(quote, replacement, settlement, moves(quote.route.path[1:]), facts)
        self._engine.begin(successor)
        event = "order.superseded" if quote.scenario.replaced == "told" else None
        self._engine.update(order, event, {"supersededByOperationId": successor.id})

    def _settle(self, quote: SandboxQuote, deposit: SandboxDeposit) -> Settlement:
        return settle(quote, deposit.amount, self._clock.now(), self._prices)


def _awaits_replacement(order: SandboxOrder) -> bool:
    """Whether another transaction will still replace the order's deposit."""
    if not is_replaced(order.quote) or {"supersededByOperationId", "recoveredFromOperationId"} & order.facts.keys():
        return False
    will_stop = bool(order.plan) and order.plan[0].status is Status.UNFULFILLED
    return order.status is Status.UNFULFILLED or (order.status is FIRST and will_stop)
