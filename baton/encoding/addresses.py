"""Checks an address without asking the network: its shape, checksum and network. Pure.

An address with an objection here is certainly wrong, so it can be refused before a call; one without may still be
refused by the API. Addresses of chains without a rule here are not checked. Source: the partner API reference, chains;
BIP 173, BIP 350, EIP-55.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from baton.encoding import base58, bech32, keccak
from baton.encoding.lightning import lightning_objection

EVM_CHAINS = frozenset(
    {
        "arbitrum",
        "avalanche",
        "base",
        "bsc",
        "ethereum",
        "hypercore",
        "hyperevm",
        "monad",
        "optimism",
        "plasma",
        "polygon",
        "robinhood",
        "tempo",
    }
)
_EVM = re.compile(r"0x[0-9a-fA-F]{40}")
_SEPARATORS = re.compile(r"[/?#&=]+")
_MAX_TEXT = 2_000
_MISTYPED = "its checksum is wrong: a character is mistyped; copy it again"
_BITCOIN_PREFIXES = {"bc": True, "tb": False, "bcrt": False}
_BITCOIN_VERSIONS = {0x00: True, 0x05: True, 0x6F: False, 0xC4: False}
_SPARK_PREFIXES = {
    **dict.fromkeys(("spark", "sp"), True),
    **dict.fromkeys(("sparkt", "sparks", "sparkrt", "sparkl", "spt", "sps", "sprt", "spl"), False),
}
_TRON_VERSION = 0x41
# A protobuf field 1 of 33 bytes: the compressed public key, which starts with 2 or 3.
_SPARK_KEY = re.compile(rb"\x0a\x21[\x02\x03].{32}", re.DOTALL)

AddressCheck = Callable[[str, bool], str | None]


def address_objection(chain: str, address: str, *, testnets: bool = False) -> str | None:
    """Return why an address cannot be one of that chain, as half a sentence; None when there is no objection.

    Args:
        chain: The chain by the API's name.
        address: The address as given.
        testnets: Whether addresses of test networks are accepted.
    """
    check = _CHECKS.get(chain)
    if check is None:
        return None
    if address != address.strip() or not address:
        return "must not be empty or have spaces around it"
    return check(address, testnets)


def address_key(address: str) -> str:
    """Return an address in the one spelling by which it is compared.

    Hexadecimal addresses mean the same in upper and lower case; all others keep their case.
    """
    return address.lower() if address[:2].lower() == "0x" else address


def addresses_in(text: str) -> list[str]:
    """Return the addresses that a text may be or contain, each as `address_key` writes it.

    Args:
        text: An address of any chain, or a link to its page in a block explorer.
    """
    pasted = text.strip()[:_MAX_TEXT]
    parts = _SEPARATORS.split(pasted) if "://" in pasted else []
    return list(dict.fromkeys(address_key(each) for each in [pasted, *parts] if each))


@lru_cache(maxsize=1_000)
def checksummed(address: str) -> str:
    """Return an EVM address in the upper and lower case of its checksum (EIP-55); that of a token is asked for often.

    Raises:
        ValueError: It is not an EVM address.
    """
    if not _EVM.fullmatch(address):
        raise ValueError("an EVM address is 0x and 40 hexadecimal digits")
    digits = address[2:].lower()
    nibbles = keccak.digest(digits.encode()).hex()
    return "0x" + "".join(
        char.upper() if nibble >= "8" else char for char, nibble in zip(digits, nibbles, strict=False)
    )


def _evm(address: str, testnets: bool) -> str | None:
    if not _EVM.fullmatch(address):
        return "is not an EVM address, which is 0x and 40 hexadecimal digits"
    digits = address[2:]
    if digits in (digits.lower(), digits.upper()) or checksummed(address) == address:
        return None
    return f"mixes upper and lower case, but {_MISTYPED}"


def _solana(address: str, testnets: bool) -> str | None:
    decoded = base58.decode(address)
    if decoded is None or len(decoded) != 32:
        return "is not a Solana address, which is base58 for 32 bytes; use the owner's wallet, not a token account"
    return None


def _tron(address: str, testnets: bool) -> str | None:
    decoded = base58.decode(address)
    if decoded is None or len(decoded) != 25 or decoded[0] != _TRON_VERSION:
        return "is not a Tron address, which starts with T and has 34 characters"
    return None if base58.decode_checked(address) else f"is not a Tron address: {_MISTYPED}"


def _bitcoin(address: str, testnets: bool) -> str | None:
    if address.lower().startswith(tuple(f"{prefix}1" for prefix in _BITCOIN_PREFIXES)):
        return _segwit(address, testnets)
    payload = base58.decode_checked(address)
    if payload is None or len(payload) != 21 or payload[0] not in _BITCOIN_VERSIONS:
        return "is not a Bitcoin address, or a character of it is mistyped"
    return _network(_BITCOIN_VERSIONS[payload[0]], testnets, "Bitcoin")


def _segwit(address: str, testnets: bool) -> str | None:
    decoded = bech32.decode(address)
    if decoded is None:
        return f"is not a Bitcoin address: {_MISTYPED}"
    version, program = (decoded.words or (31,))[0], bech32.to_bytes(decoded.words[1:])
    checksum = bech32.BECH32M if version else bech32.BECH32
    if version > 16 or program is None or decoded.checksum != checksum or not _is_program(version, len(program)):
        return "is not a Bitcoin address: its version and length do not match"
    return _network(_BITCOIN_PREFIXES[decoded.prefix], testnets, "Bitcoin")


def _is_program(version: int, length: int) -> bool:
    fixed = {0: (20, 32), 1: (32,)}.get(version)
    return length in fixed if fixed else 2 <= length <= 40


def _spark(address: str, testnets: bool) -> str | None:
    decoded = bech32.decode(address)
    if decoded is None or decoded.checksum != bech32.BECH32M or decoded.prefix not in _SPARK_PREFIXES:
        return "is not a Spark address, which starts with spark1, or a character of it is mistyped"
    if not _SPARK_KEY.match(bech32.to_bytes(decoded.words) or b""):
        return "is not a Spark address: it contains no public key"
    return _network(_SPARK_PREFIXES[decoded.prefix], testnets, "Spark")


def _lightning(address: str, testnets: bool) -> str | None:
    return lightning_objection(address, testnets=testnets)


def _network(is_mainnet: bool, testnets: bool, name: str) -> str | None:
    return None if is_mainnet or testnets else f"is a {name} address of a test network; use one of the main network"


_CHECKS: Mapping[str, AddressCheck] = {
    **dict.fromkeys(EVM_CHAINS, _evm),
    "bitcoin": _bitcoin,
    "lightning": _lightning,
    "solana": _solana,
    "spark": _spark,
    "tron": _tron,
}
