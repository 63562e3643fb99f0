"""How a chain spells addresses and transactions, and how its JSON-RPC does. Pure.

Inside, an address is 20 bytes as 0x and lower-case hexadecimal digits, whatever the chain shows to people.
"""

import re
from typing import Protocol

from baton.encoding.addresses import checksummed

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_WORD = re.compile(r"0x[0-9a-fA-F]{64}")


class Codec(Protocol):
    """One family's spelling."""

    def encode(self, address: str) -> str | None:
        """Return the inner form of an address as people write it; None when it is none."""
        ...

    def decode(self, raw: str) -> str:
        """Return the canonical spelling of an inner form."""
        ...

    def tx_id(self, tx_hash: str) -> str:
        """Return a transaction hash of the JSON-RPC in the form that `/submit` takes."""
        ...

    def tx_hash(self, tx_id: str) -> str:
        """Return what the JSON-RPC calls a transaction."""
        ...


class EvmCodec:
    """Ethereum's own spelling: addresses with the capitals of EIP-55, transactions as 0x and lower-case digits."""

    def encode(self, address: str) -> str | None:
        """Return the address in lower case; None when it is none."""
        return address.lower() if _ADDRESS.fullmatch(address) else None

    def decode(self, raw: str) -> str:
        """Return the address with the capitals of its checksum."""
        return checksummed(raw)

    def tx_id(self, tx_hash: str) -> str:
        """Return the hash in lower case."""
        return tx_hash.lower()

    def tx_hash(self, tx_id: str) -> str:
        """Return the hash itself."""
        return tx_id


def quantity(number: int) -> str:
    """Return a number as the JSON-RPC writes it."""
    return hex(number)


def word(address: str) -> str:
    """Return an inner address padded to the 32 bytes of an event's indexed field."""
    return "0x" + address[2:].rjust(64, "0")


def address_in(topic: str) -> str | None:
    """Return the inner address that an indexed field of 32 bytes holds; None when it holds something else."""
    if not _WORD.fullmatch(topic) or topic[2:26].strip("0"):
        return None
    return "0x" + topic[26:].lower()


def number_in(data: str) -> int | None:
    """Return the number that 32 bytes of data hold; None when they are not 32 bytes."""
    return int(data, 16) if _WORD.fullmatch(data) else None
