"""Read one deposit again by its transaction, before acting on it."""

from baton.chains.deposits import NATIVE, Deposit
from baton.chains.errors import ProviderBroken
from baton.chains.evm.codec import Codec
from baton.chains.evm.depth import ChainDepth, read_depth
from baton.chains.evm.native_coin import BALANCE
from baton.chains.evm.node import EvmNode
from baton.chains.evm.traces import ROOT, Traces
from baton.chains.evm.transfers import EvmTransfer, transfer_in
from baton.chains.evm.wire import EvmReceipt
from baton.chains.spec import ChainSpec


class Recheck:
    """Reads deposits again by their transactions.

    The index identifies a deposit in its transaction's block. If a reorg moves the transaction to another block, its
    events may get other indexes there: then the reported deposit is gone, and the next scan reports a new one.
    """

    def __init__(self, node: EvmNode, spec: ChainSpec, codec: Codec) -> None:
        self._node = node
        self._spec = spec
        self._codec = codec

    async def read(self, deposit: Deposit) -> Deposit | None:
        """Return the deposit with its present block and state; None if it is not on the chain.

        Raises:
            ChainError: The provider does not answer, or its head is below the deposit's block, so that it cannot know
                the deposit.
        """
        depth = await read_depth(self._node, self._spec)
        block = await self._block(deposit)
        if block is None and depth.head < (deposit.block_height or 0):
            raise ProviderBroken("behind", f"{self._node.name}: its head lies below block {deposit.block_height}")
        return None if block is None else _in_block(deposit, block, depth)

    async def _block(self, deposit: Deposit) -> tuple[int, str] | None:
        """Return height and hash of the block that holds the deposit now; None if there is none."""
        if deposit.index.startswith(BALANCE):
            header = await self._node.header(deposit.block_height or 0)
            if header is None or header.hash.lower() != deposit.block_hash:
                return None
            return header.number, header.hash.lower()
        receipt = await self._node.receipt(self._codec.tx_hash(deposit.tx_id))
        if receipt is None or not receipt.succeeded or not await self._holds(receipt, deposit):
            return None
        return receipt.block_number, receipt.block_hash.lower()

    async def _holds(self, receipt: EvmReceipt, deposit: Deposit) -> bool:
        if deposit.asset != NATIVE:
            return any(self._is_same(deposit, transfer) for transfer in map(transfer_in, receipt.logs) if transfer)
        if deposit.index == ROOT or receipt.block_hash.lower() == deposit.block_hash:
            return True
        frame = await Traces(self._node).inner(receipt.transaction_hash, deposit.index)
        receiver = self._codec.encode(deposit.address)
        return frame is not None and frame.value == deposit.amount and (frame.to or "").lower() == receiver

    def _is_same(self, deposit: Deposit, transfer: EvmTransfer) -> bool:
        address, contract = self._codec.encode(deposit.address), self._codec.encode(deposit.asset)
        reported = (deposit.index, deposit.amount, address, contract)
        return reported == (transfer.place, transfer.amount, transfer.address, transfer.contract)


def _in_block(deposit: Deposit, block: tuple[int, str], depth: ChainDepth) -> Deposit:
    height, block_hash = block
    return deposit.model_copy(
        update={
            "block_height": height,
            "block_hash": block_hash,
            "confirmations": depth.confirmations(height),
            "state": depth.state(height),
        }
    )
