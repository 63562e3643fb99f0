"""Deposits to reusable addresses: which become orders, why the others are held, and what becomes of those.

Source: the partner API reference, reusable addresses. Its pages do not say how the refund of a held deposit is shown;
here it is an order without a quote that refunds.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from baton.local.sandbox.engine.assets import ASSETS, SandboxFamily
from baton.local.sandbox.engine.chain import SimulatedChain
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.intake import DepositIntake
from baton.local.sandbox.engine.payees import Payee
from baton.local.sandbox.engine.routes import SandboxRoute
from baton.local.sandbox.engine.store import EXACT_IN, SandboxDeposit, SandboxQuote, SandboxQuoteRequest
from baton.local.sandbox.errors import ApiError, invalid
from baton.local.sandbox.scenarios.scenario import Scenario

DISABLED = "address_disabled"
UNSUPPORTED = "standing_route_unavailable"
"""Codes of held deposits: the address is disabled, the asset has no route."""


class _MakeQuote(Protocol):
    def __call__(
        self, partner: str, request: SandboxQuoteRequest, *, reusable: str | None = ..., bounded: bool = ...
    ) -> SandboxQuote: ...


class AddressDeposits:
    """The deposits to reusable addresses of one sandbox.

    Args:
        chain: Keeps the deposits.
        engine: Runs what comes later.
        intake: Turns deposits into orders.
        make_quote: Makes a quote.
    """

    def __init__(
        self,
        chain: SimulatedChain,
        engine: Engine,
        intake: DepositIntake,
        make_quote: _MakeQuote,
    ) -> None:
        self._chain = chain
        self._engine = engine
        self._intake = intake
        self._make_quote = make_quote

    def quote(self, payee: Payee, symbol: str, amount: int) -> SandboxQuote:
        """Return the quote of a deposit of that many smallest units. Partners never see it.

        Raises:
            ApiError: `amount_too_small` or `amount_too_large`.
        """
        request = _request(payee, payee.routes[symbol], amount)
        return self._make_quote(payee.partner, request, reusable=payee.deposit_address)

    def objection(self, payee: Payee, symbol: str, scenario: Scenario) -> str | None:
        """Return the code with which a deposit in an asset is held; None if it becomes an order."""
        if not payee.enabled:
            return DISABLED
        return UNSUPPORTED if symbol not in payee.routes else scenario.held

    def release(self, payee: Payee, deposits: Iterable[SandboxDeposit]) -> list[SandboxDeposit]:
        """Let held deposits become orders that nothing stands against now, and return them."""
        released = []
        for deposit in deposits:
            settled = deposit.held is None or deposit.order_id or deposit.refund_to
            if not settled and payee.enabled and deposit.asset in payee.routes and self._release(payee, deposit):
                released.append(deposit)
        return released

    def _release(self, payee: Payee, deposit: SandboxDeposit) -> bool:
        try:
            quote = self.quote(payee, deposit.asset or "", deposit.amount)
        except ApiError:
            return False
        deposit.held, deposit.quote_id = None, quote.id
        self._chain.changed(deposit)
        self._intake.open(quote, deposit)
        return True

    def request_refund(self, payee: Payee, deposit: SandboxDeposit, address: str, batch_id: str) -> None:
        """Refund a held deposit to an address.

        Raises:
            ApiError: `refund_not_available`, `instruction_conflict` or `invalid_refund_address`.
        """
        if deposit.refund_to is not None:
            if deposit.refund_to != address:
                raise ApiError("instruction_conflict", f"{deposit.transaction} is refunded to another address")
            return
        if deposit.held is None or deposit.order_id is not None:
            raise ApiError("refund_not_available", f"{deposit.transaction} is not held")
        if address == deposit.address:
            raise ApiError("invalid_refund_address", "refundAddress must not be the deposit address")
        if payee.chain.family is SandboxFamily.TRON:
            raise ApiError("standing_tron_refund_requires_operator", "an operator must refund deposits on tron")
        deposit.refund_to, deposit.batch_id = address, batch_id
        self._chain.changed(deposit)
        self._engine.spawn(self._refund(payee, deposit))

    def resume(self, payee_of: Callable[[SandboxDeposit], Payee | None]) -> None:
        """Continue the refunds that were requested before a restart."""
        for deposit in self._chain.deposits:
            payee = payee_of(deposit) if deposit.refund_to and not deposit.order_id else None
            if payee is not None:
                self._engine.spawn(self._refund(payee, deposit))

    async def _refund(self, payee: Payee, deposit: SandboxDeposit) -> None:
        await self._engine.pause()
        target = next(iter(payee.routes.values())).destination
        source = ASSETS[deposit.chain, deposit.asset or ""]
        route = SandboxRoute(source, target)
        request = replace(_request(payee, route, deposit.amount), refund_address=deposit.refund_to)
        quote = self._make_quote(payee.partner, request, reusable=deposit.address, bounded=False)
        deposit.quote_id = quote.id
        self._intake.refund(quote, deposit)
        self._chain.changed(deposit)


def deposit_id(deposit: SandboxDeposit) -> str:
    """Return the id under which the API shows a deposit."""
    return f"dep_{hashlib.sha256(deposit.id.encode()).hexdigest()[:24]}"


def asset_of(payee: Payee, symbol: str | None) -> str:
    """Return the symbol of the asset that a payer sends: the one named, else the first that becomes an order.

    Raises:
        ApiError: `invalid_request`: the chain has no such asset.
    """
    chosen = symbol or next(iter(payee.routes))
    if (payee.chain.name, chosen) not in ASSETS:
        raise invalid(f"asset: {payee.chain.name} has no {chosen}")
    return chosen


def _request(payee: Payee, route: SandboxRoute, amount: int) -> SandboxQuoteRequest:
    return SandboxQuoteRequest(
        route=route,
        amount=amount,
        amount_mode=EXACT_IN,
        recipient=payee.recipient,
        refund_address=payee.refund_address,
        slippage_bps=payee.slippage_bps,
        zeroconf_enabled=payee.zeroconf if payee.chain.family is SandboxFamily.BITCOIN else None,
        app_fees=payee.app_fees,
    )
