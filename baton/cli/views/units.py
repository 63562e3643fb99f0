"""Amounts in whole units beside the smallest ones, if the routes state an asset's decimals. Pure and exact."""

from baton.cli.views.values import amount, clean
from baton.encoding.units import whole
from baton.orchestra.rules.objections import Routes


def decimals_by_asset(routes: Routes | None) -> dict[str, int]:
    """Return the decimals of each asset (`chain:asset`), where the routes state them."""
    if routes is None:
        return {}
    return routes.decimals


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
