"""Token transfers to any number of addresses by log queries: one for a thousand addresses and all tokens at once."""

from collections.abc import Sequence

from baton.chains.errors import ChainError, NoProvider, ProviderBroken, RpcRefused
from baton.chains.evm.codec import word
from baton.chains.evm.node import TRANSFER, EvmNode
from baton.chains.evm.query_span import QuerySpan
from baton.chains.evm.transfers import EvmTransfer, transfer_in

MAX_ADDRESSES = 1000
"""Addresses in one query; java-tron takes no more alternatives in one place."""
_FILTERED_FOR = 500
"""Queries after which a provider that wanted contracts named is asked once more without."""


class TokenEvents:
    """Reads token transfers through one node.

    Queries name no contract, so that deposits of unknown tokens are told as well. A provider that refuses that even
    for a single block is asked for the known contracts alone for a while; then strangers stay unknown.

    Args:
        node: The node.
        contracts: Known contracts in their inner form.
        span: Most blocks in one query.
    """

    def __init__(self, node: EvmNode, contracts: Sequence[str], span: int) -> None:
        self._node = node
        self._contracts = list(contracts)
        self._limit = span
        self.span = QuerySpan(span)
        self._filtered = 0

    async def read(self, first: int, last: int, addresses: Sequence[str]) -> tuple[list[EvmTransfer], int]:
        """Return the transfers of as many blocks from `first` on as the provider takes at once, and the last of them.

        Raises:
            ChainError: The provider does not answer, or refuses even a single block.
        """
        while True:
            end = min(last, first + self.span.blocks - 1)
            try:
                found = await self._query(first, end, addresses)
            except ChainError as error:
                self._refused(end - first + 1, error)
            else:
                self.span.accepted(end - first + 1)
                self._filtered = max(self._filtered - 1, 0)
                return found, end

    async def _query(self, first: int, last: int, addresses: Sequence[str]) -> list[EvmTransfer]:
        contracts = self._contracts if self._filtered else None
        found = []
        for start in range(0, len(addresses), MAX_ADDRESSES):
            some = frozenset(addresses[start : start + MAX_ADDRESSES])
            topics = [TRANSFER, None, [word(address) for address in sorted(some)]]
            logs = await self._node.logs(first, last, topics, contracts)
            transfers = [one for one in map(transfer_in, logs) if one is not None]
            # Not every provider keeps to the question.
            found += [one for one in transfers if one.address in some and first <= one.height <= last]
        return found

    def _refused(self, blocks: int, error: ChainError) -> None:
        """Find a smaller question, or raise the error when there is none."""
        if isinstance(error, NoProvider) or (isinstance(error, ProviderBroken) and error.code == "unreadable"):
            self.span.doubted(blocks)
            raise error
        if not _is_about_the_question(error):
            raise error
        if blocks > 1:
            self.span.refused(blocks, str(error))
            return
        # Refused for one block, so it was not about their number.
        self.span = QuerySpan(self._limit)
        if self._filtered or not self._contracts:
            self._filtered = 0
            raise error
        self._filtered = _FILTERED_FOR


def _is_about_the_question(error: ChainError) -> bool:
    return isinstance(error, RpcRefused) or error.code in {"http_400", "http_413", "http_422"}
