"""Orders that exist before they are paid: they wait for the payment of their invoice, and end when it expires.

Source: the partner API reference, onramp and timings. The deposit of a Lightning invoice is exact and detected at once.
"""

from datetime import timedelta

from baton.local.sandbox.engine.clock import SandboxClock
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
        clock: The sandbox's clock.
        engine: Moves the orders.
        maker: Makes the orders.
        prices: The present prices; used for a payment after the invoice's expiry.
        window: How long after that expiry a payment resumes an unfulfilled order.
    """

    def __init__(
        self, clock: SandboxClock, engine: Engine, maker: OrderMaker, prices: Prices, *, window: timedelta
    ) -> None:
        self._clock = clock
        self._engine = engine
        self._maker = maker
        self._prices = prices
        self._window = window

    def await_payment(self, quote: SandboxQuote) -> SandboxOrder:
        """Make the order of an unpaid invoice and return it."""
        order = self._maker.make(quote, None, Settlement(quote.price, quote.prices))
        quote.order_id = order.id
        terms = quote.scenario.onramp
        order.is_hidden = terms.hidden
        if not order.is_hidden:
            self._engine.begin(order)
        if terms.review is not None:
            order.stepped = False
            self._engine.redirect(order, [_HELD, _AFTER_REVIEW[terms.review]])
        self._engine.spawn(self._expire(order))
        return order

    def resume(self, order: SandboxOrder) -> None:
        """Let an unpaid order expire after a restart too."""
        if order.deposit is None:
            self._engine.spawn(self._expire(order))

    def is_payable(self, order: SandboxOrder) -> bool:
        """Whether the order's invoice can be paid: it is not under review, and not closed for good."""
        if order.status is Status.UNFULFILLED:
            return self._clock.now() <= order.updated_at + self._window
        return order.status is FIRST

    def fund(self, order: SandboxOrder, deposit: SandboxDeposit) -> None:
        """Start or resume the order with a payment; a payment that is too late changes nothing."""
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
        self._engine.begin(order, announce=was_hidden)

    async def _expire(self, order: SandboxOrder) -> None:
        await self._clock.sleep_until(order.quote.expires_at)
        while order.deposit is None and order.status is Status.PAUSED:
            await order.changed.wait()
        if order.deposit is None and order.status is FIRST:
            self._engine.redirect(order, [MoveStep(status=Status(order.quote.scenario.onramp.unpaid))])
