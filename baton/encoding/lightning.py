"""Lightning destinations: BOLT11 invoices, BOLT12 offers and Lightning addresses, told apart and checked. Pure.

An invoice is read as far as its prefix and checksum go: network and amount. Whose signature it bears is left to who
pays it. Source: BOLT 11, BOLT 12, LUD-16, and the partner API reference, quote.
"""

import re

from baton.encoding import bech32

MSATS_PER_SAT = 1_000
_MSATS_PER_BTC = 100_000_000_000
_DIVISORS = {"": 1, "m": 10**3, "u": 10**6, "n": 10**9, "p": 10**12}
_LEAST_WORDS = 7 + 104
"""A timestamp and a signature: no invoice is shorter."""

_MAINNET = "bc"
_PREFIX = re.compile(r"ln(bcrt|tbs|tb|bc)(?:([1-9][0-9]{0,18})([munp]?))?")
_OFFER = re.compile(rf"lno1[{bech32.CHARSET}+\s]{{16,}}", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z0-9._+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


def _invoice(text: str) -> re.Match[str] | None:
    decoded = bech32.decode(text)
    if decoded is None or decoded.checksum != bech32.BECH32 or len(decoded.words) < _LEAST_WORDS:
        return None
    return _PREFIX.fullmatch(decoded.prefix)


def is_invoice(text: str, *, testnets: bool = False) -> bool:
    """Tell whether a text is a BOLT11 invoice with a good checksum, of the main network unless `testnets`."""
    match = _invoice(text)
    return match is not None and (testnets or match[1] == _MAINNET)


def is_offer(text: str) -> bool:
    """Tell whether a text looks like a BOLT12 offer, which has no checksum."""
    return _OFFER.fullmatch(text) is not None


def is_lightning_address(text: str) -> bool:
    """Tell whether a text is a Lightning address such as `name@host.example`."""
    return _ADDRESS.fullmatch(text) is not None


def invoice_msats(invoice: str) -> int | None:
    """Return what an invoice asks for, in thousandths of a sat; None when it leaves the amount to the payer.

    Raises:
        ValueError: It is no invoice, or its amount is no whole number of thousandths.
    """
    match = _invoice(invoice)
    if match is None:
        raise ValueError("is no BOLT11 invoice, or a character of it is mistyped")
    if match[2] is None:
        return None
    msats, rest = divmod(int(match[2]) * _MSATS_PER_BTC, _DIVISORS[match[3]])
    if rest:
        raise ValueError("asks for a fraction of a thousandth of a sat")
    return msats


def lightning_objection(text: str, *, offers: bool = False, testnets: bool = False) -> str | None:
    """Return why a text is no Lightning destination, as half a sentence; None when it is one.

    Args:
        text: An invoice or a Lightning address.
        offers: Whether a BOLT12 offer will do: it does for refunds, not for recipients.
        testnets: Whether invoices of test networks will do.
    """
    if is_lightning_address(text) or is_invoice(text, testnets=testnets):
        return None
    if is_offer(text):
        return None if offers else "is a BOLT12 offer, which is not taken; use an invoice or a Lightning address"
    if is_invoice(text, testnets=True):
        return "is an invoice of a test network; use one that starts with lnbc"
    return "is neither a BOLT11 invoice with a good checksum nor a Lightning address (name@host)"


def recipient_objection(text: str, amount_mode: str | None, amount: int | None) -> str | None:
    """Return why an invoice's own amount does not suit an order, as half a sentence; None when it does.

    Args:
        text: The recipient; what is no invoice has no amount.
        amount_mode: `exact_in` takes an invoice without an amount only, `exact_out` also one over that very amount.
        amount: The order's amount in sats, for `exact_out`.
    """
    if _invoice(text) is None:
        return None
    try:
        msats = invoice_msats(text)
    except ValueError as error:
        return str(error)
    if msats is None:
        return None
    if amount_mode != "exact_out":
        return "asks for an amount of its own; amountMode exact_in takes an invoice without one"
    if amount is None or msats == amount * MSATS_PER_SAT:
        return None
    return f"asks for {msats} thousandths of a sat where the order delivers {amount} sats"
