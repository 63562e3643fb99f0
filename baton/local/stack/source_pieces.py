"""Orders of the demo that the business app does not place itself: it creates what they come of, and a payer pays it."""

import asyncio
import time

from baton.client import BatonClient
from baton.local.sandbox.control import SandboxControl
from baton.local.stack.crashes import insist
from baton.local.stack.progress import Progress
from baton.local.stack.showcase import Origin

_POLL = 0.2
"""Seconds between two looks for the order in Temporal's list, which lags a moment."""


async def pay_source(baton: BatonClient, sandbox: SandboxControl, piece: Progress) -> str:
    """Create what an order comes of, pay it, and return the reference of the order.

    Raises:
        BatonError: It was not created.
    """
    await (_pay_link if piece.piece.origin is Origin.PAYLINK else _pay_address)(baton, sandbox, piece)
    return await _order_of(baton, f"{piece.piece.origin}/{piece.reference}")


async def _pay_link(baton: BatonClient, sandbox: SandboxControl, piece: Progress) -> None:
    """Visit a new pay link as a payer does, and pay its invoice."""
    link = await insist(lambda: baton.create_pay_link({"reference": piece.reference, **piece.piece.document}))
    assert link.created is not None
    assert link.created.short_url is not None
    invoice = await sandbox.visit(link.created.short_url)
    piece.step = "depositing"
    piece.pay(await sandbox.deposit(deposit_address=invoice), time.monotonic())


async def _pay_address(baton: BatonClient, sandbox: SandboxControl, piece: Progress) -> None:
    """Send to a new reusable address as a payer does."""
    address = await insist(lambda: baton.create_address({"reference": piece.reference, **piece.piece.document}))
    chain, deposit_address = next(iter(address.addresses.items()))
    piece.step = "depositing"
    deposit = await sandbox.deposit(
        deposit_address=deposit_address, chain=chain, amount=piece.piece.amount, scenario=piece.piece.scenario
    )
    piece.pay(deposit, time.monotonic())


async def _order_of(baton: BatonClient, source: str) -> str:
    """Return the reference of the one order that came of a source, once it is listed."""
    while True:
        for order in await insist(lambda: baton.list_orders(source=source)):
            return order.reference
        await asyncio.sleep(_POLL)
