"""Several providers of one chain: the first that answers is used, and the first in order is preferred."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from baton.chains.deposits import Deposit, Reader, Scan, Watch
from baton.chains.errors import ChainError, WrongChain

T = TypeVar("T")

RETURN_AFTER = 300.0
"""Seconds after which a provider that failed is tried again before the ones behind it."""


class _Place:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.rests_until = 0.0


class FailoverReader:
    """Reads a chain through the first of several readers that answers.

    A reader that failed rests; the ones that rest are still asked when no other answers. A cursor is good for all of
    them, so changing over loses nothing. A provider of another chain is put aside for good.

    Args:
        readers: In order of preference, at least one.
        return_after: Seconds that a reader rests after a failure; longer where its provider asks for it.
        clock: Seconds that only go up.
    """

    def __init__(
        self,
        readers: Sequence[Reader],
        *,
        return_after: float = RETURN_AFTER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = [_Place(reader) for reader in readers]
        self._all = tuple(readers)
        self._return_after = return_after
        self._clock = clock
        self._aside: list[WrongChain] = []

    @property
    def put_aside(self) -> tuple[str, ...]:
        """Return one sentence for each provider that serves another chain and is not asked any more."""
        return tuple(error.message for error in self._aside)

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        """Look for deposits through the first reader that answers; see `Reader.scan`.

        An answer that leaves every address unread counts as a failure as long as another reader can be asked.

        Raises:
            ChainError: No reader answered; the last one's error, with the shortest time that any asked to wait.
        """
        addresses = {watch.address for watch in watches}
        unread: Scan | None = None

        async def look(reader: Reader) -> Scan:
            nonlocal unread
            scan = await reader.scan(watches, cursor)
            if addresses and addresses <= scan.unread:
                unread = scan
                raise ChainError("unread", "the provider lags behind what was read before")
            return scan

        try:
            return await self._first(look)
        except ChainError:
            if unread is None:
                raise
            return unread

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        """Look at one deposit again through the first reader that answers; see `Reader.recheck`.

        Raises:
            ChainError: No reader answered.
        """
        return await self._first(lambda reader: reader.recheck(deposit))

    async def aclose(self) -> None:
        """Close the connections of every reader."""
        for reader in self._all:
            await reader.aclose()

    async def _first(self, look: Callable[[Reader], Awaitable[T]]) -> T:
        errors: list[ChainError] = list(self._aside)
        for place in self._in_order():
            try:
                found = await look(place.reader)
            except WrongChain as error:
                self._places.remove(place)
                self._aside.append(error)
                errors.append(error)
            except ChainError as error:
                place.rests_until = self._clock() + max(self._return_after, error.retry_after or 0.0)
                errors.append(error)
            else:
                place.rests_until = 0.0
                return found
        raise _told(errors)

    def _in_order(self) -> list[_Place]:
        now = self._clock()
        awake = [place for place in self._places if place.rests_until <= now]
        resting = sorted((place for place in self._places if place.rests_until > now), key=lambda one: one.rests_until)
        return awake + resting


def _told(errors: Sequence[ChainError]) -> ChainError:
    last = errors[-1]
    waits = [error.retry_after for error in errors if error.retry_after is not None]
    last.retry_after = min(waits, default=None)
    return last
