"""Orders that the caller did not quote: from reusable addresses, from pay links, and made elsewhere.

Each is paid at once, then follows its scenario like any other order, with webhooks.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from baton.local.sandbox.admin.bodies import AdminBody, DepositRequest
from baton.local.sandbox.admin.payer import SandboxPayer
from baton.local.sandbox.api.address_book import ReusableAddresses
from baton.local.sandbox.api.onramp_orders import Onramps
from baton.local.sandbox.api.quote_request import parse_quote_request
from baton.local.sandbox.engine.resources import AddressKind
from baton.local.sandbox.engine.store import SandboxOrder, SandboxQuote
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import invalid
from baton.local.sandbox.scenarios.scenario import Scenario

Origin = Literal["accumulation", "liquidation", "pay_link", "elsewhere"]

_SPARK = "spark1pforeignrecipient0000000000"
_EVM = "0x" + "5a" * 20

_BODIES: Mapping[str, Mapping[str, Any]] = {
    "accumulation": {
        "label": "Collected",
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationAsset": "BTC",
        "recipientSparkAddress": _SPARK,
    },
    "liquidation": {
        "label": "Sold at once",
        "destinationChain": "base",
        "destinationAsset": "USDC",
        "destinationAddress": _EVM,
    },
    "pay_link": {"destinationChain": "spark", "destinationAsset": "USDB", "recipientAddress": _SPARK},
    "elsewhere": {
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationChain": "spark",
        "destinationAsset": "BTC",
        "recipientAddress": _SPARK,
    },
}
_AMOUNTS: Mapping[str, int] = {
    "accumulation": 100_000_000,
    "liquidation": 100_000,
    "pay_link": 25_000_000,
    "elsewhere": 100_000_000,
}


class ForeignOrderRequest(AdminBody):
    """Body of `POST /sandbox/foreign-orders`.

    Attributes:
        kind: Origin of the order.
        partner: Owner of the order; the first key's partner when absent.
        scenario: The order's scenario; the default of new quotes when absent.
        amount: Smallest units to pay (`pay_link`: to deliver); a plausible amount when absent.
        address_id: Reusable address to pay; a new one when absent.
        label: Label of the pay link.
        request: Fields of the request that replace the usual ones, such as `destinationChain`.
    """

    kind: Origin
    partner: str | None = None
    scenario: str | None = None
    amount: int | None = Field(default=None, gt=0)
    address_id: str | None = None
    label: str = "Invoice 42"
    request: Mapping[str, Any] = {}


class ForeignOrders:
    """Makes and pays the orders that the caller did not quote."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world
        self._payer = SandboxPayer(world)
        self._addresses = ReusableAddresses(world)

    async def make(self, request: ForeignOrderRequest, scenario: Scenario) -> SandboxOrder:
        """Make an order, pay it and return it.

        Raises:
            ApiError: The request is invalid; the code is the documented one of its first error.
        """
        partner = request.partner or next(iter(self._world.options.api_keys.values()))
        body = {**_BODIES[request.kind], **request.request}
        amount = request.amount or _AMOUNTS[request.kind]
        match request.kind:
            case "pay_link":
                return await self._from_link(partner, request, body, amount, scenario)
            case "elsewhere":
                quote = self._world.quote(partner, parse_quote_request({**body, "amount": str(amount)}))
            case _:
                quote = self._address_quote(partner, request, body, amount)
        self._world.set_scenario(quote, scenario)
        return await self._pay(quote, DepositRequest(amount=amount))

    def _address_quote(
        self, partner: str, request: ForeignOrderRequest, body: dict[str, Any], amount: int
    ) -> SandboxQuote:
        kind = AddressKind(request.kind)
        if request.address_id is not None:
            address = self._addresses.get(partner, kind, request.address_id)
            if not address.enabled:
                raise invalid(f"addressId: {address.id} is no longer in use")
        else:
            address = self._addresses.create(partner, kind, body)
        payee = address.payee
        return self._world.address_deposits.quote(payee, address.route.source.symbol, amount)

    async def _from_link(
        self, partner: str, request: ForeignOrderRequest, body: dict[str, Any], amount: int, scenario: Scenario
    ) -> SandboxOrder:
        onramps = Onramps(self._world)
        link = onramps.create_link(partner, {**body, "amountOut": str(amount), "label": request.label})
        order, _ = onramps.create(partner, link.body, pay_link=link)
        self._world.set_scenario(order.quote, scenario)
        return await self._pay(order.quote, DepositRequest())

    async def _pay(self, quote: SandboxQuote, request: DepositRequest) -> SandboxOrder:
        return self._world.intake.open(quote, await self._payer.pay_unseen(quote, request))
