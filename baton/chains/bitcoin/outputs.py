"""What an output that pays a watched address comes to: one deposit. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from baton.chains.bitcoin.cursor import final_after
from baton.chains.deposits import NATIVE, Deposit, DepositState, Watch
from baton.chains.errors import ProviderBroken
from baton.chains.spec import ChainSpec

CLOCK_SLACK = 2 * 3600.0
"""Seconds that a block's time may lie before the moment it was made: it must only be later than the middle of the
eleven blocks before it, and miners' clocks differ."""

_SEGWIT = ("bc1", "tb1", "bcrt1")


class OutputPlace(NamedTuple):
    """Where a transaction stands.

    Attributes:
        height: Height of its block; None in the mempool.
        block_hash: Hash of its block.
        confirmations: Blocks on top of and including its own; 0 in the mempool.
    """

    height: int | None = None
    block_hash: str | None = None
    confirmations: int = 0


MEMPOOL = OutputPlace()


class Output(NamedTuple):
    """An output that pays an address, amount in satoshis."""

    tx_id: str
    vout: int
    amount: int
    sender: str | None = None


def canonical(address: str) -> str:
    """Return the spelling to compare by: segwit addresses may be written in capitals (BIP 173), others may not."""
    lower = address.lower()
    return lower if lower.startswith(_SEGWIT) else address


def by_address(watches: Iterable[Watch]) -> dict[str, Watch]:
    """Return one watch per address, by canonical spelling: spelled as first given, since the earliest that any says."""
    wanted: dict[str, Watch] = {}
    for watch in watches:
        key = canonical(watch.address)
        before = wanted.setdefault(key, watch)
        if watch.since < before.since:
            wanted[key] = before.model_copy(update={"since": watch.since})
    return wanted


def place_in_block(height: int, block_hash: str | None, head: int) -> OutputPlace:
    """Return the place of a block; one that came after `head` was read has one confirmation."""
    return OutputPlace(height, block_hash, max(head - height, 0) + 1)


def deposit_of(spec: ChainSpec, address: str, output: Output, place: OutputPlace) -> Deposit:
    """Return the deposit that an output at a place is."""
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
        state=_state(spec, place.confirmations),
    )


def moved(spec: ChainSpec, deposit: Deposit, place: OutputPlace) -> Deposit:
    """Return the deposit with its present place."""
    return deposit.model_copy(
        update={
            "block_height": place.height,
            "block_hash": place.block_hash,
            "confirmations": place.confirmations,
            "state": _state(spec, place.confirmations),
        }
    )


def check_reached(deposit: Deposit, head: int, provider: str) -> None:
    """Check that a provider has come as far as the block a deposit was seen in, so that its not knowing it counts.

    Raises:
        ProviderBroken: It has not.
    """
    if head < (deposit.block_height or 0):
        raise ProviderBroken("lags", f"{provider}: lags behind block {deposit.block_height}")


def is_of_interest(block_time: int | None, since: datetime) -> bool:
    """Tell whether a block of that time, in seconds since 1970, may hold what was sent after `since`."""
    return block_time is None or block_time >= since.timestamp() - CLOCK_SLACK


def _state(spec: ChainSpec, confirmations: int) -> DepositState:
    if confirmations >= final_after(spec):
        return DepositState.FINAL
    return DepositState.CONFIRMED if confirmations >= spec.confirmations else DepositState.SEEN
