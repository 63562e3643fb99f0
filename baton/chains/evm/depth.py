"""How deep the chain is at the moment: what counts as confirmed, and what as final."""

from typing import NamedTuple

from baton.chains.deposits import DepositState
from baton.chains.errors import ProviderBroken, RpcRefused
from baton.chains.evm.node import EvmNode
from baton.chains.evm.wire import EvmHeader
from baton.chains.spec import ChainSpec


class ChainDepth(NamedTuple):
    """Heights that decide on states.

    Attributes:
        head: The newest block that the provider told of.
        top: The newest one to look at, some blocks behind the head.
        final: The newest final one; -1 while there is none.
        confirmed: The newest confirmed one.
        final_time: Timestamp of the final one where it was told along, in seconds since 1970.
    """

    head: int
    top: int
    final: int
    confirmed: int
    final_time: int | None = None

    def state(self, height: int) -> DepositState:
        """Return how sure a deposit in that block is."""
        if height <= self.final:
            return DepositState.FINAL
        return DepositState.CONFIRMED if height <= self.confirmed else DepositState.SEEN

    def confirmations(self, height: int) -> int:
        """Return how many blocks stand on that one, itself included."""
        return max(self.head - height + 1, 0)


async def read_depth(node: EvmNode, spec: ChainSpec) -> ChainDepth:
    """Ask how deep the chain is.

    Raises:
        ChainError: The node does not answer, or does not know the tags that the chain's configuration goes by.
    """
    head = await node.head()
    finalized = None if spec.final_after else await _tagged(node, spec, "finalized")
    final = finalized.number if finalized else head - (spec.final_after or 1) + 1
    confirmed = head - max(spec.confirmations, 1) + 1
    if spec.confirmed_tag == "safe" or (spec.confirmed_tag and finalized is None):
        confirmed = (await _tagged(node, spec, spec.confirmed_tag)).number
    elif spec.confirmed_tag:
        confirmed = final
    time = finalized.timestamp if finalized else None
    return ChainDepth(head, max(head - spec.behind, -1), max(final, -1), confirmed, time)


async def _tagged(node: EvmNode, spec: ChainSpec, tag: str) -> EvmHeader:
    told = f"{node.name}: does not tell the {tag} block; set chains.{spec.name}.final_after to go by a number of blocks"
    try:
        header = await node.header(tag)
    except RpcRefused:
        header = None
    if header is None:
        raise ProviderBroken("no_tag", told)
    return header
