"""One deposit once more, by its transaction, before something is done because of it."""

from baton.chains.deposits import NATIVE, Deposit
from baton.chains.errors import ProviderBroken
from baton.chains.evm.codec import Codec
from baton.chains.evm.depth import ChainDepth, read_depth
from baton.chains.evm.native_coin import BALANCE
from baton.chains.evm.node import EvmNode
from baton.chains.evm.traces import ROOT, Traces
from baton.chains.evm.transfers import EvmTransfer, transfer_in
from baton.chains.evm.wire import Receipt
from baton.chains.spec import ChainSpec


class Recheck:
    """ReadSchedule at deposits by their transactions.

    A deposit is known by its place in its block. When a reorganisation puts the transaction into another block, its
    events may get other numbers there: then the deposit as it was told is gone, and the next scan tells it anew.
    """

    def __init__(self, node: EvmNode, spec: ChainSpec, codec: Codec) -> None:
        self._node = node
        self._spec = spec
        self._codec = codec

    async def look(self, deposit: Deposit) -> Deposit | None:
        """Return the deposit with its present block and state; None when the chain does not hold it.

        Raises:
            ChainError: The provider does not answer, or its head lies below the deposit's block, so that it could not
                know the deposit.
        """
        marks = await read_depth(self._node, self._spec)
        place = await self._place(deposit)
        if place is None and marks.head < (deposit.block_height or 0):
            raise ProviderBroken("behind", f"{self._node.name}: its head lies below block {deposit.block_height}")
        return None if place is None else _at(deposit, place, marks)

    async def _place(self, deposit: Deposit) -> tuple[int, str] | None:
        if deposit.index.startswith(BALANCE):
            header = await self._node.header(deposit.block_height or 0)
            stands = header is not None and header.hash.lower() == deposit.block_hash
            return (header.number, header.hash.lower()) if header and stands else None
        receipt = await self._node.receipt(self._codec.tx_hash(deposit.tx_id))
        if receipt is None or not receipt.succeeded or not await self._holds(receipt, deposit):
            return None
        return receipt.block_number, receipt.block_hash.lower()

    async def _holds(self, receipt: Receipt, deposit: Deposit) -> bool:
        if deposit.asset != NATIVE:
            return any(self._is_same(deposit, found) for found in map(transfer_in, receipt.logs) if found)
        if deposit.index == ROOT or receipt.block_hash.lower() == deposit.block_hash:
            return True
        frame = await Traces(self._node).inner(receipt.transaction_hash, deposit.index)
        receiver = self._codec.encode(deposit.address)
        return frame is not None and frame.value == deposit.amount and (frame.to or "").lower() == receiver

    def _is_same(self, deposit: Deposit, found: EvmTransfer) -> bool:
        told = (deposit.index, deposit.amount, self._codec.encode(deposit.address), self._codec.encode(deposit.asset))
        return told == (found.place, found.amount, found.address, found.contract)


def _at(deposit: Deposit, place: tuple[int, str], marks: ChainDepth) -> Deposit:
    height, block_hash = place
    return deposit.model_copy(
        update={
            "block_height": height,
            "block_hash": block_hash,
            "confirmations": marks.confirmations(height),
            "state": marks.state(height),
        }
    )
