"""Orders that exist before they are paid: they wait for their invoice's payment, and end when it runs out.

Source: the partner API reference, onramp and timings. The deposit of a Lightning invoice is exact and seen at once.
"""

from datetime import timedelta

from baton.local.sandbox.engine.clock import Clock
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.order_maker import OrderMaker
from baton.local.sandbox.engine.plans import plan_of
from baton.local.sandbox.engine.pricing import Prices
from baton.local.sandbox.engine.script import moves
from baton.local.sandbox.engine.settlement import Settlement, settle
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder, SandboxQuote
from baton.local.sandbox.scenarios.scenario import MoveStep
from baton.orchestra.lifecycle import FIRST, Status

_HELD = MoveStep(status=Status.PAUSED, fields={"reviewStatus": "pending_review"})
_AFTER_REVIEW = {
    "resumes": MoveStep(status=FIRST, after=1.0, fields={"reviewStatus": None}),
    "rejected": MoveStep(
        status=Status.FAILED,
        after=1.0,
        fields={"errorCode": "provider_review", "errorMessage": "Rejected in review"},
    ),
}


class UnpaidOrders:
    """The orders that wait for a payment.

    Args:
        clock: The sandbox's time.
        engine: Moves the orders.
        maker: Makes them.
        prices: The present prices; read when a payment comes after the invoice's end.
        window: How long after that end a payment resumes an unfulfilled order.
    """

    def __init__(self, clock: Clock, engine: Engine, maker: OrderMaker, prices: Prices, *, window: timedelta) -> None:
        self._clock = clock
        self._engine = engine
        self._maker = maker
        self._prices = prices
        self._window = window

    def await_payment(self, quote: SandboxQuote) -> SandboxOrder:
        """Make the order of an invoice that nobody has paid yet."""
        order = self._maker.make(quote, None, Settlement(quote.price, quote.prices))
        quote.order_id = order.id
        terms = quote.scenario.onramp
        order.is_hidden = terms.hidden
        if not order.is_hidden:
            self._engine.begin(order)
        if terms.review is not None:
            order.stepped = False
            self._engine.redirect(order, [_HELD, _AFTER_REVIEW[terms.review]])
        self._engine.spawn(self._run_out(order))
        return order

    def is_payable(self, order: SandboxOrder) -> bool:
        """Tell whether the order's invoice can be paid: it has been told, and has not run out for good."""
        if order.status is Status.UNFULFILLED:
            return self._clock.now() <= order.updated_at + self._window
        return order.status is FIRST

    def fund(self, order: SandboxOrder, deposit: SandboxDeposit) -> None:
        """Let a payment start the order, or resume it; one that comes too late changes nothing."""
        if not self.is_payable(order):
            return
        quote = order.quote
        settlement = settle(quote, deposit.amount, self._clock.now(), self._prices)
        order.deposit, order.price, order.prices = deposit, settlement.price, dict(settlement.prices)
        order.stepped = quote.scenario.stepped
        deposit.order_id = order.id
        if order.status is Status.UNFULFILLED:
            self._engine.redirect(order, moves(quote.route.path[1:]))
            return
        order.plan.extend(plan_of(quote, deposit.amount, settlement, review=False))
        was_hidden, order.is_hidden = order.is_hidden, False
        self._engine.begin(order, tell=was_hidden)

    async def _run_out(self, order: SandboxOrder) -> None:
        await self._clock.sleep_until(order.quote.expires_at)
        while order.deposit is None and order.status is Status.PAUSED:
            await order.changed.wait()
        if order.deposit is None and order.status is FIRST:
            self._engine.redirect(order, [MoveStep(status=Status(order.quote.scenario.onramp.unpaid))])
