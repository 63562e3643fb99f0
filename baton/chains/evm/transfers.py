"""What counts as a deposit on an EVM chain: transfers of tokens and of the chain's own coin. Pure.

A proof names a transaction, so all that it pays to an address in one asset is one deposit, as on Solana.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from baton.chains.deposits import MAX_PARTS, NATIVE, Deposit
from baton.chains.evm.codec import Codec, address_in, number_in
from baton.chains.evm.depth import ChainDepth
from baton.chains.evm.wire import TRANSFER, Log
from baton.chains.spec import ChainSpec
from baton.encoding.amounts import MAX_AMOUNT

COIN_EVENTS = "0xfffffffffffffffffffffffffffffffffffffffe"
"""Under EIP-7708, the contract of events about the chain's own coin. Blocks and balances report that coin here."""


class EvmTransfer(NamedTuple):
    """One transfer, with raw addresses. `contract` is None for the chain's own coin, `place` the deposit's index.

    Of several transfers as one, `place` is the first one's, and `parts` has the places of all.
    """

    address: str
    contract: str | None
    tx_hash: str
    place: str
    amount: int
    sender: str | None
    height: int
    block_hash: str
    parts: tuple[str, ...] = ()


def transfer_in(log: Log) -> EvmTransfer | None:
    """Return the token transfer that an event reports; None if the event is not a deposit.

    The event's amount is what arrives, even of a token that takes a fee. Not a deposit: an event with another number of
    fields (collectibles have four), with an amount of zero (sent to plant look-alike addresses), from the address to
    itself, or withdrawn by a reorg.
    """
    if log.removed or len(log.topics) != 3 or log.topics[0].lower() != TRANSFER or log.address.lower() == COIN_EVENTS:
        return None
    sender, address, amount = address_in(log.topics[1]), address_in(log.topics[2]), number_in(log.data)
    if address is None or not amount or sender == address:
        return None
    tx_hash, block_hash = log.transaction_hash.lower(), log.block_hash.lower()
    index, contract = str(log.log_index), log.address.lower()
    return EvmTransfer(address, contract, tx_hash, index, amount, sender, log.block_number, block_hash)


def summed(transfers: Iterable[EvmTransfer]) -> list[EvmTransfer]:
    """Return one transfer for each transaction, address and asset: the sum of all, at the place of the first.

    Of a transaction that a reorg moved while it was read, only the transfers in its last block count.
    """
    unique = {(transfer.tx_hash, transfer.place): transfer for transfer in transfers}
    blocks = {transfer.tx_hash: transfer.block_hash for transfer in unique.values()}
    payments: dict[tuple[str, str, str | None], list[EvmTransfer]] = defaultdict(list)
    for transfer in unique.values():
        if transfer.block_hash == blocks[transfer.tx_hash]:
            payments[transfer.tx_hash, transfer.address, transfer.contract].append(transfer)
    return [_sum(sorted(parts, key=_order)) for parts in payments.values()]


def _sum(parts: Sequence[EvmTransfer]) -> EvmTransfer:
    if len(parts) == 1:
        return parts[0]
    amount = min(sum(part.amount for part in parts), MAX_AMOUNT)  # a fake token can report any amounts
    return parts[0]._replace(amount=amount, parts=tuple(part.place for part in parts[:MAX_PARTS]))


def _order(transfer: EvmTransfer) -> tuple[int, ...]:
    """Return where a transfer comes in its transaction: a log index, or the numbers in the path of a call."""
    return tuple(int(number) for number in transfer.place.split(".") if number.isdigit())


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
        parts=transfer.parts,
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
    return (token.symbol, token.decimals) if token else (None, None)
