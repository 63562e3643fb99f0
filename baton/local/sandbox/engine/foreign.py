"""Orders that the caller of the admin API never quoted: reusable addresses, pay links, orders made elsewhere.

Each is paid at once and walks to its end like any other, with webhooks.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from baton.local.sandbox.admin.admin_bodies import AdminBody, DepositOrder
from baton.local.sandbox.api.quote_request import parse_quote_request
from baton.local.sandbox.engine.onramp import Onramps
from baton.local.sandbox.engine.payer import SandboxPayer
from baton.local.sandbox.engine.resources import AddressKind
from baton.local.sandbox.engine.reusable import ReusableAddresses
from baton.local.sandbox.engine.store import SandboxOrder, SandboxQuote
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import invalid
from baton.local.sandbox.scenarios.scenario import Scenario

Kind = Literal["accumulation", "liquidation", "pay_link", "elsewhere"]

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


class ForeignOrder(AdminBody):
    """Body of `POST /sandbox/foreign-orders`.

    Attributes:
        kind: Where the order comes from.
        partner: Whose it is; the first key's partner when absent.
        scenario: What it plays; what new quotes get when absent.
        amount: Smallest units that are paid (`pay_link`: that are delivered); a plausible amount when absent.
        address_id: Reusable address to pay; a new one when absent.
        label: Of the pay link.
        request: Fields of the request that shall differ from the usual ones, such as `destinationChain`.
    """

    kind: Kind
    partner: str | None = None
    scenario: str | None = None
    amount: int | None = Field(default=None, gt=0)
    address_id: str | None = None
    label: str = "Invoice 42"
    request: Mapping[str, Any] = {}


class ForeignOrders:
    """Makes them in one sandbox."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world
        self._payer = SandboxPayer(world)
        self._addresses = ReusableAddresses(world)

    async def make(self, wish: ForeignOrder, scenario: Scenario) -> SandboxOrder:
        """Make an order and pay it.

        Raises:
            ApiError: With the documented code of the first thing that is wrong with the request.
        """
        partner = wish.partner or next(iter(self._world.options.api_keys.values()))
        body = {**_BODIES[wish.kind], **wish.request}
        amount = wish.amount or _AMOUNTS[wish.kind]
        match wish.kind:
            case "pay_link":
                return await self._from_link(partner, wish, body, amount, scenario)
            case "elsewhere":
                quote = self._world.quote(partner, parse_quote_request({**body, "amount": str(amount)}))
            case _:
                quote = self._to_address(partner, wish, body, amount)
        self._world.play(quote, scenario)
        return await self._paid(quote, DepositOrder(amount=amount))

    def _to_address(self, partner: str, wish: ForeignOrder, body: dict[str, Any], amount: int) -> SandboxQuote:
        kind = AddressKind(wish.kind)
        if wish.address_id is not None:
            address = self._addresses.get(partner, kind, wish.address_id)
            if not address.enabled:
                raise invalid(f"addressId: {address.id} is not in use any more")
        else:
            address = self._addresses.create(partner, kind, body)
        return self._addresses.quote(address, amount)

    async def _from_link(
        self, partner: str, wish: ForeignOrder, body: dict[str, Any], amount: int, scenario: Scenario
    ) -> SandboxOrder:
        onramps = Onramps(self._world)
        link = onramps.create_link(partner, {**body, "amountOut": str(amount), "label": wish.label})
        order, _ = onramps.create(partner, link.body, pay_link=link)
        self._world.play(order.quote, scenario)
        return await self._paid(order.quote, DepositOrder())

    async def _paid(self, quote: SandboxQuote, wish: DepositOrder) -> SandboxOrder:
        return self._world.intake.open(quote, await self._payer.pay_unseen(quote, wish))
