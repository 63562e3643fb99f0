"""Amounts in whole units beside the smallest ones, if the routes state an asset's decimals. Pure and exact."""

from baton.cli.views.values import amount, clean
from baton.encoding.units import is_plausible, whole
from baton.orchestra.rules.objections import Routes
from baton.orchestra.rules.routes import RouteCatalogue


def decimals_by_asset(routes: Routes | None) -> dict[str, int]:
    """Return the decimals of each asset (`chain:asset`), where the routes state them."""
    if routes is None:
        return {}
    if isinstance(routes, RouteCatalogue):
        stated = {asset.id: asset.decimals for asset in routes.assets}
    else:
        sides = [side for pair in routes.routes for side in (pair.source, pair.destination) if side]
        stated = {f"{side.chain}:{side.asset}": side.decimals for side in sides if side.decimals is not None}
    return {name: decimals for name, decimals in stated.items() if is_plausible(decimals)}


def both_units(value: int | None, symbol: str | None, decimals: int | None) -> str | None:
    """Return an amount as `100 USDC (100000000 smallest units)`; in smallest units only if decimals are unknown."""
    if value is None or decimals is None:
        return amount(value, symbol)
    return f"{whole_units(value, symbol, decimals)} ({value} smallest units)"


def whole_units(value: int | None, symbol: str | None, decimals: int | None) -> str | None:
    """Return an amount as `100 USDC`; in smallest units if decimals are unknown."""
    if value is None or decimals is None:
        return amount(value, symbol)
    return f"{whole(value, decimals)} {clean(symbol or '')}".rstrip()
