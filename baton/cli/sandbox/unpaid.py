"""Which unpaid order a payer of the sandbox means who names none: the newest, or the one chosen from a list."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from baton.cli.errors import REFUSED, CommandFailed
from baton.cli.views.payment import awaits_payer
from baton.cli.views.units import both_units
from baton.cli.views.values import clean

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.local.sandbox.control import SandboxControl
    from baton.orders.answers import Snapshot

_SHOWN = 10
_READ = 30
"""Newest orders that are looked at."""
_TRIES, _PAUSE = 10, 0.2
"""Temporal's list is a moment behind an order that was just placed."""


async def choose_unpaid(client: "BatonClient", sandbox: "SandboxControl", account: str, *, ask: bool) -> str:
    """Return the reference of an unpaid order: the only or newest one, or what a person chooses.

    Args:
        client: Lists the orders.
        sandbox: Knows what was paid.
        account: The partner account.
        ask: Whether a person may be asked; otherwise it is the newest.

    Raises:
        CommandFailed: No order waits for its payer.
    """
    for attempt in range(_TRIES):
        unpaid = await _unpaid_orders(client, sandbox, account)
        if unpaid:
            break
        await asyncio.sleep(_PAUSE if attempt < _TRIES - 1 else 0)
    else:
        message = f"no order of account {account} waits for its payer; `baton start --scenario happy` places one"
        raise CommandFailed(REFUSED, "nothing_to_pay", message)
    if len(unpaid) == 1 or not (ask and sys.stdin.isatty()):
        return unpaid[0].reference
    return await asyncio.to_thread(_ask, unpaid[:_SHOWN])


async def _unpaid_orders(client: "BatonClient", sandbox: "SandboxControl", account: str) -> "list[Snapshot]":
    """Return the orders that wait for their payer and that the sandbox has no deposit of, the newest first."""
    listed = await client.list_orders(account=account, limit=_READ)
    still_open = [line for line in listed if line.outcome is None and line.interrupted is None]
    orders = await asyncio.gather(*(client.snapshot(line.reference, account) for line in still_open))
    paid = {deposit["depositAddress"] for deposit in await sandbox.deposits()}
    unpaid = [order for order in orders if awaits_payer(order) and order.deposit_address not in {None, *paid}]
    return sorted(unpaid, key=lambda order: order.opened_at, reverse=True)


def _ask(orders: "Sequence[Snapshot]") -> str:
    """Return the reference that a person chooses by its number; Enter chooses the newest."""
    for number, order in enumerate(orders, start=1):
        typer.echo(f"{number:>3}  {unpaid_line(order)}", err=True)

    def number_of(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= len(orders)):
            raise typer.BadParameter(f"choose a number from 1 to {len(orders)}")
        return int(text)

    chosen: int = typer.prompt("Pay which", default="1", value_proc=number_of, err=True)
    return orders[chosen - 1].reference


def unpaid_line(order: "Snapshot") -> str:
    """Return an unpaid order on one line."""
    asked = order.amounts.in_
    amount = both_units(asked.amount, asked.asset, asked.decimals) if asked else None
    return clean(f"{order.reference}  {amount or order.source_asset} on {order.source_chain}")
