"""A Lightning invoice, read before it is shown to a payer. Pure.

Nobody but payer and payee sees a Lightning payment, so there is nothing to watch: that it was paid is known from the
order alone. What can be known beforehand stands in the invoice. Its signature is not checked, which would name the
payee and nothing else: a payer's wallet does that. Source: BOLT 11.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import NamedTuple

from baton.encoding import bech32
from baton.encoding.lightning import MSATS_PER_SAT, invoice_msats, is_invoice

MAINNET = "mainnet"
LEAST_TIME_LEFT = timedelta(seconds=60)
"""What a payer needs at least to see an invoice, decide and pay."""

# The longer prefixes first: lnbcrt also starts with lnbc.
_NETWORKS = {"lnbcrt": "regtest", "lntbs": "signet", "lntb": "testnet", "lnbc": MAINNET}
_DEFAULT_EXPIRY = 3600
_LONGEST_EXPIRY = 2**31
"""Seconds; more is no different to anybody, and keeps the sum within the calendar."""
_TIME_WORDS, _SIGNATURE_WORDS, _HASH_WORDS = 7, 104, 52
_PAYMENT_HASH, _EXPIRY, _DESCRIPTION, _DESCRIPTION_HASH = (bech32.CHARSET.index(letter) for letter in "pxdh")
_HASHES = frozenset({_PAYMENT_HASH, _DESCRIPTION_HASH})


class Invoice(NamedTuple):
    """What an invoice says.

    Attributes:
        network: `mainnet`, `testnet`, `signet` or `regtest`.
        msats: Thousandths of a sat; None where the payer chooses.
        created: When it was made.
        expiry: How long it can be paid from then.
        payment_hash: 64 hexadecimal digits; the preimage with this SHA-256 proves the payment.
        description: What it is for; None where only a hash of that is given.
        description_hash: SHA-256 of a longer description, in hexadecimal.
    """

    network: str
    msats: int | None
    created: datetime
    expiry: timedelta
    payment_hash: str
    description: str | None
    description_hash: str | None

    @property
    def expires(self) -> datetime:
        """Return when it can no longer be paid."""
        return self.created + self.expiry


def read_invoice(text: str) -> Invoice:
    """Read a BOLT11 invoice of any network.

    Raises:
        ValueError: It is none, as half a sentence.
    """
    decoded = bech32.decode(text)
    if decoded is None or not is_invoice(text, testnets=True):
        raise ValueError("is no BOLT11 invoice, or a character of it is mistyped")
    msats = invoice_msats(text)
    fields = dict[int, tuple[int, ...]]()
    for kind, words in _fields(decoded.words[_TIME_WORDS:-_SIGNATURE_WORDS]):
        # Of several the first counts, and a hash of another length is to be skipped.
        if kind not in _HASHES or len(words) == _HASH_WORDS:
            fields.setdefault(kind, words)
    if _PAYMENT_HASH not in fields:
        raise ValueError("is an invoice without a payment hash")
    seconds = _number(fields[_EXPIRY]) if _EXPIRY in fields else _DEFAULT_EXPIRY
    return Invoice(
        network=next(network for prefix, network in _NETWORKS.items() if decoded.prefix.startswith(prefix)),
        msats=msats,
        created=datetime.fromtimestamp(_number(decoded.words[:_TIME_WORDS]), UTC),
        expiry=timedelta(seconds=min(seconds, _LONGEST_EXPIRY)),
        payment_hash=_bytes(fields[_PAYMENT_HASH]).hex(),
        description=_bytes(fields[_DESCRIPTION]).decode(errors="replace") if _DESCRIPTION in fields else None,
        description_hash=_bytes(fields[_DESCRIPTION_HASH]).hex() if _DESCRIPTION_HASH in fields else None,
    )


def invoice_objection(
    invoice: str,
    sats: int,
    now: datetime,
    network: str = MAINNET,
    *,
    least_time_left: timedelta = LEAST_TIME_LEFT,
) -> str | None:
    """Return why an invoice must not be shown to a payer, as a sentence; None when it may be.

    Args:
        invoice: The quote's invoice.
        sats: What the quote asks for; an invoice that leaves the amount to the payer will not do.
        now: The present time, with a time zone.
        network: Which network the order is on.
        least_time_left: What must be left until it expires.
    """
    try:
        read = read_invoice(invoice)
    except ValueError as error:
        return f"The deposit's invoice {error}."
    if read.network != network:
        return f"The deposit's invoice is of the network {read.network}, the order of {network}."
    if read.msats is None:
        return f"The deposit's invoice leaves the amount to the payer, the quote asks for {sats} sats."
    if read.msats != sats * MSATS_PER_SAT:
        return f"The deposit's invoice asks for {read.msats} thousandths of a sat, the quote for {sats} sats."
    if now >= read.expires:
        return f"The deposit's invoice expired at {_spelled(read.expires)}; ask for a new quote."
    if read.expires - now < least_time_left:
        return f"The deposit's invoice expires at {_spelled(read.expires)}, too soon to pay it; ask for a new quote."
    return None


def _fields(words: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the tagged fields: a type, a length of two words, and as many words.

    Raises:
        ValueError: A field is longer than what is left.
    """
    while words:
        length = words[1] * 32 + words[2] if len(words) > 2 else len(words)
        if 3 + length > len(words):
            raise ValueError("is an invoice with a field cut off")
        yield words[0], tuple(words[3 : 3 + length])
        words = words[3 + length :]


def _number(words: Sequence[int]) -> int:
    return reduce(lambda number, word: number * 32 + word, words, 0)


def _bytes(words: Sequence[int]) -> bytes:
    whole = len(words) * 5 // 8
    # Writers differ in what they leave in the padding, so it is dropped unread.
    return (_number(words) >> len(words) * 5 % 8).to_bytes(whole, "big")


def _spelled(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")
