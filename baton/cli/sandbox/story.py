"""`baton start --scenario`: the order that plays a scenario of the sandbox, and its payer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baton.cli.errors import USAGE, CommandFailed
from baton.cli.output import print_note
from baton.cli.sandbox.connection import open_sandbox
from baton.cli.sandbox.example_orders import EXAMPLES, ROUTE_OPTIONS
from baton.cli.sandbox.payables import AddressChoice, find_payable
from baton.cli.sandbox.payer import OrderPayer, find_scenario
from baton.cli.sandbox.terms import PaymentTerms, payments_due

if TYPE_CHECKING:
    from baton.cli.sandbox.payer import Payments
    from baton.client import BatonClient
    from baton.local.sandbox.control import SandboxControl
    from baton.orders.answers import Placement
    from baton.orders.document import OrderDocument
    from baton.settings import Settings


@dataclass(frozen=True)
class Story:
    """A scenario that an order is to play.

    Attributes:
        name: The scenario's name.
        orders: Which orders play it: `any`, `bitcoin` or `onramp`.
        payments: How often its payer pays.
        settings: Where the sandbox is.
    """

    name: str
    orders: str
    payments: int
    settings: "Settings"

    def example(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the order to place where the options describe none; nothing where they do."""
        described = any(options.get(name) is not None for name in ROUTE_OPTIONS)
        return {} if described else dict(EXAMPLES[self.orders])

    def note_misfit(self, document: "OrderDocument") -> None:
        """Say so if the order cannot play the scenario; it then follows the steps that every order can."""
        paid_on = getattr(document, "source_chain", None)
        if self.orders == "bitcoin" and paid_on != "bitcoin":
            print_note(f"only deposits on Bitcoin play {self.name}; this order follows the happy path")
        if self.orders == "onramp" and document.kind != "onramp":
            print_note(f"only onramps play {self.name}; this order follows the happy path")

    async def place(self, document: "OrderDocument", place: Callable[[], Awaitable["Placement"]]) -> "Placement":
        """Place the order so that its quote plays the scenario from the start: an onramp's answer depends on it."""
        recipient = recipient_of(document)
        async with open_sandbox(self.settings, document.account) as sandbox:
            await sandbox.set_next_scenario(self.name, recipient)
            try:
                return await place()
            finally:
                # An order that was placed before has its quote already, and the next one is somebody else's.
                await sandbox.set_next_scenario(None, recipient)

    async def pay(self, client: "BatonClient", placed: "Placement", patience: float) -> "Payments | None":
        """Pay the order as often as the scenario's payer does; None if it was paid before, or is never paid."""
        if placed.outcome is not None or not self.payments:
            return None
        async with open_sandbox(self.settings, placed.account) as sandbox:
            return await self._pay(client, sandbox, placed, patience)

    async def _pay(
        self, client: "BatonClient", sandbox: "SandboxControl", placed: "Placement", patience: float
    ) -> "Payments | None":
        payable = await find_payable(client, sandbox, placed.reference, placed.account, AddressChoice(), patience)
        payer = OrderPayer(client, sandbox, patience)
        if await payer.paid(payable):
            return None
        terms = PaymentTerms(scenario=self.name)
        count = payments_due(payable, terms, paid=0, scenario={"payments": self.payments})
        return await payer.pay(payable, terms, amount=None, count=count)


def open_story(name: str, settings: "Settings", account: str) -> Story:
    """Return the story of a scenario.

    Raises:
        CommandFailed: The account uses no sandbox, or its sandbox has no such scenario for an order.
    """
    scenario = asyncio.run(_scenario(name, settings, account))
    if scenario["orders"] == "address":
        message = f"{name} is of deposits to reusable addresses: `baton sandbox pay address/REF --scenario {name}`"
        raise CommandFailed(USAGE, "unknown_scenario", message)
    return Story(name, str(scenario["orders"]), int(scenario["payments"]), settings)


async def _scenario(name: str, settings: "Settings", account: str) -> Mapping[str, Any]:
    async with open_sandbox(settings, account) as sandbox:
        return await find_scenario(sandbox, name)


def recipient_of(document: "OrderDocument") -> str:
    """Return the address that Orchestra pays; for an off-ramp the Lightning address of its recipient."""
    from baton.orchestra.rules.offramp import lightning_address_of

    recipient = document.recipient_address
    return lightning_address_of(recipient) if document.kind == "offramp" else recipient
