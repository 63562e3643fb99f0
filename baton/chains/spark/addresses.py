"""Spark addresses and token identifiers by what they mean: one wallet, and one token, has several spellings. Pure.

An address is bech32m over a protobuf message whose first field is the wallet's identity key, a compressed public key
of 33 bytes; prefixes were renamed (`sp1` became `spark1`). A token identifier is 32 bytes, in hexadecimal or as
bech32m with the prefix `btkn`.
"""

import re

from baton.encoding import bech32
from baton.encoding.addresses import address_objection

MAINNET, REGTEST = "MAINNET", "REGTEST"
"""Networks by the explorer's names."""

_KEY = slice(2, 35)
_REGTEST_PREFIXES = frozenset({"sparkrt", "sprt"})
_TOKEN_PREFIX = "btkn"  # noqa: S105 - of a token's address
_HEX = re.compile(r"[0-9a-f]{64}")


def identity_key(address: str) -> str | None:
    """Return the identity key of an address in hexadecimal; None for what is no Spark address."""
    decoded = bech32.decode(address)
    if decoded is None or address_objection("spark", address, testnets=True) is not None:
        return None
    return (bech32.to_bytes(decoded.words) or b"")[_KEY].hex()


def network_of(address: str) -> str:
    """Return the explorer's name of the network that an address belongs to."""
    return REGTEST if address.lower().partition("1")[0] in _REGTEST_PREFIXES else MAINNET


def token_id(text: str) -> str | None:
    """Return the 32 bytes of a token identifier in hexadecimal; None for what is none."""
    decoded = bech32.decode(text)
    if decoded is not None and decoded.prefix.startswith(_TOKEN_PREFIX) and decoded.checksum == bech32.BECH32M:
        spelled = (bech32.to_bytes(decoded.words) or b"").hex()
    else:
        spelled = text.lower()
    return spelled if _HEX.fullmatch(spelled) else None
