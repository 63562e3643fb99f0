"""Reusable addresses: set up once, every deposit an order without a quote.

Source: the partner API reference, reusable addresses. Fee and slippage are fixed when the address is made; the price is
that of the deposit's day.
"""

import secrets
from typing import Any

from baton.local.sandbox.api.fields import Body, optional_text, text, whole
from baton.local.sandbox.api.quote_request import EXACT_IN, SandboxQuoteRequest, read_slippage
from baton.local.sandbox.engine.addresses import fits, new_address
from baton.local.sandbox.engine.assets import CHAINS, SandboxFamily
from baton.local.sandbox.engine.pricing import PricedAppFee
from baton.local.sandbox.engine.resources import AddressKind, ReusableAddress
from baton.local.sandbox.engine.routes import Direction, Route, find_route
from baton.local.sandbox.engine.store import SandboxQuote
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid, unknown


class ReusableAddresses:
    """The reusable addresses of one sandbox."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def create(self, partner: str, kind: AddressKind, body: Body) -> ReusableAddress:
        """Set up an address.

        Raises:
            ApiError: With the documented code of the first thing that is wrong; the message names the field.
        """
        route, recipient = _accumulation(body) if kind is AddressKind.ACCUMULATION else _liquidation(body)
        address = ReusableAddress(
            id=f"{kind[:3]}_{secrets.token_hex(8)}",
            kind=kind,
            partner=partner,
            label=optional_text(body, "label"),
            route=route,
            recipient=recipient,
            refund_address=_refund_address(body, route),
            slippage_bps=read_slippage(body),
            app_fees=_fee(body, partner, route),
            zeroconf=_flag(body, "zeroconfEnabled"),
            deposit_address=self._world.deposit_address(route.source.chain),
            spark_address=new_address(SandboxFamily.SPARK),
            created_at=self._world.clock.now(),
        )
        self._world.store.addresses[address.id] = address
        return address

    def get(self, partner: str, kind: AddressKind, address_id: str) -> ReusableAddress:
        """Return an address.

        Raises:
            ApiError: `not_found`: there is none of that kind, or it is another partner's.
        """
        found = self._world.store.addresses.get(address_id)
        if found is None or found.kind is not kind or found.partner != partner:
            raise unknown(f"no {kind} address {address_id}")
        return found

    def all_of(self, partner: str, kind: AddressKind) -> list[ReusableAddress]:
        """Return a partner's addresses of a kind."""
        every = self._world.store.addresses.values()
        return [one for one in every if one.partner == partner and one.kind is kind]

    def paid_at(self, deposit_address: str) -> ReusableAddress | None:
        """Return the address that a deposit goes to, if it is a reusable one in use."""
        every = self._world.store.addresses.values()
        return next((one for one in every if one.deposit_address == deposit_address and one.enabled), None)

    def quote(self, address: ReusableAddress, amount: int) -> SandboxQuote:
        """Price a deposit of that many smallest units; the quote is never shown.

        Raises:
            ApiError: `amount_too_small` or `amount_too_large`.
        """
        wants_offer = address.zeroconf if address.route.source.chain.family is SandboxFamily.BITCOIN else None
        request = SandboxQuoteRequest(
            route=address.route,
            amount=amount,
            amount_mode=EXACT_IN,
            recipient=address.recipient,
            refund_address=address.refund_address,
            slippage_bps=address.slippage_bps,
            zeroconf_enabled=wants_offer,
            app_fees=address.app_fees,
        )
        return self._world.quote(address.partner, request, reusable=address.deposit_address)


def _accumulation(body: Body) -> tuple[Route, str]:
    source = text(body, "sourceChain"), text(body, "sourceAsset")
    route = find_route(source, ("spark", text(body, "destinationAsset")))
    if not route.source.chain.is_foreign:
        raise ApiError("unsupported_route", f"sourceChain: {source[0]} cannot be accumulated from")
    return route, _recipient(body, "recipientSparkAddress", "spark")


def _liquidation(body: Body) -> tuple[Route, str]:
    chain = text(body, "destinationChain")
    route = find_route(("bitcoin", "BTC"), (chain, text(body, "destinationAsset")))
    return route, _recipient(body, "destinationAddress", chain)


def _recipient(body: Body, name: str, chain: str) -> str:
    address = text(body, name)
    if not fits(address, CHAINS[chain].family):
        raise ApiError("invalid_address", f"{name} is not an address on {chain}")
    return address


def _refund_address(body: Body, route: Route) -> str | None:
    by_chain: Any = body.get("refundAddresses") or {}
    if not isinstance(by_chain, dict):
        raise invalid("refundAddresses must be an object of addresses by chain")
    source = route.source.chain
    address = optional_text(by_chain, source.name)
    if address is not None and not fits(address, source.family):
        raise ApiError("invalid_address", f"refundAddresses.{source.name} is not an address on {source.name}")
    return address


def _fee(body: Body, partner: str, route: Route) -> tuple[PricedAppFee, ...]:
    if body.get("feeBps") in (None, 0):
        return ()
    if route.direction is Direction.PASSTHROUGH:
        raise ApiError("unsupported_fee_plan", "feeBps is not available on pure BTC routes")
    return (PricedAppFee(partner, whole(body.get("feeBps"), "feeBps", 0, 9_999)),)


def _flag(body: Body, name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(f"{name} must be true or false")
    return value is not False
