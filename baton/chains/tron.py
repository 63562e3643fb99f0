"""Deposits on Tron: its nodes speak Ethereum's JSON-RPC, so tokens are read as on an EVM chain; only spellings differ.

An address is the base58check of 0x41 and the 20 bytes of the JSON-RPC; a transaction's id has no 0x prefix. Providers
may know no block tag but `latest`, so numbers of confirmations decide what is final. Tron's own coin (TRX) is not
watched. Source: the java-tron documentation, JSON-RPC.
"""

from baton.chains.errors import ChainConfigError
from baton.chains.evm.reader import CALLS_PER_SCAN, EvmReader
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec
from baton.encoding.base58 import decode_checked, encode_checked

_PREFIX = b"\x41"
_LENGTH = 21


class TronCodec:
    """Tron's spelling of addresses and transactions."""

    def encode(self, address: str) -> str | None:
        """Return the 20 bytes of a base58check address as 0x and hexadecimal digits; None if it is not an address."""
        payload = decode_checked(address)
        if payload is None or len(payload) != _LENGTH or payload[:1] != _PREFIX:
            return None
        return "0x" + payload[1:].hex()

    def decode(self, raw: str) -> str:
        """Return the base58check address of 20 bytes."""
        return encode_checked(_PREFIX + bytes.fromhex(raw[2:]))

    def tx_id(self, tx_hash: str) -> str:
        """Return the hash without its 0x."""
        return tx_hash.lower().removeprefix("0x")

    def tx_hash(self, tx_id: str) -> str:
        """Return the id with 0x in front."""
        return "0x" + tx_id.removeprefix("0x")


class TronReader(EvmReader):
    """Reads Tron's tokens through one provider; see `EvmReader`.

    Raises:
        ChainConfigError: The configuration asks to watch the chain's own coin.
    """

    def __init__(self, spec: ChainSpec, provider: Provider, *, calls_per_scan: int = CALLS_PER_SCAN) -> None:
        if spec.watch_native:
            raise ChainConfigError(f"chains.{spec.name}: watch_native: TRX is not watched; set it to false")
        super().__init__(spec, provider, codec=TronCodec(), calls_per_scan=calls_per_scan)
