"""Routes between two assets: which exist, their direction, their fee, and the happy path of their orders.

Everything is derived from the asset table, so a new asset gets its routes automatically. Source of the happy paths: the
partner API reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from baton.local.sandbox.engine.assets import ASSETS, Asset, Kind, SandboxFamily
from baton.local.sandbox.errors import ApiError
from baton.orchestra.lifecycle import Status


class Direction(StrEnum):
    """Directions of a route, by which side is bitcoin. They decide the fee and the side it is taken on."""

    BUY = "buy"
    SELL = "sell"
    PASSTHROUGH = "passthrough"
    XCHAIN = "xchain"


PLATFORM_FEE_BPS: Mapping[Direction, int] = {
    Direction.BUY: 10,
    Direction.SELL: 10,
    Direction.PASSTHROUGH: 5,
    Direction.XCHAIN: 5,
}


@dataclass(frozen=True)
class SandboxRoute:
    """A pair of a source asset and a destination asset."""

    source: Asset
    destination: Asset

    @property
    def direction(self) -> Direction:
        """Return the direction of the trade."""
        match (self.source.kind is Kind.BTC, self.destination.kind is Kind.BTC):
            case (True, True):
                return Direction.PASSTHROUGH
            case (True, False):
                return Direction.SELL
            case (False, True):
                return Direction.BUY
            case _:
                return Direction.XCHAIN

    @property
    def platform_fee_bps(self) -> int:
        """Return the platform's fee in basis points."""
        return PLATFORM_FEE_BPS[self.direction]

    @property
    def fee_asset(self) -> Asset:
        """Return the asset that fees are taken in: the output of a sale, the input otherwise."""
        return self.destination if self.direction is Direction.SELL else self.source

    @property
    def exact_out_eligible(self) -> bool:
        """Whether a quote may fix the output, so that the input is computed."""
        if self.destination.chain.family is SandboxFamily.LIGHTNING:
            return True
        from_payment = self.source.chain.family in (SandboxFamily.BITCOIN, SandboxFamily.LIGHTNING)
        return from_payment and self.destination.kind is Kind.STABLE

    @property
    def display(self) -> list[str]:
        """Return the assets that an order passes through, as the API lists them."""
        source, destination = self.source, self.destination
        if source.symbol == destination.symbol:
            return [f"{asset.chain.name}:{asset.symbol}" for asset in (source, destination)]
        middle = ["USDB"] if Kind.BTC in (source.kind, destination.kind) else []
        steps = [source.symbol, *middle, destination.symbol]
        return [step for i, step in enumerate(steps) if i == 0 or step != steps[i - 1]]

    @property
    def path(self) -> tuple[Status, ...]:
        """Return the happy path: the statuses of an order without problems."""
        swap = [] if self.source.symbol == self.destination.symbol else [Status.SWAPPING]
        if self.source.chain.is_foreign:
            middle = [Status.BRIDGING, *swap]
        else:
            bridge = [Status.BRIDGING] if self.destination.chain.is_foreign else []
            middle = [*swap, *bridge]
        waits = self.source.chain.family in (SandboxFamily.BITCOIN, SandboxFamily.LIGHTNING)
        confirm = [Status.CONFIRMING] if waits else []
        return (Status.PROCESSING, *confirm, *middle, Status.DELIVERING, Status.COMPLETED)


def find_route(source: tuple[str, str], destination: tuple[str, str]) -> SandboxRoute:
    """Return the route between two (chain, asset) pairs.

    Raises:
        ApiError: `unsupported_route`.
    """
    source_asset, destination_asset = ASSETS.get(source), ASSETS.get(destination)
    if source_asset is None or destination_asset is None or source == destination:
        names = f"{':'.join(source)} -> {':'.join(destination)}"
        raise ApiError("unsupported_route", f"{names} is not a route; GET /v1/orchestration/routes lists them")
    return SandboxRoute(source_asset, destination_asset)


def all_routes() -> list[SandboxRoute]:
    """Return every route."""
    return [SandboxRoute(a, b) for a in ASSETS.values() for b in ASSETS.values() if a is not b]


def asset_details(asset: Asset) -> dict[str, Any]:
    """Return an asset as the API describes it."""
    return {
        "chain": asset.chain.name,
        "asset": asset.symbol,
        "contractAddress": asset.contract,
        "decimals": asset.decimals,
        "chainId": asset.chain.chain_id,
        "assetDisplayName": asset.symbol,
        "assetDisplaySymbol": asset.symbol,
        "chainDisplayName": asset.chain.title,
        "chainIcon": f"/chain-{asset.chain.name}.svg",
    }


def route_entry(route: SandboxRoute) -> dict[str, Any]:
    """Return a route as `GET /v1/orchestration/routes` lists it."""
    return {
        "sourceChain": route.source.chain.name,
        "sourceAsset": route.source.symbol,
        "destinationChain": route.destination.chain.name,
        "destinationAsset": route.destination.symbol,
        "exactOutEligible": route.exact_out_eligible,
        "fixedEligible": False,
        "source": asset_details(route.source),
        "destination": asset_details(route.destination),
    }
