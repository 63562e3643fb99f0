"""Which assets can be exchanged: the API's two route lists, and what they say about a request. Pure.

The first generation lists every pair of assets, the second every asset with the set of its destinations.
Source: the partner API reference, routes.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from baton.encoding.suggestions import closest
from baton.encoding.units import is_plausible
from baton.orchestra.models import Document, QuoteRequest, Text, Wire
from baton.orchestra.tolerant_fields import TolerantCount, TolerantFlag, optional, readable

TO = "to"
EXACT_OUT_TO = "exactOutTo"
FIXED_TO = "fixedTo"


class Eligibility(NamedTuple):
    """Whether a pair of assets supports exact-out orders and fixed delivery; None where the API does not say."""

    exact_out: bool | None
    fixed: bool | None


class ListedContract(NamedTuple):
    """A token by the routes: its contract, mint or identifier on a chain, as the API spells it."""

    chain: str
    asset: str
    contract: str
    decimals: int | None


class AssetDetails(Wire):
    """One side of a pair. A native asset has no contract address."""

    chain: str
    asset: str
    decimals: TolerantCount = None
    contract_address: Text = None
    chain_id: Text = None
    asset_display_name: Text = None
    asset_display_symbol: Text = None
    chain_display_name: Text = None
    chain_icon: Text = None


class RoutePair(Wire):
    """One pair of `GET /v1/orchestration/routes`."""

    source_chain: str
    source_asset: str
    destination_chain: str
    destination_asset: str
    exact_out_eligible: TolerantFlag = None
    fixed_eligible: TolerantFlag = None
    source: Annotated[AssetDetails | None, optional(AssetDetails)] = None
    destination: Annotated[AssetDetails | None, optional(AssetDetails)] = None

    @property
    def ends(self) -> tuple[str, str]:
        """Source and destination, each as `chain:asset`."""
        return f"{self.source_chain}:{self.source_asset}", f"{self.destination_chain}:{self.destination_asset}"


class RouteList(Wire):
    """Answer of `GET /v1/orchestration/routes`; pairs that cannot be read are left out."""

    routes: Annotated[list[RoutePair], readable(RoutePair)]

    @property
    def is_empty(self) -> bool:
        """Whether the list is empty, which says nothing about any pair."""
        return not self.routes

    @property
    def contracts(self) -> list[ListedContract]:
        """Every token with a contract that a pair names, once."""
        sides = (side for pair in self.routes for side in (pair.source, pair.destination) if side)
        listed = (
            ListedContract(side.chain, side.asset, side.contract_address, side.decimals)
            for side in sides
            if side.contract_address
        )
        return list(dict.fromkeys(listed))

    @property
    def names(self) -> list[str]:
        """Every asset as `chain:asset`, once."""
        return list(dict.fromkeys(end for pair in self.routes for end in pair.ends))

    @cached_property
    def decimals(self) -> dict[str, int]:
        """Decimals by `chain:asset`, and by a bare symbol that has the same on every chain."""
        sides = (side for pair in self.routes for side in (pair.source, pair.destination) if side)
        return _decimals((side.chain, side.asset, side.decimals) for side in sides)

    def pair(self, source: str, destination: str) -> RoutePair | None:
        """Return the pair of two assets, each as `chain:asset`; None when it cannot be exchanged."""
        return next((pair for pair in self.routes if pair.ends == (source, destination)), None)

    def eligibility(self, source: str, destination: str) -> Eligibility | None:
        """Return what the pair supports; None when it cannot be exchanged."""
        pair = self.pair(source, destination)
        return None if pair is None else Eligibility(pair.exact_out_eligible, pair.fixed_eligible)

    def destinations(self, source: str) -> list[str]:
        """Return the assets that an asset can be exchanged for, as `chain:asset`."""
        return [pair.ends[1] for pair in self.routes if pair.ends[0] == source]


class RouteAsset(Wire):
    """One asset of `GET /v2/orchestration/routes`. `route` has its destinations, as sets of `chain:asset`."""

    id: str = Field(min_length=1)
    chain: str
    asset: str
    decimals: int = Field(ge=0)
    contract_address: Text = None
    chain_id: Text = None
    asset_display_name: Text = None
    asset_display_symbol: Text = None
    chain_display_name: Text = None
    chain_icon: Text = None
    route: Document = None


class RouteCatalogue(Wire):
    """Answer of `GET /v2/orchestration/routes`; assets that cannot be read are left out."""

    assets: Annotated[list[RouteAsset], readable(RouteAsset)] = Field(default=[])

    @property
    def is_empty(self) -> bool:
        """Whether the list is empty, which says nothing about any pair."""
        return not self.assets

    @property
    def contracts(self) -> list[ListedContract]:
        """Every token with a contract, once."""
        listed = (
            ListedContract(asset.chain, asset.asset, asset.contract_address, asset.decimals)
            for asset in self.assets
            if asset.contract_address
        )
        return list(dict.fromkeys(listed))

    @property
    def names(self) -> list[str]:
        """Every asset as `chain:asset`."""
        return [asset.id for asset in self.assets]

    @cached_property
    def decimals(self) -> dict[str, int]:
        """Decimals by `chain:asset`, and by a bare symbol that has the same on every chain."""
        return _decimals((asset.chain, asset.asset, asset.decimals) for asset in self.assets)

    def asset(self, name: str) -> RouteAsset | None:
        """Return the asset of that name (`chain:asset`), or None."""
        return next((asset for asset in self.assets if asset.id == name), None)

    def eligibility(self, source: str, destination: str) -> Eligibility | None:
        """Return what the pair supports; None when it cannot be exchanged."""
        asset = self.asset(source)
        if asset is None or self.asset(destination) is None or not reaches(asset, destination):
            return None
        return Eligibility(reaches(asset, destination, EXACT_OUT_TO), reaches(asset, destination, FIXED_TO))

    def destinations(self, source: str) -> list[str]:
        """Return the assets that an asset can be exchanged for, as `chain:asset`."""
        asset = self.asset(source)
        return [] if asset is None else [other.id for other in self.assets if reaches(asset, other.id)]


def _decimals(stated: Iterable[tuple[str, str, int | None]]) -> dict[str, int]:
    """Return the decimals that are stated without contradiction; a symbol counts only if every chain agrees on it."""
    found: dict[str, set[int | None]] = {}
    for chain, asset, decimals in stated:
        found.setdefault(f"{chain}:{asset}", set()).add(decimals)
        found.setdefault(asset, set()).add(decimals)
    certain = {name: next(iter(values)) for name, values in found.items() if len(values) == 1}
    return {name: decimals for name, decimals in certain.items() if decimals is not None and is_plausible(decimals)}


def _texts(value: Any) -> list[str] | None:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else None


def reaches(asset: RouteAsset, destination: str, which: str = TO) -> bool:
    """Whether one of an asset's sets contains a destination.

    Args:
        asset: The source asset, with its sets.
        destination: The destination asset as `chain:asset`.
        which: `to` for any order; `exactOutTo` and `fixedTo` for orders of those kinds.
    """
    members = (asset.route or {}).get(which)
    if members == "all":
        return True
    listed = _texts(members)
    if listed is not None:
        return destination in listed
    excepted = _texts(members.get("except")) if isinstance(members, dict) else None
    return excepted is not None and destination not in excepted


def route_objection(routes: RouteList | RouteCatalogue, request: QuoteRequest) -> str | None:
    """Return why a request cannot be quoted, in one sentence with the remedy; None when there is no objection.

    An empty list objects to nothing: it is more likely a fault than a service without routes.
    """
    source = f"{request.source_chain}:{request.source_asset}"
    destination = f"{request.destination_chain}:{request.destination_asset}"
    eligibility = routes.eligibility(source, destination)
    if eligibility is None:
        return None if routes.is_empty else _no_route(routes, source, destination)
    if request.amount_mode == "exact_out" and eligibility.exact_out is False:
        return f"amountMode exact_out is not offered from {source} to {destination}; use exact_in"
    if request.delivery_mode == "fixed" and eligibility.fixed is False:
        return f"deliveryMode fixed is not offered from {source} to {destination}; leave it out"
    return None


def _no_route(routes: RouteList | RouteCatalogue, source: str, destination: str) -> str:
    others = routes.destinations(source)
    if not others:
        remedy = _meant(source, routes) or "asset names are case-sensitive"
        return f"sourceChain and sourceAsset: {source} cannot be exchanged; {remedy}"
    if meant := _meant(destination, routes):
        return f"destinationChain and destinationAsset: there is no {destination}; {meant}"
    some = ", ".join(sorted(others)[:5])
    return f"destinationChain and destinationAsset: {source} cannot become {destination}; it can become {some}" + (
        f" and {len(others) - 5} more" if len(others) > 5 else ""
    )


def _meant(name: str, routes: RouteList | RouteCatalogue) -> str | None:
    """Return the question whether another asset was meant by one that is not listed; None if none is close."""
    known = set(routes.names)
    chain, _, asset = name.partition(":")
    near = closest(chain, {known_name.partition(":")[0] for known_name in known})
    symbol = closest(asset, {known_name.partition(":")[2] for known_name in known if known_name.startswith(f"{near}:")})
    meant = f"{near}:{symbol}"
    return f"did you mean {meant}?" if name not in known and meant in known else None
