"""Routes and limits as tables. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import table
from baton.cli.views.units import whole_units
from baton.cli.views.values import NOTHING, clean
from baton.orchestra.rules.limits import ModeLimits, Notional, RouteLimits
from baton.orchestra.rules.route_pairs import Pair

_ANSWERS = {True: "yes", False: "no", None: NOTHING}


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
