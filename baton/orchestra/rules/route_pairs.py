"""Routes as pairs of assets, from a list in either format of the API, and which of them are asked for. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import BaseModel

from baton.orchestra.rules.objections import Routes
from baton.orchestra.rules.routes import EXACT_OUT_TO, FIXED_TO, RouteList, reaches


class Pair(NamedTuple):
    """One route, its ends as `chain:asset`; `exact_out` and `fixed` are None if the API does not say."""

    source: str
    destination: str
    exact_out: bool | None
    fixed: bool | None


class RouteFilter(NamedTuple):
    """Which routes to list; None sets no condition. Case does not matter."""

    source: str | None
    destination: str | None
    search: str | None

    def matches(self, pair: Pair) -> bool:
        """Whether the route passes the filter."""
        names = f"{pair.source} {pair.destination}".casefold()
        return (
            _is_at(pair.source, self.source)
            and _is_at(pair.destination, self.destination)
            and (self.search or "").casefold() in names
        )


def _is_at(name: str, end: str | None) -> bool:
    """Whether `chain:asset` is the given end: a chain, or a chain with an asset."""
    if end is None:
        return True
    compared = name if ":" in end else name.partition(":")[0]
    return compared.casefold() == end.casefold()


def pairs(routes: Routes) -> Iterator[Pair]:
    """Yield every route of a list in either format of the API."""
    if isinstance(routes, RouteList):
        for pair in routes.routes:
            yield Pair(*pair.ends, pair.exact_out_eligible, pair.fixed_eligible)
        return
    for asset in routes.assets:
        # The destinations may be `all`, which does not include the asset itself.
        others = [name for name in routes.destinations(asset.id) if name != asset.id]
        for name in others:
            yield Pair(asset.id, name, reaches(asset, name, EXACT_OUT_TO), reaches(asset, name, FIXED_TO))


class RouteLine(BaseModel):
    """One route; `exact_out` and `fixed` are None if the API does not say."""

    source: str
    destination: str
    exact_out: bool | None
    fixed: bool | None
    source_decimals: int | None
    destination_decimals: int | None


def route_line(pair: Pair, decimals: Mapping[str, int]) -> RouteLine:
    """Return a route as programs read it."""
    return RouteLine(
        **pair._asdict(),
        source_decimals=decimals.get(pair.source),
        destination_decimals=decimals.get(pair.destination),
    )
