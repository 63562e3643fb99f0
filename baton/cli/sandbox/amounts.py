"""The amount that a payer of the sandbox sends, as people write it."""

import asyncio

from baton.cli.errors import USAGE, CommandFailed
from baton.cli.sandbox.payables import Payable


async def smallest_units(text: str, payable: Payable) -> int:
    """Return an amount such as `99.5 USDC` in smallest units of the asset to pay in.

    Raises:
        CommandFailed: It cannot be read; the text says why.
    """
    from baton.cli.asset_decimals import decimals_for
    from baton.orders.amount_text import with_smallest_units

    content = {"amount": text, "sourceChain": payable.chain, "sourceAsset": payable.asset}
    # The decimals may be asked of the routes, in an event loop of their own.
    read = await asyncio.to_thread(with_smallest_units, content, decimals_for(payable.account))
    if read.complaint:
        raise CommandFailed(USAGE, "invalid_payment", f"--amount: {read.complaint}")
    amount = int(read.content["amount"])
    if amount == 0:
        raise CommandFailed(USAGE, "invalid_payment", f"--amount: {text} is nothing; write an amount above 0")
    return amount
