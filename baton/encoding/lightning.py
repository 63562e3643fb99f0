"""Lightning destinations: BOLT11 invoices, BOLT12 offers and Lightning addresses, recognised and checked. Pure.

Source: BOLT 11, BOLT 12, LUD-16, and the partner API reference, quote.
"""

import re

from baton.encoding import bech32
from baton.encoding.invoices import MSATS_PER_SAT, invoice_msats, is_invoice

_OFFER = re.compile(rf"lno1[{bech32.CHARSET}+\s]{{16,}}", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z0-9._+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


def is_offer(text: str) -> bool:
    """Whether a text looks like a BOLT12 offer, which has no checksum."""
    return _OFFER.fullmatch(text) is not None


def is_lightning_address(text: str) -> bool:
    """Whether a text is a Lightning address such as `name@host.example`."""
    return _ADDRESS.fullmatch(text) is not None


def lightning_objection(text: str, *, offers: bool = False, testnets: bool = False) -> str | None:
    """Return why a text is not a Lightning destination, as half a sentence; None when it is one.

    Args:
        text: An invoice or a Lightning address.
        offers: Whether BOLT12 offers are accepted: they are for refunds, not for recipients.
        testnets: Whether invoices of test networks are accepted.
    """
    if is_lightning_address(text) or is_invoice(text, testnets=testnets):
        return None
    if is_offer(text):
        return None if offers else "is a BOLT12 offer, which is not accepted; use an invoice or a Lightning address"
    if is_invoice(text, testnets=True):
        return "is an invoice of a test network; use one that starts with lnbc"
    return "is neither a BOLT11 invoice with a valid checksum nor a Lightning address (name@host)"


def recipient_objection(text: str, amount_mode: str | None, amount: int | None) -> str | None:
    """Return why a recipient's invoice does not suit an order, as half a sentence; None when it does.

    Only an invoice has an amount: every other recipient suits every order.

    Args:
        text: The recipient.
        amount_mode: `exact_in` needs an invoice without an amount; `exact_out` also accepts one over that very amount.
        amount: The order's amount in sats, for `exact_out`.
    """
    if not is_invoice(text, testnets=True):
        return None
    try:
        msats = invoice_msats(text)
    except ValueError as error:
        return str(error)
    if msats is None:
        return None
    if amount_mode != "exact_out":
        return "asks for an amount of its own; with amountMode exact_in use an invoice without an amount"
    if amount is None or msats == amount * MSATS_PER_SAT:
        return None
    return f"asks for {msats} thousandths of a sat, but the order delivers {amount} sats"
