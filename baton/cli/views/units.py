"""Amounts in whole units beside the smallest ones, if the routes state an asset's decimals. Pure and exact."""

from typing import TYPE_CHECKING

from baton.chains.decimals import decimals_of
from baton.cli.views.values import amount, clean
from baton.encoding.units import whole
from baton.orchestra.rules.objections import Routes

if TYPE_CHECKING:
    from baton.orders.amounts import AssetAmount
    from baton.orders.answers import Snapshot


def decimals_by_asset(routes: Routes | None) -> dict[str, int]:
    """Return the decimals of each asset (`chain:asset`), where the routes state them."""
    if routes is None:
        return {}
    return routes.decimals


def shown(amount: "AssetAmount | None") -> str | None:
    """Return an amount with its asset, in whole and in smallest units; None if there is no amount."""
    return None if amount is None else both_units(amount.amount, amount.asset, amount.decimals)


def in_source(order: "Snapshot", value: int | None) -> str | None:
    """Return an amount of an order's source asset."""
    return both_units(value, order.source_asset, order.source_decimals)


def in_destination(order: "Snapshot", value: int | None) -> str | None:
    """Return an amount of an order's destination asset."""
    return both_units(value, order.destination_asset, order.destination_decimals)


def decimals_in(order: "Snapshot", chain: str | None, asset: str | None) -> int | None:
    """Return the decimals of an asset that an order's record names; None where they are not known."""
    fee = order.amounts.fee
    known: dict[tuple[str | None, str], int | None] = {
        (order.source_chain, order.source_asset): order.source_decimals,
        (order.destination_chain, order.destination_asset): order.destination_decimals,
        **({(fee.chain, fee.asset): fee.decimals} if fee else {}),
    }
    if chain is None or asset is None:
        return None
    stated = known.get((chain, asset))
    return decimals_of(chain, asset) if stated is None else stated


def order_decimals(routes: Routes | None, *names: str) -> dict[str, int]:
    """Return what the routes say of all assets, and the shipped catalogue of those named as `chain:asset`."""
    by_catalogue = {name: decimals_of(*name.split(":", 1)) for name in names if ":" in name}
    return {name: known for name, known in by_catalogue.items() if known is not None} | decimals_by_asset(routes)


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
