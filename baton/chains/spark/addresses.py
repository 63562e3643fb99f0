"""Compare Spark addresses and token identifiers, which have several spellings, by wallet and by token. Pure.

An address is bech32m of a protobuf message. Its first field is the wallet's identity key, a compressed public key of
33 bytes. Prefixes were renamed (`sp1` became `spark1`). A token identifier is 32 bytes, in hexadecimal or as bech32m
with the prefix `btkn`.
"""

import re

from baton.encoding import bech32
from baton.encoding.addresses import address_objection

MAINNET, REGTEST = "MAINNET", "REGTEST"
"""The explorer's names of the networks."""

_KEY = slice(2, 35)
_REGTEST_PREFIXES = frozenset({"sparkrt", "sprt"})
_TOKEN_PREFIX = "btkn"  # noqa: S105 - of a token's address
_HEX = re.compile(r"[0-9a-f]{64}")


def identity_key(address: str) -> str | None:
    """Return the identity key of an address in hexadecimal; None if it is not a Spark address."""
    decoded = bech32.decode(address)
    if decoded is None or address_objection("spark", address, testnets=True) is not None:
        return None
    return (bech32.to_bytes(decoded.words) or b"")[_KEY].hex()


def network_of(address: str) -> str:
    """Return the explorer's name of an address's network."""
    return REGTEST if address.lower().partition("1")[0] in _REGTEST_PREFIXES else MAINNET


def token_id(text: str) -> str | None:
    """Return the 32 bytes of a token identifier in hexadecimal; None if it is not an identifier."""
    decoded = bech32.decode(text)
    if decoded is not None and decoded.prefix.startswith(_TOKEN_PREFIX) and decoded.checksum == bech32.BECH32M:
        digits = (bech32.to_bytes(decoded.words) or b"").hex()
    else:
        digits = text.lower()
    return digits if _HEX.fullmatch(digits) else None
