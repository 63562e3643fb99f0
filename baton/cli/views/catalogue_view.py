"""Routes and limits as tables. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from baton.cli.views.units import whole_units
from baton.cli.views.wording import NOTHING, clean
from baton.orchestra.rules.limits import ModeLimits, Notional, RouteLimits
from baton.orchestra.rules.objections import Routes
from baton.orchestra.rules.routes import EXACT_OUT_TO, FIXED_TO, RouteList, reaches

_ANSWERS = {True: "yes", False: "no", None: NOTHING}


class Pair(NamedTuple):
    """What can become what, each as `chain:asset`; None where the API does not say."""

    source: str
    destination: str
    exact_out: bool | None
    fixed: bool | None


class Wanted(NamedTuple):
    """Which routes are wanted; None sets no condition. Upper and lower case are alike here."""

    source: str | None
    destination: str | None
    search: str | None

    def holds(self, pair: Pair) -> bool:
        """Tell whether a route is wanted."""
        names = f"{pair.source} {pair.destination}".casefold()
        return (
            _is_at(pair.source, self.source)
            and _is_at(pair.destination, self.destination)
            and (self.search or "").casefold() in names
        )


def _is_at(name: str, wanted: str | None) -> bool:
    if wanted is None:
        return True
    place = name if ":" in wanted else name.partition(":")[0]
    return place.casefold() == wanted.casefold()


def pairs(routes: Routes) -> Iterator[Pair]:
    """Yield every route of a list of either generation."""
    if isinstance(routes, RouteList):
        for pair in routes.routes:
            yield Pair(*pair.ends, pair.exact_out_eligible, pair.fixed_eligible)
        return
    for asset in routes.assets:
        # A set may be `all`, which does not mean the asset itself.
        others = [name for name in routes.destinations(asset.id) if name != asset.id]
        for name in others:
            yield Pair(asset.id, name, reaches(asset, name, EXACT_OUT_TO), reaches(asset, name, FIXED_TO))


def route_document(pair: Pair, decimals: Mapping[str, int]) -> dict[str, Any]:
    """Return a route for programs."""
    return {
        "source": pair.source,
        "destination": pair.destination,
        "exact_out": pair.exact_out,
        "fixed": pair.fixed,
        "source_decimals": decimals.get(pair.source),
        "destination_decimals": decimals.get(pair.destination),
    }


def pairs_table(found: Sequence[Pair]) -> RenderableType:
    """Return a table of routes."""
    table = _table("from", "to", "exact out", "fixed")
    for pair in found:
        able = (_ANSWERS[pair.exact_out], _ANSWERS[pair.fixed])
        table.add_row(*(Text(clean(cell)) for cell in (pair.source, pair.destination, *able)))
    return table


def overview_table(found: Sequence[Pair], decimals: Mapping[str, int]) -> RenderableType:
    """Return a table of assets: how many others each becomes, and how many become it."""
    onward, back = Counter(pair.source for pair in found), Counter(pair.destination for pair in found)
    table = _table("asset", "decimals", "becomes", "made from")
    for name in sorted({*onward, *back}):
        cells = (name, decimals.get(name, NOTHING), onward[name], back[name])
        table.add_row(*(Text(clean(str(cell))) for cell in cells))
    return table


def limits_table(routes: Sequence[RouteLimits], decimals: Mapping[str, int]) -> RenderableType:
    """Return a table of limits, a line for each amount mode that a route offers."""
    table = _table("from", "to", "amount mode", "least", "most", "worth, US dollars")
    for route in routes:
        for cells in _limit_rows(route, decimals):
            table.add_row(*(Text(clean(cell)) for cell in cells))
    return table


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
    symbol, told = asset.partition(":")[2], limits.request_amount
    if told is None:
        return NOTHING, NOTHING
    least = whole_units(told.min_amount_smallest, symbol, decimals)
    most = whole_units(told.max_amount_smallest, symbol, decimals)
    return least or NOTHING, most or NOTHING


def _worth(told: Notional | None) -> str:
    if told is None:
        return NOTHING
    return f"{_dollars(told.min_cents)} to {_dollars(told.max_cents)}"


def _dollars(cents: int | None) -> str:
    return "?" if cents is None else f"{cents // 100}.{cents % 100:02d}"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
