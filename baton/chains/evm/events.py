"""Read token transfers by log queries: one query covers all tokens and a thousand addresses."""

from collections.abc import Sequence, Set

from baton.chains.errors import UNREADABLE, ChainError, NoProvider, ProviderBroken, RpcRefused
from baton.chains.evm.codec import word
from baton.chains.evm.node import EventList, EvmNode
from baton.chains.evm.odd_events import Doubts, height_of, may_be_deposit, transaction_of
from baton.chains.evm.query_span import QuerySpan
from baton.chains.evm.transfers import EvmTransfer, transfer_in
from baton.chains.evm.wire import TRANSFER

MAX_ADDRESSES = 1000
"""Addresses in one query; java-tron accepts no more alternatives for one topic."""
_FILTERED_QUERIES = 500
"""Queries that name contracts, for a provider that requires it, before one without contracts is tried again."""


class TokenEvents:
    """Reads token transfers through one node.

    Queries name no contract, so deposits of unknown tokens are reported too. A provider that refuses such a query even
    for a single block is asked for the known contracts only, for a while; meanwhile deposits of unknown tokens are
    missed.

    Args:
        node: The node.
        contracts: Known contracts as raw addresses.
        span: Most blocks in one query.
    """

    def __init__(self, node: EvmNode, contracts: Sequence[str], span: int) -> None:
        self._node = node
        self._contracts = list(contracts)
        self._limit = span
        self.span = QuerySpan(span)
        self._filtered = 0
        self._doubts = Doubts()

    def take_doubts(self) -> Doubts:
        """Return what the queries since the last call left open."""
        doubts, self._doubts = self._doubts, Doubts()
        return doubts

    async def read(self, first: int, last: int, addresses: Sequence[str]) -> tuple[list[EvmTransfer], int]:
        """Return the transfers of as many blocks from `first` on as one query may cover, and the last of these blocks.

        Raises:
            ChainError: The provider does not answer, or refuses even a single block.
        """
        while True:
            end = min(last, first + self.span.blocks - 1)
            try:
                transfers = await self._query(first, end, addresses)
            except ChainError as error:
                self._shrink_query(end - first + 1, error)
            else:
                self.span.accepted(end - first + 1)
                self._filtered = max(self._filtered - 1, 0)
                return transfers, end

    async def _query(self, first: int, last: int, addresses: Sequence[str]) -> list[EvmTransfer]:
        contracts = self._contracts if self._filtered else None
        transfers = []
        for start in range(0, len(addresses), MAX_ADDRESSES):
            batch = frozenset(addresses[start : start + MAX_ADDRESSES])
            topics = [TRANSFER, None, [word(address) for address in sorted(batch)]]
            events = await self._node.logs(first, last, topics, contracts)
            self._note_doubts(events, first, last, batch)
            # Some providers answer with more than the query asks for.
            transfers += [
                transfer
                for transfer in map(transfer_in, events.logs)
                if transfer is not None and transfer.address in batch and first <= transfer.height <= last
            ]
        return transfers

    def _note_doubts(self, events: EventList, first: int, last: int, batch: Set[str]) -> None:
        if events.is_blank:
            self._doubts.is_blank = True
            self._doubts.add(first)
        for event in events.odd:
            height = height_of(event)
            if may_be_deposit(event, batch) and first <= (first if height is None else height) <= last:
                where = f"an event of transaction {transaction_of(event)} in block {height or '?'}"
                self._doubts.add(height or first, f"{self._node.name}: eth_getLogs: {where} cannot be read")

    def _shrink_query(self, blocks: int, error: ChainError) -> None:
        """Make the next query smaller, or raise the error if that cannot help."""
        if isinstance(error, NoProvider) or (isinstance(error, ProviderBroken) and error.code == UNREADABLE):
            self.span.failed(blocks)
            raise error
        if not _is_about_the_query(error):
            raise error
        if blocks > 1:
            self.span.refused(blocks, str(error))
            return
        # Even one block was refused, so the number of blocks was not the reason.
        self.span = QuerySpan(self._limit)
        if self._filtered or not self._contracts:
            self._filtered = 0
            raise error
        self._filtered = _FILTERED_QUERIES


def _is_about_the_query(error: ChainError) -> bool:
    return isinstance(error, RpcRefused) or error.code in {"http_400", "http_413", "http_422"}
