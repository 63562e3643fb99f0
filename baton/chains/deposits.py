"""The language of every reader: watched addresses, deposits, and how far a scan came. Pure.

A deposit is what one transaction pays to one watched address in one asset, identified by `(chain, tx_id, index)`.
Readers report all of them, also a wrong token, dust, a second deposit or a late one; what a deposit means is for the
order to decide. Only on Bitcoin is each output a deposit of its own, because a proof there names the output.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from baton.encoding.amounts import Amount, Time

NATIVE = "native"
"""`Deposit.asset` of a chain's own coin."""

MAX_PARTS = 20
"""How many indexes a deposit keeps of the transfers that it sums up; anybody can put thousands in a transaction."""

DepositKey = tuple[str, str, str]
"""What identifies a deposit: chain, transaction, index."""


class DepositState(StrEnum):
    """How sure a deposit is."""

    SEEN = "seen"
    """In the mempool, or in a block with fewer confirmations than the chain's configuration asks for."""
    CONFIRMED = "confirmed"
    """As deep as the chain's configured confirmations; a reorg could still remove it."""
    FINAL = "final"
    """Deeper than any reorg; it is never checked again."""
    GONE = "gone"
    """Reported before and no longer on the chain: removed by a reorg, or replaced by another transaction."""


_RANK = {DepositState.GONE: 0, DepositState.SEEN: 1, DepositState.CONFIRMED: 2, DepositState.FINAL: 3}


def reaches(state: DepositState, required: DepositState) -> bool:
    """Whether a deposit in this state is at least as sure as required."""
    return _RANK[state] >= _RANK[required]


class Watch(BaseModel):
    """An address to watch.

    Attributes:
        address: As Orchestra wrote it in the quote.
        since: When the quote was made; earlier transactions do not matter.
        asset: Symbol of what the quote is paid in, if known. Where a chain has an account for each token, it says which
            one to read, besides those of the configured tokens.
    """

    model_config = ConfigDict(frozen=True)

    address: str
    since: Time
    asset: str | None = None


class Deposit(BaseModel):
    """What one transaction pays to a watched address in one asset, as last seen.

    Attributes:
        chain: The chain by the API's name, such as `base`.
        address: The watched address, spelled as in its `Watch`.
        asset: The token's contract, mint or identifier in the chain's canonical spelling, or `NATIVE`.
        symbol: The asset's symbol if the chain's configuration lists that exact contract; None for any other token,
            even if its contract claims a known name.
        decimals: Decimals of a known asset; only for showing amounts.
        tx_id: The transaction, in the form that `/submit` takes for this chain.
        index: Which transfer of the transaction: log index, output, token account, path of an internal call, or "0".
            Of several transfers, the first.
        parts: The indexes of the transfers that the amount sums up if there are several, at most `MAX_PARTS`.
        amount: Amount received, in smallest units.
        sender: The apparent sender: a hint for people, never an address to refund to.
        block_height: Height of its block (Solana: slot); None in the mempool.
        block_hash: Hash of that block, if the chain's API reports one.
        confirmations: Blocks from its own to the head at the time of the scan, both included; 0 in the mempool.
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
    parts: tuple[str, ...] = ()
    amount: Amount
    sender: str | None = None
    block_height: int | None = None
    block_hash: str | None = None
    confirmations: int = 0
    state: DepositState = DepositState.SEEN

    @property
    def key(self) -> DepositKey:
        """What identifies the deposit in every scan."""
        return self.chain, self.tx_id, self.index


class Scan(NamedTuple):
    """The result of one scan of a chain.

    Attributes:
        deposits: Every deposit between the previous cursor and the head, mempool included, with its present state.
        cursor: Where the next scan starts, as text in the reader's own format. Nothing below it can change: it never
            passes a block that is not final, and stays where it was if the chain's head seems to have moved back.
        head: The newest block read (Solana: slot); None on a chain without blocks.
        unread: Addresses that could not be read. Their missing deposits prove nothing.
        caught_up: False if the scan stopped before the head because there was too much to read: scan again at once.
        proves_absence: False if the provider's answer left open whether anything was left out: then nothing is missing.
        unreadable: A sentence for each transaction or event that was stepped over because it could not be read; later
            scans try it again.
        stepped_over: Whether this scan itself met one of them; another provider may be able to read it.
        tip: The newest block that the provider has, where that is known; above `head` if the scan stopped before it.
    """

    deposits: list[Deposit]
    cursor: str
    head: int | None = None
    unread: frozenset[str] = frozenset()
    caught_up: bool = True
    proves_absence: bool = True
    unreadable: tuple[str, ...] = ()
    stepped_over: bool = False
    tip: int | None = None


class Reader(Protocol):
    """Reads one chain through one provider."""

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Find deposits to these addresses.

        Args:
            watches: The addresses; one address may appear twice.
            cursor: What the previous scan returned. None for the first scan, which starts where the oldest watch needs
                it to. An address added since the previous scan starts at its own `since`.

        Raises:
            ChainError: The provider gave no usable answer.
        """
        ...

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Read one deposit again by its transaction, before acting on it.

        Returns:
            The deposit with its present block, confirmations and state; None if it is not on the chain.

        Raises:
            ChainError: The provider did not answer.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
