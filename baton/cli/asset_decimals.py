"""Decimals of assets for the command line: by the routes of the order's account, else by the shipped catalogue."""

import asyncio
from typing import TYPE_CHECKING

from baton.cli.errors import CommandFailed
from baton.cli.output import print_note

if TYPE_CHECKING:
    from baton.orchestra.rules.objections import Routes
    from baton.orders.amount_text import DecimalsOf


def decimals_for(account: str) -> "DecimalsOf":
    """Return what knows the decimals of assets; the routes are read when the first one is asked for."""
    from baton.chains.decimals import decimals_of

    read: list[Routes | None] = []

    def known(chain: str, asset: str) -> int | None:
        if not read:
            read.append(asyncio.run(_routes(account)))
        stated = read[0].decimals.get(f"{chain}:{asset}") if read[0] else None
        return decimals_of(chain, asset) if stated is None else stated

    return known


async def _routes(account: str) -> "Routes | None":
    """Return the account's routes; None if this machine has no such account, or its API does not answer.

    A business app's machine needs no account to place an order; the worker compares the decimals with the routes.
    """
    from baton.cli.files.route_cache import cache_file, load_routes
    from baton.cli.partner import find_account, open_partner
    from baton.cli.session import join_stack

    try:
        settings = join_stack()
        partner = find_account(settings, account)
        async with open_partner(partner) as client:
            return await load_routes(client, cache_file(settings.home, partner.base_url), warn=print_note)
    except CommandFailed as error:
        print_note(
            f"the decimals are those of Baton's own catalogue, because the routes are not known: {error.message}"
        )
        return None
