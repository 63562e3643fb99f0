"""Read one deposit again by its transaction, before acting on it."""

from baton.chains.deposits import NATIVE, Deposit
from baton.chains.errors import ProviderBroken
from baton.chains.evm.codec import Codec
from baton.chains.evm.depth import ChainDepth, read_depth
from baton.chains.evm.native_coin import BALANCE
from baton.chains.evm.node import EvmNode
from baton.chains.evm.traces import ROOT, Traces
from baton.chains.evm.transfers import EvmTransfer, summed, transfer_in
from baton.chains.evm.wire import EvmReceipt
from baton.chains.spec import ChainSpec


class Recheck:
    """Reads deposits again by their transactions.

    The index identifies a deposit in its transaction's block. If a reorg moves the transaction to another block, its
    events may get other indexes there: then the reported deposit is gone, and the next scan reports a new one. So is a
    single transfer that was reported on its own, although the transaction made others to the address.
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
        """Whether a transaction still makes the deposit.

        Raises:
            ChainError: The node does not answer, or an event that could be the deposit cannot be read.
        """
        address = self._codec.encode(deposit.address)
        if deposit.asset != NATIVE:
            return self._holds_tokens(receipt, deposit, address)
        try:
            return _is_same(deposit, await Traces(self._node).received(receipt, address or ""))
        except LookupError:
            return deposit.index == ROOT or receipt.block_hash.lower() == deposit.block_hash

    def _holds_tokens(self, receipt: EvmReceipt, deposit: Deposit, address: str | None) -> bool:
        contract = self._codec.encode(deposit.asset)
        transfers = summed(transfer for log in receipt.logs if log and (transfer := transfer_in(log)))
        payment = (item for item in transfers if (item.address, item.contract) == (address, contract))
        if _is_same(deposit, next(payment, None)):
            return True
        if None in receipt.logs:
            raise self._node.broken("eth_getTransactionReceipt", "answered with an event that cannot be read")
        return False


def _is_same(deposit: Deposit, payment: EvmTransfer | None) -> bool:
    return payment is not None and (payment.place, payment.amount) == (deposit.index, deposit.amount)


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
