"""What a local chain node is to whoever pays on it."""

from typing import NamedTuple, Protocol

NATIVE = "native"
"""Stands for the chain's own coin where an asset is asked for."""


class NodeError(Exception):
    """A node refused a call, did not answer or ended; the text is one sentence that names it and never its URL."""


class NodeMissing(NodeError):
    """A node cannot be had on this machine; the text says why and how to get it."""


class NodePayment(NamedTuple):
    """A transfer made for real, as far as a proof needs it.

    Attributes:
        tx_id: The transaction, in the form that `/submit` takes for its chain.
        vout: Bitcoin: which output pays; None elsewhere.
        sender: Who paid; None where a chain has no sender to speak of.
    """

    tx_id: str
    vout: int | None = None
    sender: str | None = None


class LocalNode(Protocol):
    """A running node, and an account on it that pays for everything."""

    def new_address(self) -> str:
        """Return a fresh address whose checksum is right; nobody keeps its key.

        Raises:
            NodeMissing: What makes addresses is not installed.
        """
        ...

    async def pay(self, address: str, asset: str, amount: int) -> NodePayment:
        """Broadcast a transfer and return at once: a block takes it up later.

        Args:
            address: Who is paid.
            asset: Contract or mint of a token, or `NATIVE`.
            amount: Smallest units.

        Raises:
            NodeError: The node refused it, or did not answer.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
