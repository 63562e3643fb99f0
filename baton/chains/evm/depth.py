"""How deep the chain is right now: what counts as confirmed, and what as final."""

from typing import NamedTuple

from baton.chains.deposits import DepositState
from baton.chains.errors import ProviderBroken, RpcRefused
from baton.chains.evm.node import EvmNode
from baton.chains.evm.wire import EvmHeader
from baton.chains.spec import ChainSpec


class ChainDepth(NamedTuple):
    """The heights that decide a deposit's state.

    Attributes:
        head: The newest block that the provider reported.
        top: The newest block to read, some blocks behind the head.
        final: The newest final block; -1 if there is none.
        confirmed: The newest confirmed block.
        final_time: Timestamp of the final block, in seconds since 1970; None if the provider did not send it along.
    """

    head: int
    top: int
    final: int
    confirmed: int
    final_time: int | None = None

    def state(self, height: int) -> DepositState:
        """Return the state of a deposit in the block at a height."""
        if height <= self.final:
            return DepositState.FINAL
        return DepositState.CONFIRMED if height <= self.confirmed else DepositState.SEEN

    def confirmations(self, height: int) -> int:
        """Return the number of blocks from that height to the head, both included."""
        return max(self.head - height + 1, 0)


async def read_depth(node: EvmNode, spec: ChainSpec) -> ChainDepth:
    """Return the chain's present depth.

    Raises:
        ChainError: The node does not answer, or does not know the block tags that the chain's configuration relies on.
    """
    head = await node.head()
    finalized = None if spec.final_after else await _tagged_block(node, spec, "finalized")
    final = finalized.number if finalized else head - (spec.final_after or 1) + 1
    confirmed = head - max(spec.confirmations, 1) + 1
    if spec.confirmed_tag == "safe" or (spec.confirmed_tag and finalized is None):
        confirmed = (await _tagged_block(node, spec, spec.confirmed_tag)).number
    elif spec.confirmed_tag:
        confirmed = final
    time = finalized.timestamp if finalized else None
    return ChainDepth(head, max(head - spec.behind, -1), max(final, -1), confirmed, time)


async def _tagged_block(node: EvmNode, spec: ChainSpec, tag: str) -> EvmHeader:
    try:
        header = await node.header(tag)
    except RpcRefused:
        header = None
    if header is None:
        raise ProviderBroken(
            "no_tag",
            f"{node.name}: does not know the {tag} block; set chains.{spec.name}.final_after to count confirmations",
        )
    return header
