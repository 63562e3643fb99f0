"""Names in a hold that no catalogue of chains has: one may be misspelt, so that the hold stops nothing. Pure."""

from collections.abc import Collection, Mapping
from typing import Protocol

from baton.holds.models import Hold
from baton.holds.routes import RouteEnd, RouteScope

_ELSEWHERE = {"lightning": {"BTC"}}
"""Chains of Orchestra that no catalogue has, because nobody can watch them."""


class Chain(Protocol):
    """A chain of the catalogue."""

    @property
    def native(self) -> str:
        """The symbol of the chain's own coin."""

    @property
    def tokens(self) -> Mapping[str, object]:
        """Its tokens by symbol."""


def assets_of(chains: Mapping[str, Chain]) -> dict[str, set[str]]:
    """Return the assets of each chain of a catalogue."""
    return {name: {chain.native, *chain.tokens} for name, chain in chains.items()}


def unknown_names(hold: Hold, known: Mapping[str, Collection[str]]) -> list[str]:
    """Return what a hold names and nobody knows, such as `chain bse` or `asset UDSC on base`.

    Args:
        hold: The hold.
        known: The assets of each chain.
    """
    scope = RouteScope.read(hold.route) if hold.route is not None else ()
    return [name for end in scope if end is not None and (name := _unknown(end, {**known, **_ELSEWHERE}))]


def _unknown(end: RouteEnd, known: Mapping[str, Collection[str]]) -> str | None:
    if end.chain not in known:
        return f"chain {end.chain}"
    assets = {asset.lower() for asset in known[end.chain]}
    return f"asset {end.asset} on {end.chain}" if end.asset and end.asset.lower() not in assets else None
