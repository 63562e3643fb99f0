"""What a partner decides about a waiting order: ZeroConf offers, and the price questions of older accounts.

Each decision checks that it is still open, moves the order, and leaves the rest of the way to the engine.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from baton.local.sandbox.engine.clock import Clock
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.pricing import price_exact_in
from baton.local.sandbox.engine.reprice import locked_minimum, open_question
from baton.local.sandbox.engine.script import after_confirmation, after_swap
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.engine.zeroconf import Offer, is_over, pending, resolved
from baton.local.sandbox.errors import ApiError, invalid
from baton.local.sandbox.scenarios.scenario import SLIPPAGE, MoveStep, ZeroConf
from baton.orchestra.lifecycle import Status

Generation = Literal["g2", "g3"]

_CLEAR = {"errorCode": None, "errorMessage": None}


class Approvals:
    """The decisions of all partners.

    Args:
        engine: Moves the orders.
        clock: The sandbox's time.
        generation: How wrong ZeroConf decisions are refused: `g2` with 400 `invalid_state`; `g3` with 409, and
            `expired` after the deadline.
    """

    def __init__(self, engine: Engine, clock: Clock, generation: Generation) -> None:
        self._engine = engine
        self._clock = clock
        self._generation = generation

    def accept(self, order: SandboxOrder) -> None:
        """Credit the deposit now.

        Raises:
            ApiError: `invalid_state` or `expired`: there is no offer that could be accepted.
        """
        offer = self._open_offer(order)
        quote = order.quote
        credited = price_exact_in(quote.route, int(offer["instantSats"]), quote.request.app_fees, order.prices)
        order.price = replace(credited, amount_in=int(offer["depositSats"]))
        self._engine.redirect(order, [MoveStep(status=Status.PROCESSING), *after_confirmation(order.quote.route.path)])

    def decline(self, order: SandboxOrder) -> None:
        """Let the order wait for its confirmation.

        Raises:
            ApiError: As for `accept`.
        """
        declined = resolved(self._open_offer(order), "declined", self._clock.now())
        self._to_confirmation(order, {"zeroconfOffer": declined})

    def approve(self, order: SandboxOrder, minimum: int) -> None:
        """Go on at the present price, if it yields at least `minimum` in smallest destination units.

        Raises:
            ApiError: `invalid_state`: there is no question; `invalid_request`: the minimum is above the one promised.
        """
        asked = self._question(order)
        if not 0 < minimum <= locked_minimum(order):
            raise invalid(f"approvedMinAmountOut must lie between 1 and {locked_minimum(order)}")
        latest = int(asked["latestExpectedAmountOut"])
        swap = MoveStep(status=Status.SWAPPING, fields=_CLEAR)
        if minimum > latest:
            refund = MoveStep(status=Status.REFUNDING, fields=SLIPPAGE)
            self._engine.redirect(order, [swap, refund, MoveStep(status=Status.REFUNDED)])
            return
        order.price = replace(order.price, amount_out=latest)
        self._engine.redirect(order, [swap, *after_swap(order.quote.route.path)])

    def reject(self, order: SandboxOrder, reason: str | None) -> None:
        """End the order.

        Raises:
            ApiError: `invalid_state`: there is no question.
        """
        self._question(order)
        fields = {"errorMessage": reason or "The partner rejected the new price"}
        self._engine.redirect(order, [MoveStep(status=Status.FAILED, fields=fields)])

    def refund(self, order: SandboxOrder, refund_address: str | None) -> None:
        """Send the deposit back.

        Raises:
            ApiError: `invalid_state`: there is no question; `invalid_request`: not a Bitcoin deposit, or no address.
        """
        self._question(order)
        if order.quote.chain != "bitcoin":
            raise invalid("orderId: only orders paid on bitcoin can be refunded on request")
        if not (refund_address or order.quote.request.refund_address):
            raise invalid("refundAddress is required: the quote named none")
        self._engine.redirect(order, [MoveStep(status=Status.REFUNDING), MoveStep(status=Status.REFUNDED)])

    def _open_offer(self, order: SandboxOrder) -> Offer:
        offer, terms = pending(order), order.quote.scenario.zeroconf
        if offer is None or terms is None or order.status is not Status.AWAITING_APPROVAL:
            raise self._closed(order, terms, over=False)
        if terms.too_late is not None:
            self._to_confirmation(order, {"zeroconfOffer": resolved(offer, terms.too_late, self._clock.now())})
            raise self._closed(order, terms, over=terms.too_late == "expired")
        if is_over(offer, self._clock.now()):
            raise self._closed(order, terms, over=True)
        return offer

    def _closed(self, order: SandboxOrder, terms: ZeroConf | None, *, over: bool) -> ApiError:
        generation = (terms and terms.generation) or self._generation
        if generation == "g2":
            return ApiError("invalid_state", f"{order.id} has no ZeroConf offer that waits for a decision")
        if over:
            return ApiError("expired", f"the ZeroConf offer of {order.id} has expired", status=409)
        return ApiError("invalid_state", f"{order.id} has no ZeroConf offer that waits for a decision", status=409)

    def _to_confirmation(self, order: SandboxOrder, fields: Mapping[str, Any]) -> None:
        confirming = MoveStep(status=Status.CONFIRMING, fields=fields)
        self._engine.redirect(order, [confirming, *after_confirmation(order.quote.route.path)])

    def _question(self, order: SandboxOrder) -> Mapping[str, Any]:
        asked = open_question(order)
        if asked is None or order.status is not Status.AWAITING_APPROVAL:
            raise ApiError("invalid_state", f"{order.id} has no price question that waits for an answer")
        return asked
