"""The account that holds a token for an owner: the associated token account, a program-derived address. Pure.

A payer's wallet sends tokens there by default. Source: the Associated Token Account program and "program derived
addresses" of the Solana documentation; the curve is that of RFC 8032.
"""

import hashlib
from functools import lru_cache

from baton.encoding import base58
from baton.encoding.base58 import encode

TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105 - a program's address
TOKEN_2022_PROGRAM = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105
TOKEN_PROGRAMS = (TOKEN_PROGRAM, TOKEN_2022_PROGRAM)

_ASSOCIATED_TOKEN_PROGRAM = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"  # noqa: S105
_KEY_LENGTH = 32
_FIELD = 2**255 - 19
_CURVE = -121665 * pow(121666, -1, _FIELD) % _FIELD


def public_key(address: str) -> bytes:
    """Return the 32 bytes of an address.

    Raises:
        ValueError: It is not a Solana address.
    """
    key = base58.decode(address)
    if key is None or len(key) != _KEY_LENGTH:
        raise ValueError("is no Solana address; that is base58 for 32 bytes")
    return key


def is_on_curve(key: bytes) -> bool:
    """Whether 32 bytes are a point of the Ed25519 curve, so that they can be somebody's public key."""
    y = int.from_bytes(key, "little") % 2**255 % _FIELD
    # The square of x is numerator / denominator; it has a root if and only if their product has one.
    numerator, denominator = (y * y - 1) % _FIELD, (_CURVE * y * y + 1) % _FIELD
    return pow(numerator * denominator, (_FIELD - 1) // 2, _FIELD) in (0, 1)


@lru_cache(maxsize=65_536)
def associated_token_account(owner: str, mint: str, program: str = TOKEN_PROGRAM) -> str:
    """Return the account that holds a mint's tokens for an owner.

    Args:
        owner: The wallet's address.
        mint: The token.
        program: The token program that the mint belongs to; with another program the account differs.

    Raises:
        ValueError: One of them is not a Solana address.
    """
    seeds = b"".join(public_key(part) for part in (owner, program, mint))
    end = public_key(_ASSOCIATED_TOKEN_PROGRAM) + b"ProgramDerivedAddress"
    for bump in range(255, -1, -1):
        candidate = hashlib.sha256(seeds + bytes((bump,)) + end).digest()
        if not is_on_curve(candidate):
            return encode(candidate)
    raise ValueError("has no associated token account")  # one in 2**256 has none
