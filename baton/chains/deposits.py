"""What every reader speaks: watched addresses, the deposits seen there, and how far a scan came. Pure.

A deposit is one transfer to one watched address, known by `(chain, tx_id, index)`. Readers tell every one, also of a
wrong token, dust, a second one or a late one; what it means is the order's decision.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from baton.encoding.amounts import Amount, Time

NATIVE = "native"
"""`Deposit.asset` of a chain's own coin."""


class DepositState(StrEnum):
    """How sure a deposit is."""

    SEEN = "seen"
    """In a mempool, or in a block that is younger than the chain's confirmations."""
    CONFIRMED = "confirmed"
    """As deep as the chain's configured confirmations; a reorganisation could still remove it."""
    FINAL = "final"
    """Beyond what the chain reorganises: it is never looked for again."""
    GONE = "gone"
    """Told before, and on the chain no more: reorganised away, or replaced by another transaction."""


class Watch(BaseModel):
    """An address to watch.

    Attributes:
        address: As Orchestra wrote it in the quote.
        since: When the quote was made: nothing before it is of interest.
    """

    model_config = ConfigDict(frozen=True)

    address: str
    since: Time


class Deposit(BaseModel):
    """One transfer to a watched address, as last seen.

    Attributes:
        chain: The chain by the API's name, such as `base`.
        address: The watched address, spelled as in its `Watch`.
        asset: The token's contract, mint or identifier in the chain's canonical spelling, or `NATIVE`.
        symbol: The asset's symbol where the chain's configuration knows that very contract; None for a stranger,
            whatever the contract calls itself.
        decimals: Decimals of a known asset; only for showing amounts.
        tx_id: The transaction, in the form that `/submit` takes for this chain.
        index: Which transfer of the transaction: log index, output, token account, path of an internal call, or "0".
        amount: Received, in smallest units.
        sender: Who seems to have sent it: a hint for people, never an address to refund to.
        block_height: Block (Solana: slot) it stands in; None while in the mempool.
        block_hash: Hash of that block where the chain's API tells one.
        confirmations: Blocks on top of and including its own at the time of the scan; 0 in the mempool.
        state: How sure it is.
    """

    model_config = ConfigDict(frozen=True)

    chain: str
    address: str
    asset: str
    symbol: str | None = None
    decimals: int | None = None
    tx_id: str
    index: str
    amount: Amount
    sender: str | None = None
    block_height: int | None = None
    block_hash: str | None = None
    confirmations: int = 0
    state: DepositState = DepositState.SEEN

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what makes a deposit the same one on every look."""
        return self.chain, self.tx_id, self.index


class Scan(NamedTuple):
    """What one look at a chain brought.

    Attributes:
        deposits: Every deposit between the old cursor and the head, mempool included, each with its present state.
        cursor: Where the next scan starts, as the reader's own text. Nothing below it can change any more: it never
            passes a block that is not final, and stays where it was when the chain's head seems to have gone back.
        head: The newest block looked at (Solana: slot); None where the chain has no such thing.
        unread: Addresses that could not be read this time: that nothing is told of them means nothing.
        caught_up: False when the scan stopped before the head (a long way to go): come again at once.
    """

    deposits: list[Deposit]
    cursor: str
    head: int | None = None
    unread: frozenset[str] = frozenset()
    caught_up: bool = True
    from_height: int | None = None
    """Lowest block looked at, where blocks were looked at one after the other (EVM, Tron); else None."""


class Reader(Protocol):
    """Reads one chain through one provider."""

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Look for deposits to these addresses.

        Args:
            watches: Addresses to look at; the same address may stand there twice.
            cursor: What the scan before returned; None for the first one, which starts where the oldest watch needs
                it to. An address that was added since starts at its own `since`.

        Raises:
            ChainError: The provider did not answer, or not in a way to build on.
        """
        ...

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Look at one deposit again by its transaction, before something is done because of it.

        Returns:
            The deposit with its present block, confirmations and state; None when the chain does not hold it.

        Raises:
            ChainError: The provider did not answer.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
