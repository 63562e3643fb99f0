"""What a payer of the sandbox pays: an order, a reusable address or a pay link, found by its reference."""

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baton.cli.errors import REFUSED, USAGE, CommandFailed

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.local.sandbox.control import SandboxControl
    from baton.orders.answers import Snapshot
    from baton.sources.answers import SourceSnapshot

_POLL = 0.2
_ADDRESS, _PAYLINK = "address/", "paylink/"


@dataclass(frozen=True)
class Payable:
    """Something that a payer can pay.

    Attributes:
        reference: The reference of the order, the address or the link.
        account: Its partner account.
        source: `address/REF` or `paylink/REF`; None for an order.
        chain: Where to pay.
        asset: What to pay in; None if the address takes several.
        deposit_address: The address or the invoice to pay.
        decimals: The asset's decimals; None where they are not known.
        expected: What the quote asks for, in smallest units; None for an address.
        quote_id: The quote; None where the payer has none.
        takes_report: Whether the business app may report the deposit.
        outcome: How the order ended, if it has.
    """

    reference: str
    account: str
    source: str | None
    chain: str
    asset: str | None
    deposit_address: str
    decimals: int | None = None
    expected: int | None = None
    quote_id: str | None = None
    takes_report: bool = False
    outcome: str | None = None

    @property
    def is_invoice(self) -> bool:
        """Whether it is paid exactly and once, or not at all."""
        return self.chain == "lightning"


@dataclass(frozen=True)
class AddressChoice:
    """Where and in what to pay a reusable address; None for its first chain and asset."""

    chain: str | None = None
    asset: str | None = None


async def find_payable(
    client: "BatonClient",
    sandbox: "SandboxControl",
    reference: str,
    account: str,
    choice: AddressChoice,
    patience: float,
) -> Payable:
    """Return what a reference names: an order, else an address, else a link. `address/` and `paylink/` choose.

    Raises:
        CommandFailed: Nothing has this reference, or it cannot be paid.
    """
    from baton.errors import OrderUnknown, SourceUnknown

    if reference.startswith(_ADDRESS):
        return address_payable(await client.address(reference.removeprefix(_ADDRESS), account), choice)
    if reference.startswith(_PAYLINK):
        return await link_payable(sandbox, await client.pay_link(reference.removeprefix(_PAYLINK), account))
    try:
        return order_payable(await _with_address(client, reference, account, patience))
    except OrderUnknown:
        pass
    try:
        return address_payable(await client.address(reference, account), choice)
    except SourceUnknown:
        pass
    try:
        return await link_payable(sandbox, await client.pay_link(reference, account))
    except SourceUnknown:
        message = f"account {account} has no order, reusable address or pay link {reference}; `baton list` shows orders"
        raise CommandFailed(REFUSED, "order_unknown", message) from None


async def _with_address(client: "BatonClient", reference: str, account: str, patience: float) -> "Snapshot":
    """Return an order once it says where to pay: a quote, or the end of a review, may be a moment away."""
    deadline = time.monotonic() + patience
    while True:
        order = await client.snapshot(reference, account)
        if order.deposit_address or order.outcome or time.monotonic() > deadline:
            return order
        await asyncio.sleep(_POLL)


def order_payable(order: "Snapshot") -> Payable:
    """Return how an order is paid.

    Raises:
        CommandFailed: The order has nothing to pay.
    """
    if order.deposit_address is None:
        state = order.outcome.value if order.outcome else order.phase.value.replace("_", " ")
        raise CommandFailed(REFUSED, "nothing_to_pay", f"order {order.reference} is {state} and has no deposit address")
    return Payable(
        reference=order.reference,
        account=order.account,
        source=None,
        chain=order.source_chain,
        asset=order.source_asset,
        deposit_address=order.deposit_address,
        decimals=order.source_decimals,
        expected=order.amount_in,
        quote_id=order.quote_id,
        # The payment of an onramp is detected at once; there is nothing to report.
        takes_report=order.kind != "onramp",
        outcome=order.outcome.value if order.outcome else None,
    )


def address_payable(address: "SourceSnapshot", choice: AddressChoice) -> Payable:
    """Return how a reusable address is paid.

    Raises:
        CommandFailed: It has no address there, or none yet.
    """
    from baton.chains.decimals import decimals_of

    chain = choice.chain or next(iter(address.addresses), None)
    if chain is None or chain not in address.addresses:
        known = ", ".join(address.addresses) or "none yet"
        message = f"address {address.reference} cannot be paid on {chain or 'any chain'}; its chains: {known}"
        raise CommandFailed(USAGE, "nothing_to_pay", message)
    source = f"{_ADDRESS}{address.reference}"
    asset = choice.asset or _asset_on(address.route, chain)
    decimals = decimals_of(chain, asset) if asset else None
    return Payable(address.reference, address.account, source, chain, asset, address.addresses[chain], decimals)


def _asset_on(route: str, chain: str) -> str | None:
    source_chain, _, asset = route.partition(">")[0].partition(":")
    return asset if asset and source_chain == chain else None


async def link_payable(sandbox: "SandboxControl", link: "SourceSnapshot") -> Payable:
    """Visit a pay link as a payer does, and return how the invoice that it shows is paid.

    Raises:
        CommandFailed: The link has no URL yet.
        SandboxRefused: It was disabled.
    """
    from baton.chains.decimals import decimals_of

    url = link.created.short_url if link.created else None
    if url is None:
        raise CommandFailed(REFUSED, "nothing_to_pay", f"pay link {link.reference} has no URL yet; try again")
    invoice = await sandbox.visit(url)
    quote = next(quote for quote in await sandbox.quotes() if quote["depositAddress"] == invoice)
    return Payable(
        reference=link.reference,
        account=link.account,
        source=f"{_PAYLINK}{link.reference}",
        chain="lightning",
        asset="BTC",
        deposit_address=invoice,
        decimals=decimals_of("lightning", "BTC"),
        expected=int(quote["amountIn"]),
        quote_id=quote["id"],
    )
