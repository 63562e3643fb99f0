"""Which provider of a chain is asked next: the first in the configured order that is not in its cooldown."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from baton.chains.deposits import Deposit, Reader, Scan, Watch
from baton.chains.errors import UNREADABLE, ChainError, WrongChain
from baton.chains.provider_state import ProviderState

T = TypeVar("T")

COOLDOWN = 300.0
"""Seconds after a failure during which the other providers are asked first."""


class _Candidate:
    def __init__(self, reader: Reader, name: str) -> None:
        self.reader = reader
        self.name = name
        self.cooldown_ends = 0.0
        self.error: ChainError | None = None

    def state(self, now: float) -> ProviderState:
        resting = max(self.cooldown_ends - now, 0.0)
        excluded = isinstance(self.error, WrongChain)
        error = self.error.message if self.error and (resting or excluded) else None
        return ProviderState(name=self.name, resting_seconds=round(resting, 1), excluded=excluded, error=error)


class FailoverReader:
    """Reads a chain through the first of several readers that answers.

    A reader that failed goes into a cooldown; during it, the reader is asked only if no other answers. Every reader
    understands the others' cursors, so a switch loses nothing. A provider of another chain is excluded for good.

    Args:
        readers: In order of preference, at least one.
        cooldown: Seconds of cooldown after a failure; longer if the provider asks for it.
        clock: A monotonic clock, in seconds.
        names: What the providers are called, in the same order; by default they are numbered.
    """

    def __init__(
        self,
        readers: Sequence[Reader],
        *,
        cooldown: float = COOLDOWN,
        clock: Callable[[], float] = time.monotonic,
        names: Sequence[str] = (),
    ) -> None:
        named = names or [f"provider {number}" for number in range(1, len(readers) + 1)]
        self._all = [_Candidate(reader, name) for reader, name in zip(readers, named, strict=True)]
        self._candidates = [*self._all]
        self._readers = tuple(readers)
        self._cooldown = cooldown
        self._clock = clock
        self._excluded: list[WrongChain] = []
        self._next_second_opinion = 0.0

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Scan through the first reader that answers; see `Reader.scan`.

        A scan that leaves every address unread, or stepped over something it could not read, counts as a failure as
        long as another reader can be asked; if none does better, it is returned.

        Raises:
            ChainError: No reader answered. It is the last reader's error, with the shortest wait that any asked for.
        """
        addresses = {watch.address for watch in watches}
        partial: list[Scan] = []

        async def scan(reader: Reader) -> Scan:
            result = await reader.scan(watches, cursor)
            if addresses and addresses <= result.unread:
                partial.append(result)
                raise ChainError("unread", "the provider lags behind what was read before")
            if result.stepped_over and self._clock() >= self._next_second_opinion:
                partial.insert(0, result)
                raise ChainError(UNREADABLE, "the provider's answers hold something that cannot be read")
            return result

        try:
            return await self._first(scan)
        except ChainError:
            if not partial:
                raise
            # The others cannot read it either, so they are not asked again at every scan.
            self._next_second_opinion = self._clock() + self._cooldown
            return partial[0]

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Read one deposit again through the first reader that answers; see `Reader.recheck`.

        Raises:
            ChainError: No reader answered.
        """
        return await self._first(lambda reader: reader.recheck(deposit))

    async def aclose(self) -> None:
        """Close the connections of every reader."""
        for reader in self._readers:
            await reader.aclose()

    def states(self) -> list[ProviderState]:
        """Return how each provider is doing, in the order of preference."""
        now = self._clock()
        return [candidate.state(now) for candidate in self._all]

    async def _first(self, call: Callable[[Reader], Awaitable[T]]) -> T:
        errors: list[ChainError] = list(self._excluded)
        for candidate in self._in_order():
            try:
                result = await call(candidate.reader)
            except WrongChain as error:
                self._candidates.remove(candidate)
                self._excluded.append(error)
                candidate.error = error
                errors.append(error)
            except ChainError as error:
                candidate.cooldown_ends = self._clock() + max(self._cooldown, error.retry_after or 0.0)
                candidate.error = error
                errors.append(error)
            else:
                candidate.cooldown_ends, candidate.error = 0.0, None
                return result
        raise _last_with_shortest_wait(errors)

    def _in_order(self) -> list[_Candidate]:
        """Return the ready readers in order of preference, then the others, the shortest remaining cooldown first."""
        now = self._clock()
        ready = [candidate for candidate in self._candidates if candidate.cooldown_ends <= now]
        cooling = [candidate for candidate in self._candidates if candidate.cooldown_ends > now]
        return ready + sorted(cooling, key=lambda candidate: candidate.cooldown_ends)


def _last_with_shortest_wait(errors: Sequence[ChainError]) -> ChainError:
    last = errors[-1]
    waits = [error.retry_after for error in errors if error.retry_after is not None]
    last.retry_after = min(waits, default=None)
    return last
