"""Transfers of tokens and coins as deposits. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from baton.chains.deposits import NATIVE, Deposit
from baton.chains.evm.codec import Codec, address_in, number_in
from baton.chains.evm.depth import ChainDepth
from baton.chains.evm.node import TRANSFER
from baton.chains.evm.wire import Log
from baton.chains.spec import ChainSpec

COIN_EVENTS = "0xfffffffffffffffffffffffffffffffffffffffe"
"""Where EIP-7708 makes moves of the chain's own coin show up as events. They are found by blocks and balances here."""


class EvmTransfer(NamedTuple):
    """One transfer, with addresses in their inner form. `contract` is None for the chain's own coin."""

    address: str
    contract: str | None
    tx_hash: str
    place: str
    amount: int
    sender: str | None
    height: int
    block_hash: str


def transfer_in(log: Log) -> EvmTransfer | None:
    """Return the token transfer that an event tells of; None when it tells of none.

    What a fee-taking token delivers is what its event holds, so nothing else is read. No deposits are events with
    another number of fields (collectibles have four), of nothing (they only lay a trail of look-alike addresses), and
    withdrawn ones.
    """
    if log.removed or len(log.topics) != 3 or log.topics[0].lower() != TRANSFER or log.address.lower() == COIN_EVENTS:
        return None
    sender, address, amount = address_in(log.topics[1]), address_in(log.topics[2]), number_in(log.data)
    if address is None or not amount:
        return None
    tx_hash, block_hash = log.transaction_hash.lower(), log.block_hash.lower()
    index, contract = str(log.log_index), log.address.lower()
    return EvmTransfer(address, contract, tx_hash, index, amount, sender, log.block_number, block_hash)


def as_deposit(
    found: EvmTransfer, spelled: Mapping[str, str], spec: ChainSpec, codec: Codec, marks: ChainDepth
) -> Deposit:
    """Return a transfer as a deposit with its present state."""
    asset = codec.decode(found.contract) if found.contract else NATIVE
    symbol, decimals = _known(asset, spec)
    return Deposit(
        chain=spec.name,
        address=spelled[found.address],
        asset=asset,
        symbol=symbol,
        decimals=decimals,
        tx_id=codec.tx_id(found.tx_hash),
        index=found.place,
        amount=found.amount,
        sender=codec.decode(found.sender) if found.sender else None,
        block_height=found.height,
        block_hash=found.block_hash,
        confirmations=marks.confirmations(found.height),
        state=marks.state(found.height),
    )


def _known(asset: str, spec: ChainSpec) -> tuple[str | None, int | None]:
    if asset == NATIVE:
        return spec.native, spec.native_decimals
    token = spec.token_of(asset)
    return (token[0], token[1].decimals) if token else (None, None)
