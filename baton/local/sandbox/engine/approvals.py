"""The decisions of a partner about a waiting order: ZeroConf offers, and the new prices of older accounts.

Each checks that the decision is still open and moves the order; the engine then takes the remaining steps.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from baton.local.sandbox.engine.clock import SandboxClock
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.pricing import price_exact_in
from baton.local.sandbox.engine.reprice import locked_minimum, open_reprice
from baton.local.sandbox.engine.script import after_confirmation, after_swap
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.engine.zeroconf import Offer, is_expired, pending, resolved
from baton.local.sandbox.errors import ApiError, invalid
from baton.local.sandbox.scenarios.scenario import SLIPPAGE, MoveStep, ZeroConf
from baton.orchestra.lifecycle import Status

Generation = Literal["g2", "g3"]

_CLEAR = {"errorCode": None, "errorMessage": None}


class Approvals:
    """The decisions of all partners.

    Args:
        engine: Moves the orders.
        clock: The sandbox's clock.
        generation: How wrong ZeroConf decisions are refused: `g2` with 400 `invalid_state`; `g3` with 409, and
            `expired` after the deadline.
    """

    def __init__(self, engine: Engine, clock: SandboxClock, generation: Generation) -> None:
        self._engine = engine
        self._clock = clock
        self._generation = generation

    def accept(self, order: SandboxOrder) -> None:
        """Accept the ZeroConf offer: credit the deposit now.

        Raises:
            ApiError: `invalid_state` or `expired`: there is no open offer.
        """
        offer = self._open_offer(order)
        quote = order.quote
        credited = price_exact_in(quote.route, int(offer["instantSats"]), quote.request.app_fees, order.prices)
        order.price = replace(credited, amount_in=int(offer["depositSats"]))
        self._engine.redirect(order, [MoveStep(status=Status.PROCESSING), *after_confirmation(order.quote.route.path)])

    def decline(self, order: SandboxOrder) -> None:
        """Decline the ZeroConf offer: let the order wait for its confirmation.

        Raises:
            ApiError: As for `accept`.
        """
        declined = resolved(self._open_offer(order), "declined", self._clock.now())
        self._to_confirmation(order, {"zeroconfOffer": declined})

    def approve(self, order: SandboxOrder, minimum: int) -> None:
        """Approve the new price: swap if it yields at least `minimum` smallest destination units, else refund.

        Raises:
            ApiError: `invalid_state`: the order waits for no such decision; `invalid_request`: the minimum is above
                the promised one.
        """
        reprice = self._open_reprice(order)
        if not 0 < minimum <= locked_minimum(order):
            raise invalid(f"approvedMinAmountOut must lie between 1 and {locked_minimum(order)}")
        latest = int(reprice["latestExpectedAmountOut"])
        swap = MoveStep(status=Status.SWAPPING, fields=_CLEAR)
        if minimum > latest:
            refund = MoveStep(status=Status.REFUNDING, fields=SLIPPAGE)
            self._engine.redirect(order, [swap, refund, MoveStep(status=Status.REFUNDED)])
            return
        order.price = replace(order.price, amount_out=latest)
        self._engine.redirect(order, [swap, *after_swap(order.quote.route.path)])

    def reject(self, order: SandboxOrder, reason: str | None) -> None:
        """Reject the new price: fail the order.

        Raises:
            ApiError: `invalid_state`: the order waits for no such decision.
        """
        self._open_reprice(order)
        fields = {"errorMessage": reason or "The partner rejected the new price"}
        self._engine.redirect(order, [MoveStep(status=Status.FAILED, fields=fields)])

    def refund(self, order: SandboxOrder, refund_address: str | None) -> None:
        """Refund the deposit instead of swapping at the new price.

        Raises:
            ApiError: `invalid_state`: the order waits for no such decision; `invalid_request`: the deposit is not on
                Bitcoin, or there is no refund address.
        """
        self._open_reprice(order)
        if order.quote.chain != "bitcoin":
            raise invalid("orderId: only orders paid on bitcoin can be refunded on request")
        if not (refund_address or order.quote.request.refund_address):
            raise invalid("refundAddress is required: the quote has none")
        self._engine.redirect(order, [MoveStep(status=Status.REFUNDING), MoveStep(status=Status.REFUNDED)])

    def _open_offer(self, order: SandboxOrder) -> Offer:
        offer, terms = pending(order), order.quote.scenario.zeroconf
        if offer is None or terms is None or order.status is not Status.AWAITING_APPROVAL:
            raise self._refusal(order, terms, expired=False)
        if terms.too_late is not None:
            self._to_confirmation(order, {"zeroconfOffer": resolved(offer, terms.too_late, self._clock.now())})
            raise self._refusal(order, terms, expired=terms.too_late == "expired")
        if is_expired(offer, self._clock.now()):
            raise self._refusal(order, terms, expired=True)
        return offer

    def _refusal(self, order: SandboxOrder, terms: ZeroConf | None, *, expired: bool) -> ApiError:
        generation = (terms and terms.generation) or self._generation
        if generation == "g2":
            return ApiError("invalid_state", f"{order.id} has no open ZeroConf offer")
        if expired:
            return ApiError("expired", f"the ZeroConf offer of {order.id} has expired", status=409)
        return ApiError("invalid_state", f"{order.id} has no open ZeroConf offer", status=409)

    def _to_confirmation(self, order: SandboxOrder, fields: Mapping[str, Any]) -> None:
        confirming = MoveStep(status=Status.CONFIRMING, fields=fields)
        self._engine.redirect(order, [confirming, *after_confirmation(order.quote.route.path)])

    def _open_reprice(self, order: SandboxOrder) -> Mapping[str, Any]:
        reprice = open_reprice(order)
        if reprice is None or order.status is not Status.AWAITING_APPROVAL:
            raise ApiError("invalid_state", f"{order.id} has no new price that waits for a decision")
        return reprice
