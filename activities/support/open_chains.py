"""The watched chains with their readers, and the tokens that they learn from the partner API's routes."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from baton.chains.deposits import Reader
from baton.chains.route_tokens import with_route_tokens
from baton.chains.spec import ChainSpec, KnownToken
from baton.orders.watch_messages import Watched
from baton.process.logs import get_logger

NOT_WATCHED = "not_watched"

HAND_OVER = timedelta(seconds=1)
"""Until another worker is asked for a chain that this one does not watch."""

HAND_OVERS = 30
"""How often that is done at once; where the workers have different chains, one of them has it by then."""

TOKENS_INTERVAL = 60.0
"""Seconds between two looks at the routes, which are requested far more seldom."""

_log = get_logger(__name__)

TokensOf = Callable[[str], Awaitable[Iterable[KnownToken]]]
"""Returns the tokens of a chain by the partner API's routes."""


@dataclass
class OpenChain:
    """A chain with its open reader, which is kept because it has learnt the limits of its providers.

    Times are seconds of the monotonic clock.

    Attributes:
        spec: The chain, with the tokens learnt so far.
        reader: Its reader.
        next_cleanup: When watches of closed orders are removed next.
        next_scan: When the next scan begins.
        next_of_all: When a scan reads all addresses again, and not those of orders alone.
        next_tokens: When the routes are looked at next.
        renames: Whether tokens were learnt since the last scan, so that known deposits may have got a name.
        unreadable: What the last scan could not read.
        crowded: Addresses whose deposits of unknown tokens are no longer reported.
        watched: The figures of the present stretch, or of the last one.
    """

    spec: ChainSpec
    reader: Reader
    next_cleanup: float = 0.0
    next_scan: float = 0.0
    next_of_all: float = 0.0
    next_tokens: float = 0.0
    renames: bool = False
    unreadable: frozenset[str] = frozenset()
    crowded: set[str] = field(default_factory=set)
    watched: Watched = field(default_factory=Watched)


class OpenChains:
    """Opens each watched chain once, and again when it learns a token: readers know their tokens from the start.

    Args:
        chains: The chains that may be watched, by name.
        open_reader: Opens the reader of a chain.
        tokens_of: Returns the tokens of a chain by the partner API's routes.
    """

    def __init__(
        self, chains: Mapping[str, ChainSpec], open_reader: Callable[[ChainSpec], Reader], tokens_of: TokensOf
    ) -> None:
        self._chains = chains
        self._open_reader = open_reader
        self._tokens_of = tokens_of
        self._open: dict[str, OpenChain] = {}

    def get(self, name: str) -> OpenChain:
        """Return an open chain.

        Raises:
            ApplicationError: This worker does not watch it (`not_watched`).
        """
        if name not in self._open:
            spec = self._chains.get(name)
            if spec is None:
                raise ApplicationError(
                    f"this worker does not watch the chain {name}: add it to BATON_WATCH here or at another worker",
                    type=NOT_WATCHED,
                    next_retry_delay=HAND_OVER if activity.info().attempt <= HAND_OVERS else None,
                )
            self._open[name] = OpenChain(spec, self._open_reader(spec))
        return self._open[name]

    async def learn_tokens(self, chain: OpenChain) -> None:
        """Let a chain know the tokens of the routes, if it is time to look at them again; it forgets none."""
        if time.monotonic() < chain.next_tokens:
            return
        chain.next_tokens = time.monotonic() + TOKENS_INTERVAL
        spec = with_route_tokens(chain.spec, await self._tokens_of(chain.spec.name))
        if spec.route_tokens == chain.spec.route_tokens:
            return
        _log.info("tokens of the routes", chain=spec.name, tokens=[token.symbol for token in spec.route_tokens])
        before, chain.reader = chain.reader, self._open_reader(spec)
        chain.spec, chain.renames = spec, True
        await before.aclose()

    async def aclose(self) -> None:
        """Close every reader."""
        for chain in self._open.values():
            await chain.reader.aclose()


async def no_tokens(_: str) -> Iterable[KnownToken]:
    """Return no token of any chain."""
    return ()
