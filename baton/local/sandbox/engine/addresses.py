"""Addresses, invoices and transaction ids: which are plausible on a chain, and how to make new ones.

Shapes are checked, checksums are not: nothing here is ever sent to a chain. Only invoices follow their full format,
because their readers check amount and expiry. Where deposits are real, the chain's node makes the addresses (see
`baton.local.sandbox.engine.real_deposits`).
"""

import functools
import math
import re
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from baton.encoding import base58, bech32
from baton.local.sandbox.engine.assets import SandboxFamily

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_HEX = "0123456789abcdef"

_SHAPES: Mapping[SandboxFamily, re.Pattern[str]] = {
    SandboxFamily.EVM: re.compile(r"0x[0-9a-fA-F]{40}"),
    SandboxFamily.SOLANA: re.compile(rf"[{_BASE58}]{{32,44}}"),
    SandboxFamily.TRON: re.compile(rf"T[{_BASE58}]{{33}}"),
    SandboxFamily.SPARK: re.compile(r"(?:spark|sparkt|sparkrt|sp|sprt)1[0-9a-z]{4,}"),
    SandboxFamily.BITCOIN: re.compile(rf"(?:(?:bc|tb|bcrt)1[0-9a-z]{{8,87}}|[13mn2][{_BASE58}]{{25,34}})"),
}
_LIGHTNING_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BOLT11 = re.compile(r"ln(?:bcrt|bc|tb)(?P<amount>[1-9][0-9]*)?(?P<unit>[munp])?1[0-9a-z]{6,}")
_SATS_PER_BTC = 100_000_000
_SIGNATURE_WORDS = 104
"""Length of an invoice's signature in five-bit words."""
_UNITS = {None: Decimal(1), "m": Decimal("1e-3"), "u": Decimal("1e-6"), "n": Decimal("1e-9"), "p": Decimal("1e-12")}


def fits(address: str, family: SandboxFamily) -> bool:
    """Whether an address has the shape of the family's addresses."""
    if family is SandboxFamily.LIGHTNING:
        return is_invoice(address) or _LIGHTNING_ADDRESS.fullmatch(address) is not None
    return _SHAPES[family].fullmatch(address) is not None


def is_invoice(text: str) -> bool:
    """Whether a text has the shape of a BOLT11 invoice."""
    return _BOLT11.fullmatch(text.lower()) is not None


def invoice_sats(invoice: str) -> Decimal | None:
    """Return the amount of a BOLT11 invoice in sats; None if the payer chooses it."""
    match = _BOLT11.fullmatch(invoice.lower())
    if match is None or match["amount"] is None:
        return None
    return Decimal(match["amount"]) * _UNITS[match["unit"]] * _SATS_PER_BTC


def _random(alphabet: str, length: int) -> str:
    return secrets.token_bytes(length).translate(_letters(alphabet)).decode()


@functools.cache
def _letters(alphabet: str) -> bytes:
    """Return the letter of each byte; a few letters come a little more often than others."""
    return bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))


_ADDRESSES: Mapping[SandboxFamily, Callable[[], str]] = {
    SandboxFamily.EVM: lambda: f"0x{_random(_HEX, 40)}",
    SandboxFamily.SOLANA: lambda: _random(_BASE58, 44),
    SandboxFamily.TRON: lambda: f"T{_random(_BASE58, 33)}",
    SandboxFamily.SPARK: lambda: f"spark1p{_random(_BECH32, 58)}",
    SandboxFamily.BITCOIN: lambda: f"bc1q{_random(_BECH32, 38)}",
}

_TRANSACTIONS: Mapping[SandboxFamily, Callable[[], str]] = {
    SandboxFamily.EVM: lambda: f"0x{_random(_HEX, 64)}",
    SandboxFamily.SOLANA: lambda: base58.encode(secrets.token_bytes(64)),
    SandboxFamily.TRON: lambda: _random(_HEX, 64),
    SandboxFamily.SPARK: lambda: str(uuid.uuid4()),
    SandboxFamily.BITCOIN: lambda: _random(_HEX, 64),
    SandboxFamily.LIGHTNING: lambda: _random(_HEX, 64),
}


def new_address(family: SandboxFamily) -> str:
    """Return a new deposit or sender address; a Lightning deposit is paid to an invoice instead."""
    return _ADDRESSES[family]()


def new_invoice(sats: int, created: datetime, expires: datetime) -> str:
    """Return a new BOLT11 invoice that every wallet can read; its signature is random.

    Args:
        sats: Amount of the invoice.
        created: Time of its creation; invoices carry whole seconds.
        expires: Time of its expiry, rounded up to a whole second.
    """
    start = int(created.timestamp())
    words = [
        *_words(start, 7),
        *_field("p", bech32.to_words(secrets.token_bytes(32))),
        *_field("d", bech32.to_words(b"Baton sandbox")),
        *_field("x", _words(math.ceil(expires.timestamp()) - start, 7)),
        *(byte % 32 for byte in secrets.token_bytes(_SIGNATURE_WORDS)),
    ]
    return bech32.encode(f"lnbc{sats * 10}n", words, bech32.BECH32)


def _field(tag: str, words: Sequence[int]) -> list[int]:
    return [bech32.CHARSET.index(tag), *_words(len(words), 2), *words]


def _words(number: int, count: int) -> list[int]:
    return [number >> 5 * place & 31 for place in reversed(range(count))]


def new_transaction(family: SandboxFamily) -> str:
    """Return a new transaction id."""
    return _TRANSACTIONS[family]()


def new_receive_request() -> str:
    """Return a new id of a Lightning receive request."""
    return f"SparkLightningReceiveRequest:{uuid.uuid4()}"


def transaction_key(transaction: str) -> str:
    """Return a transaction id in the form for comparison: hexadecimal ids in lower case, others unchanged."""
    bare = transaction.lower().removeprefix("0x")
    return transaction.lower() if re.fullmatch(r"[0-9a-f]{64}", bare) else transaction
