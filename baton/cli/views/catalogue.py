"""Routes and limits as tables. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import table
from baton.cli.views.units import whole_units
from baton.cli.views.values import NOTHING, clean
from baton.orchestra.rules.limits import ModeLimits, Notional, RouteLimits
from baton.orchestra.rules.objections import Routes
from baton.orchestra.rules.routes import EXACT_OUT_TO, FIXED_TO, RouteList, reaches

_ANSWERS = {True: "yes", False: "no", None: NOTHING}


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


def route_document(pair: Pair, decimals: Mapping[str, int]) -> dict[str, Any]:
    """Return a route as JSON."""
    return {
        "source": pair.source,
        "destination": pair.destination,
        "exact_out": pair.exact_out,
        "fixed": pair.fixed,
        "source_decimals": decimals.get(pair.source),
        "destination_decimals": decimals.get(pair.destination),
    }


def pairs_table(routes: Sequence[Pair]) -> RenderableType:
    """Return a table of routes."""
    lines = table("from", "to", "exact out", "fixed")
    for pair in routes:
        able = (_ANSWERS[pair.exact_out], _ANSWERS[pair.fixed])
        lines.add_row(*(Text(clean(cell)) for cell in (pair.source, pair.destination, *able)))
    return lines


def overview_table(routes: Sequence[Pair], decimals: Mapping[str, int]) -> RenderableType:
    """Return a table of assets with the number of routes from and to each."""
    outgoing, incoming = Counter(pair.source for pair in routes), Counter(pair.destination for pair in routes)
    lines = table("asset", "decimals", "routes from", "routes to")
    for name in sorted({*outgoing, *incoming}):
        cells = (name, decimals.get(name, NOTHING), outgoing[name], incoming[name])
        lines.add_row(*(Text(clean(str(cell))) for cell in cells))
    return lines


def limits_table(routes: Sequence[RouteLimits], decimals: Mapping[str, int]) -> RenderableType:
    """Return a table of limits, a line for each amount mode that a route supports."""
    lines = table("from", "to", "amount mode", "minimum", "maximum", "worth, US dollars")
    for route in routes:
        for cells in _limit_rows(route, decimals):
            lines.add_row(*(Text(clean(cell)) for cell in cells))
    return lines


def _limit_rows(route: RouteLimits, decimals: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    source = f"{route.source_chain}:{route.source_asset}"
    destination = f"{route.destination_chain}:{route.destination_asset}"
    if route.limits is None:
        return
    notional = route.limits.order_notional_usd
    sides = (
        ("exact_in", route.limits.exact_in, source),
        ("exact_out", route.limits.exact_out, destination),
    )
    for mode, limits, asset in sides:
        if limits is not None and limits.supported is not False:
            yield source, destination, mode, *_bounds(limits, asset, decimals.get(asset)), _worth(notional)


def _bounds(limits: ModeLimits, asset: str, decimals: int | None) -> tuple[str, str]:
    symbol, bounds = asset.partition(":")[2], limits.request_amount
    if bounds is None:
        return NOTHING, NOTHING
    minimum = whole_units(bounds.min_amount_smallest, symbol, decimals)
    maximum = whole_units(bounds.max_amount_smallest, symbol, decimals)
    return minimum or NOTHING, maximum or NOTHING


def _worth(notional: Notional | None) -> str:
    if notional is None:
        return NOTHING
    return f"{_dollars(notional.min_cents)} to {_dollars(notional.max_cents)}"


def _dollars(cents: int | None) -> str:
    return "?" if cents is None else f"{cents // 100}.{cents % 100:02d}"
