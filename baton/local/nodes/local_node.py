"""What all local chain nodes have in common: payments, and the errors of a node."""

from typing import NamedTuple, Protocol

NATIVE = "native"
"""Stands for the chain's own coin in place of a token's contract or mint."""


class NodeError(Exception):
    """A node refused a call, did not answer or ended; the text is one sentence with the node's name, never its URL."""


class NodeMissing(NodeError):
    """A node is not available on this machine; the text says why and how to get it."""


class NodePayment(NamedTuple):
    """The facts of a real transfer that a proof needs.

    Attributes:
        tx_id: The transaction, in the form that `/submit` takes for its chain.
        vout: Bitcoin: which output pays; None elsewhere.
        sender: Who paid; None on Bitcoin, where a transaction has no sender.
    """

    tx_id: str
    vout: int | None = None
    sender: str | None = None


class LocalNode(Protocol):
    """A running node, with an account on it that pays for everything."""

    def new_address(self) -> str:
        """Return a fresh address with a correct checksum; its key is thrown away.

        Raises:
            NodeMissing: The library that makes addresses is not installed.
        """
        ...

    async def pay(self, address: str, asset: str, amount: int) -> NodePayment:
        """Broadcast a transfer and return at once; a later block confirms it.

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
