"""An output that pays a watched address as a deposit. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from baton.chains.bitcoin.depth import state_of
from baton.chains.deposits import NATIVE, Deposit, Watch
from baton.chains.errors import ProviderBroken
from baton.chains.spec import ChainSpec

CLOCK_SLACK = 2 * 3600.0
"""Seconds by which a block's time may be too early: it must only be later than the median of the eleven blocks before
it, and miners' clocks differ."""

_SEGWIT = ("bc1", "tb1", "bcrt1")


class OutputPlace(NamedTuple):
    """A transaction's place in the chain.

    Attributes:
        height: Height of its block; None in the mempool.
        block_hash: Hash of its block.
        confirmations: Blocks from its own to the head, both included; 0 in the mempool.
    """

    height: int | None = None
    block_hash: str | None = None
    confirmations: int = 0


MEMPOOL = OutputPlace()


class Output(NamedTuple):
    """An output that pays a watched address; amounts are satoshis."""

    tx_id: str
    vout: int
    amount: int
    sender: str | None = None


def canonical(address: str) -> str:
    """Return the spelling for comparisons: only segwit addresses may be written in capitals (BIP 173)."""
    lower = address.lower()
    return lower if lower.startswith(_SEGWIT) else address


def by_address(watches: Iterable[Watch]) -> dict[str, Watch]:
    """Return one watch for each address, by canonical spelling: with the first spelling and the earliest time."""
    watched: dict[str, Watch] = {}
    for watch in watches:
        key = canonical(watch.address)
        first = watched.setdefault(key, watch)
        if watch.since < first.since:
            watched[key] = first.model_copy(update={"since": watch.since})
    return watched


def place_in_block(height: int, block_hash: str | None, head: int) -> OutputPlace:
    """Return the place of a transaction in a block; a block newer than `head` gives one confirmation."""
    return OutputPlace(height, block_hash, max(head - height, 0) + 1)


def deposit_of(spec: ChainSpec, address: str, output: Output, place: OutputPlace) -> Deposit:
    """Return an output at a place as a deposit."""
    return Deposit(
        chain=spec.name,
        address=address,
        asset=NATIVE,
        symbol=spec.native,
        decimals=spec.native_decimals,
        tx_id=output.tx_id,
        index=str(output.vout),
        amount=output.amount,
        sender=output.sender,
        block_height=place.height,
        block_hash=place.block_hash,
        confirmations=place.confirmations,
        state=state_of(spec, place.confirmations),
    )


def moved(spec: ChainSpec, deposit: Deposit, place: OutputPlace) -> Deposit:
    """Return the deposit with its present place."""
    return deposit.model_copy(
        update={
            "block_height": place.height,
            "block_hash": place.block_hash,
            "confirmations": place.confirmations,
            "state": state_of(spec, place.confirmations),
        }
    )


def check_reached(deposit: Deposit, head: int, provider: str) -> None:
    """Check that a provider has reached the block of a deposit; until then, not knowing the deposit proves nothing.

    Raises:
        ProviderBroken: It lags behind that block.
    """
    if head < (deposit.block_height or 0):
        raise ProviderBroken("lags", f"{provider}: lags behind block {deposit.block_height}")


def is_recent(block_time: int | None, since: datetime) -> bool:
    """Whether a block of that time, in seconds since 1970, can hold a transaction sent after `since`."""
    return block_time is None or block_time >= since.timestamp() - CLOCK_SLACK
