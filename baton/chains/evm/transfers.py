"""What counts as a deposit on an EVM chain: transfers of tokens and of the chain's own coin. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from baton.chains.deposits import NATIVE, Deposit
from baton.chains.evm.codec import Codec, address_in, number_in
from baton.chains.evm.depth import ChainDepth
from baton.chains.evm.node import TRANSFER
from baton.chains.evm.wire import Log
from baton.chains.spec import ChainSpec

COIN_EVENTS = "0xfffffffffffffffffffffffffffffffffffffffe"
"""Under EIP-7708, the contract of events about the chain's own coin. Blocks and balances report that coin here."""


class EvmTransfer(NamedTuple):
    """One transfer, with raw addresses. `contract` is None for the chain's own coin, `place` the deposit's index."""

    address: str
    contract: str | None
    tx_hash: str
    place: str
    amount: int
    sender: str | None
    height: int
    block_hash: str


def transfer_in(log: Log) -> EvmTransfer | None:
    """Return the token transfer that an event reports; None if the event is not a deposit.

    The event's amount is what arrives, even of a token that takes a fee. Not a deposit: an event with another number of
    fields (collectibles have four), with an amount of zero (sent to plant look-alike addresses), or withdrawn by a
    reorg.
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
    transfer: EvmTransfer, spellings: Mapping[str, str], spec: ChainSpec, codec: Codec, depth: ChainDepth
) -> Deposit:
    """Return a transfer as a deposit with its present state; `spellings` has the watched spelling of each address."""
    asset = codec.decode(transfer.contract) if transfer.contract else NATIVE
    symbol, decimals = _known(asset, spec)
    return Deposit(
        chain=spec.name,
        address=spellings[transfer.address],
        asset=asset,
        symbol=symbol,
        decimals=decimals,
        tx_id=codec.tx_id(transfer.tx_hash),
        index=transfer.place,
        amount=transfer.amount,
        sender=codec.decode(transfer.sender) if transfer.sender else None,
        block_height=transfer.height,
        block_hash=transfer.block_hash,
        confirmations=depth.confirmations(transfer.height),
        state=depth.state(transfer.height),
    )


def _known(asset: str, spec: ChainSpec) -> tuple[str | None, int | None]:
    if asset == NATIVE:
        return spec.native, spec.native_decimals
    token = spec.token_of(asset)
    return (token[0], token[1].decimals) if token else (None, None)
