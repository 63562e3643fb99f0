"""Reusable addresses: a partner sets one up once, and each deposit to it becomes an order without a quote.

Source: the partner API reference, reusable addresses. Fee and slippage are fixed when the address is made; the price is
the one at the time of the deposit.
"""

import secrets
from typing import Any

from baton.local.sandbox.api.fields import Body, optional_text, text, whole
from baton.local.sandbox.api.quote_request import read_slippage
from baton.local.sandbox.engine.addresses import fits, new_address
from baton.local.sandbox.engine.assets import CHAINS, SandboxFamily
from baton.local.sandbox.engine.pricing import PricedAppFee
from baton.local.sandbox.engine.resources import AddressKind, ReusableAddress
from baton.local.sandbox.engine.routes import Direction, SandboxRoute, find_route
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid, unknown


class ReusableAddresses:
    """The reusable addresses of one sandbox."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def create(self, partner: str, kind: AddressKind, body: Body) -> ReusableAddress:
        """Set up an address and return it.

        Raises:
            ApiError: The body is invalid; the code is the documented one of its first error, the message names the
                field.
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
            app_fees=_app_fees(body, partner, route),
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
        address = self._world.store.addresses.get(address_id)
        if address is None or address.kind is not kind or address.partner != partner:
            raise unknown(f"no {kind} address {address_id}")
        return address

    def disable(self, partner: str, kind: AddressKind, address_id: str) -> None:
        """Let no further deposit to an address become an order.

        Raises:
            ApiError: As for `get`.
        """
        self.get(partner, kind, address_id).enabled = False
        self._world.store.addresses.changed(address_id)

    def all_of(self, partner: str, kind: AddressKind) -> list[ReusableAddress]:
        """Return a partner's addresses of one kind."""
        addresses = self._world.store.addresses.values()
        return [address for address in addresses if address.partner == partner and address.kind is kind]

    def at(self, partner: str, kind: AddressKind, id_or_address: str) -> ReusableAddress:
        """Return an address by its id or its deposit address.

        Raises:
            ApiError: As for `get`.
        """
        mine = self.all_of(partner, kind)
        found = next((address for address in mine if address.deposit_address == id_or_address), None)
        return found or self.get(partner, kind, id_or_address)


def _accumulation(body: Body) -> tuple[SandboxRoute, str]:
    source = text(body, "sourceChain"), text(body, "sourceAsset")
    route = find_route(source, ("spark", text(body, "destinationAsset")))
    if not route.source.chain.is_foreign:
        raise ApiError("unsupported_route", f"sourceChain: accumulation from {source[0]} is not supported")
    return route, _recipient(body, "recipientSparkAddress", "spark")


def _liquidation(body: Body) -> tuple[SandboxRoute, str]:
    chain = text(body, "destinationChain")
    route = find_route(("bitcoin", "BTC"), (chain, text(body, "destinationAsset")))
    return route, _recipient(body, "destinationAddress", chain)


def _recipient(body: Body, name: str, chain: str) -> str:
    address = text(body, name)
    if not fits(address, CHAINS[chain].family):
        raise ApiError("invalid_address", f"{name} is not an address on {chain}")
    return address


def _refund_address(body: Body, route: SandboxRoute) -> str | None:
    by_chain: Any = body.get("refundAddresses") or {}
    if not isinstance(by_chain, dict):
        raise invalid("refundAddresses must be an object of addresses by chain")
    source = route.source.chain
    address = optional_text(by_chain, source.name)
    if address is not None and not fits(address, source.family):
        raise ApiError("invalid_address", f"refundAddresses.{source.name} is not an address on {source.name}")
    return address


def _app_fees(body: Body, partner: str, route: SandboxRoute) -> tuple[PricedAppFee, ...]:
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
