"""Lightning invoices (BOLT11): their amount, network and expiry, read before a payer sees them. Pure.

Only payer and payee see a Lightning payment, so it cannot be watched: what can be checked is the invoice, beforehand.
Its signature is not checked. It would prove who the payee is, which the payer's wallet shows. Source: BOLT 11.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import NamedTuple

from baton.encoding import bech32

MSATS_PER_SAT = 1_000
MAINNET = "mainnet"

_PREFIX = re.compile(r"ln(bcrt|tbs|tb|bc)(?:([1-9][0-9]{0,18})([munp]?))?")
_NETWORKS = {"bc": MAINNET, "tb": "testnet", "tbs": "signet", "bcrt": "regtest"}
_MSATS_PER_BTC = 100_000_000_000
_DIVISORS = {"": 1, "m": 10**3, "u": 10**6, "n": 10**9, "p": 10**12}
_DEFAULT_EXPIRY = 3600
_LONGEST_EXPIRY = 2**31
"""Seconds; a longer expiry is cut to this, so that the sum stays within the calendar."""
_TIME_WORDS, _SIGNATURE_WORDS, _HASH_WORDS = 7, 104, 52
_PAYMENT_HASH, _EXPIRY, _DESCRIPTION, _DESCRIPTION_HASH = (bech32.CHARSET.index(letter) for letter in "pxdh")
_HASHES = frozenset({_PAYMENT_HASH, _DESCRIPTION_HASH})


class Invoice(NamedTuple):
    """The contents of an invoice.

    Attributes:
        network: `mainnet`, `testnet`, `signet` or `regtest`.
        msats: Amount in thousandths of a sat; None where the payer chooses it.
        created: When it was made.
        expiry: How long it can be paid, from `created`.
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
        """The time from which it can no longer be paid."""
        return self.created + self.expiry


def is_invoice(text: str, *, testnets: bool = False) -> bool:
    """Whether a text is an invoice with a valid checksum, of the main network unless `testnets` is set."""
    parts = _parts(text)
    return parts is not None and (testnets or _NETWORKS[parts.prefix[1]] == MAINNET)


def invoice_msats(invoice: str) -> int | None:
    """Return the amount of an invoice in thousandths of a sat; None when the payer chooses it.

    Raises:
        ValueError: It is not an invoice, or its amount is not a whole number of thousandths.
    """
    return _msats(_parts_of(invoice).prefix)


def read_invoice(text: str) -> Invoice:
    """Read an invoice of any network.

    Raises:
        ValueError: It is not an invoice; the text says why in half a sentence.
    """
    parts = _parts_of(text)
    msats = _msats(parts.prefix)
    fields = _first_fields(parts.words[_TIME_WORDS:-_SIGNATURE_WORDS])
    if _PAYMENT_HASH not in fields:
        raise ValueError("is an invoice without a payment hash")
    seconds = _number(fields[_EXPIRY]) if _EXPIRY in fields else _DEFAULT_EXPIRY
    return Invoice(
        network=_NETWORKS[parts.prefix[1]],
        msats=msats,
        created=datetime.fromtimestamp(_number(parts.words[:_TIME_WORDS]), UTC),
        expiry=timedelta(seconds=min(seconds, _LONGEST_EXPIRY)),
        payment_hash=_bytes(fields[_PAYMENT_HASH]).hex(),
        description=_bytes(fields[_DESCRIPTION]).decode(errors="replace") if _DESCRIPTION in fields else None,
        description_hash=_bytes(fields[_DESCRIPTION_HASH]).hex() if _DESCRIPTION_HASH in fields else None,
    )


def amount_objection(invoice: Invoice, least_sats: int, most_sats: int) -> str | None:
    """Return why an invoice's amount is not the one agreed, as a sentence; None when it is.

    Args:
        invoice: The invoice that a payer is to pay.
        least_sats: The least that was agreed.
        most_sats: The most that was agreed, often the same.
    """
    agreed = f"{least_sats} sats" if least_sats == most_sats else f"{least_sats} to {most_sats} sats"
    if invoice.msats is None:
        return f"the invoice leaves the amount to the payer, but the quote asks for {agreed}"
    if not least_sats * MSATS_PER_SAT <= invoice.msats <= most_sats * MSATS_PER_SAT:
        return f"the invoice asks for {invoice.msats} thousandths of a sat, but the quote for {agreed}"
    return None


class _Parts(NamedTuple):
    prefix: re.Match[str]
    words: tuple[int, ...]


def _parts(text: str) -> _Parts | None:
    decoded = bech32.decode(text)
    # A time and a signature: no invoice is shorter.
    if decoded is None or len(decoded.words) < _TIME_WORDS + _SIGNATURE_WORDS or decoded.checksum != bech32.BECH32:
        return None
    prefix = _PREFIX.fullmatch(decoded.prefix)
    return _Parts(prefix, decoded.words) if prefix else None


def _parts_of(text: str) -> _Parts:
    parts = _parts(text)
    if parts is None:
        raise ValueError("is not a BOLT11 invoice, or a character of it is mistyped")
    return parts


def _msats(prefix: re.Match[str]) -> int | None:
    if prefix[2] is None:
        return None
    msats, rest = divmod(int(prefix[2]) * _MSATS_PER_BTC, _DIVISORS[prefix[3]])
    if rest:
        raise ValueError("asks for a fraction of a thousandth of a sat")
    return msats


def _first_fields(words: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return the tagged fields; of several with one tag the first counts, and a hash of another length is skipped."""
    fields = dict[int, tuple[int, ...]]()
    for tag, content in _fields(words):
        if tag not in _HASHES or len(content) == _HASH_WORDS:
            fields.setdefault(tag, content)
    return fields


def _fields(words: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the tagged fields: each has a tag, a length of two words, and that many words.

    Raises:
        ValueError: A field is longer than the words that are left.
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
    length = len(words) * 5 // 8
    # Wallets differ in what they write into the padding, so it is dropped unread.
    return (_number(words) >> len(words) * 5 % 8).to_bytes(length, "big")
