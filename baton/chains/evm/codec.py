"""How a chain spells addresses and transactions for people, and how its JSON-RPC spells them. Pure.

The raw form of an address, as the JSON-RPC and this package use it, is 0x and the lower-case hexadecimal digits of its
20 bytes. Tron shows people another form.
"""

import re
from typing import Protocol

from baton.encoding.addresses import checksummed

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_WORD = re.compile(r"0x[0-9a-fA-F]{64}")


class Codec(Protocol):
    """The spelling of one family of chains."""

    def encode(self, address: str) -> str | None:
        """Return the raw form of an address as people write it; None if it is not an address."""
        ...

    def decode(self, raw: str) -> str:
        """Return the canonical spelling of a raw address."""
        ...

    def tx_id(self, tx_hash: str) -> str:
        """Return a JSON-RPC transaction hash in the form that `/submit` takes."""
        ...

    def tx_hash(self, tx_id: str) -> str:
        """Return the JSON-RPC's hash of a transaction."""
        ...


class EvmCodec:
    """Ethereum's spelling: addresses in checksum capitals (EIP-55), transactions as 0x and lower-case digits."""

    def encode(self, address: str) -> str | None:
        """Return the address in lower case; None if it is not an address."""
        return address.lower() if _ADDRESS.fullmatch(address) else None

    def decode(self, raw: str) -> str:
        """Return the address in checksum capitals."""
        return checksummed(raw)

    def tx_id(self, tx_hash: str) -> str:
        """Return the hash in lower case."""
        return tx_hash.lower()

    def tx_hash(self, tx_id: str) -> str:
        """Return the hash unchanged."""
        return tx_id


def quantity(number: int) -> str:
    """Return a number as the JSON-RPC spells it."""
    return hex(number)


def word(address: str) -> str:
    """Return a raw address padded to the 32 bytes of an event's indexed field."""
    return "0x" + address[2:].rjust(64, "0")


def address_in(topic: str) -> str | None:
    """Return the raw address in an indexed field of 32 bytes; None if it holds something else."""
    if not _WORD.fullmatch(topic) or topic[2:26].strip("0"):
        return None
    return "0x" + topic[26:].lower()


def number_in(data: str) -> int | None:
    """Return the number in 32 bytes of data; None if the data is not 32 bytes."""
    return int(data, 16) if _WORD.fullmatch(data) else None
