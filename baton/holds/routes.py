"""Routes as operators name them: a source, a destination or both, each a chain with or without an asset. Pure."""

import re
from typing import NamedTuple, Self

WRITE_IT = "write CHAIN, CHAIN/ASSET, or two of them with > between, such as base/USDC>spark/BTC"
"""How a route is written."""

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_END = re.compile(rf"({_NAME})(?:[/:]({_NAME}))?")


class RouteEnd(NamedTuple):
    """One end of a route; an end without an asset means every asset of the chain."""

    chain: str
    asset: str | None = None

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the end that a text names, such as `base` or `base/USDC`; None for an empty text.

        Raises:
            ValueError: It names none.
        """
        if not text.strip():
            return None
        found = _END.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text.strip()[:100]!r} is no end of a route; {WRITE_IT}")
        return cls(found[1].lower(), found[2])

    def covers(self, other: Self | None) -> bool:
        """Whether everything that comes from or goes to the other end does so with this one too.

        What is not known of the other end counts as covered: a call that may be meant must not be made.
        """
        if other is None:
            return True
        same_asset = None in (self.asset, other.asset) or str(self.asset).lower() == str(other.asset).lower()
        return self.chain == other.chain and same_asset

    def __str__(self) -> str:
        return f"{self.chain}:{self.asset}" if self.asset else self.chain


class RouteScope(NamedTuple):
    """What a hold covers of the routes; an end that is None means every one."""

    source: RouteEnd | None
    destination: RouteEnd | None

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the routes that a text names, such as `base`, `base/USDC>spark/BTC`, or `>spark`.

        Raises:
            ValueError: It names none.
        """
        source, arrow, destination = text.replace("→", ">").replace("->", ">").partition(">")
        found = cls(RouteEnd.read(source), RouteEnd.read(destination))
        if found == (None, None) or (arrow and found.destination is None):
            raise ValueError(f"{text.strip()[:100]!r} is no route; {WRITE_IT}")
        return found

    def covers(self, route: str | None) -> bool:
        """Whether a hold on these routes covers an order; one whose route is not known is covered.

        Args:
            route: The order's route, such as `base:USDC>spark:BTC`.
        """
        source, destination = _ends(route)
        return _covers(self.source, source) and _covers(self.destination, destination)

    def __str__(self) -> str:
        return f"{self.source or ''}{f'>{self.destination}' if self.destination else ''}"


def _ends(route: str | None) -> tuple[RouteEnd | None, RouteEnd | None]:
    source, _, destination = (route or "").partition(">")
    return _end(source), _end(destination)


def _end(text: str) -> RouteEnd | None:
    """Return an end of an order's route; its chain and asset may be any text."""
    chain, _, asset = text.partition(":")
    return RouteEnd(chain.lower(), asset or None) if chain else None


def _covers(wanted: RouteEnd | None, end: RouteEnd | None) -> bool:
    return wanted is None or wanted.covers(end)
