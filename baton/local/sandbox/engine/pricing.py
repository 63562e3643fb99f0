"""The price of an order, in integers. Pure.

Rules of the partner API reference: every division rounds down; the platform's fee is taken first, and app fees from the
rest; the platform keeps a fifth of each app fee; sales into a dollar on another chain are delivered in whole cents.
Always `total_fee == fee + rounding_fee + app_fee_amount`, all in the fee asset.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from baton.local.sandbox.engine.assets import DOLLAR, INPUT_BUFFER_BPS, PLATFORM_CUT_PERCENT, Asset, Kind
from baton.local.sandbox.engine.routes import Direction, SandboxRoute

BPS = 10_000
Prices = Mapping[str, int]
"""Price of one whole asset in millionths of a dollar, by symbol."""


@dataclass(frozen=True)
class PricedAppFee:
    """A fee for the partner or an affiliate, in basis points of the amount after the platform's fee."""

    recipient: str
    bps: int
    affiliate_id: str | None = None


@dataclass(frozen=True)
class ChargedFee:
    """An app fee in the fee asset's smallest unit."""

    fee: PricedAppFee
    amount: int

    @property
    def platform_cut(self) -> int:
        """Return the platform's share."""
        return self.amount * PLATFORM_CUT_PERCENT // 100


@dataclass(frozen=True)
class Price:
    """A priced order. Amounts in smallest units; fees in the fee asset's."""

    amount_in: int
    amount_out: int
    fee_bps: int
    fee: int
    fee_asset: Asset
    rounding_fee: int = 0
    app_fees: tuple[ChargedFee, ...] = ()

    @property
    def app_fee_amount(self) -> int:
        """Return the sum of the app fees."""
        return sum(fee.amount for fee in self.app_fees)

    @property
    def platform_cut(self) -> int:
        """Return the platform's share of the app fees."""
        return sum(fee.platform_cut for fee in self.app_fees)

    @property
    def total_fee(self) -> int:
        """Return the sum of all fees."""
        return self.fee + self.rounding_fee + self.app_fee_amount


def convert(amount: int, source: Asset, destination: Asset, prices: Prices) -> int:
    """Return an amount's worth in another asset, rounded down."""
    worth = amount * prices[source.symbol] * destination.unit
    return worth // (prices[destination.symbol] * source.unit)


def cents(amount: int, asset: Asset, prices: Prices) -> int:
    """Return an amount's worth in US cents, rounded down."""
    return amount * prices[asset.symbol] * 100 // (asset.unit * DOLLAR)


def dollars(amount: int, asset: Asset, prices: Prices) -> str:
    """Return an amount's worth in dollars as the API writes it, with two decimals."""
    whole, part = divmod(cents(amount, asset, prices), 100)
    return f"{whole}.{part:02d}"


def lowest_accepted(amount_out: int, slippage_bps: int) -> int:
    """Return the smallest output that the slippage bound allows."""
    return amount_out * (BPS - slippage_bps) // BPS


def highest_accepted_input(required: int) -> int:
    """Return the largest input of an exact-out order that is accepted."""
    return required * (BPS + INPUT_BUFFER_BPS) // BPS


def price_exact_in(route: SandboxRoute, amount: int, fees: tuple[PricedAppFee, ...], prices: Prices) -> Price:
    """Return the price of an order with a given input."""
    if route.direction is Direction.SELL:
        gross = convert(amount, route.source, route.destination, prices)
        fee, charged, net = _after_fees(gross, route.platform_fee_bps, fees)
        rounding = net % _delivery_step(route.destination)
        return Price(amount, net - rounding, route.platform_fee_bps, fee, route.fee_asset, rounding, charged)
    fee, charged, net = _after_fees(amount, route.platform_fee_bps, fees)
    out = convert(net, route.source, route.destination, prices)
    return Price(amount, out, route.platform_fee_bps, fee, route.fee_asset, app_fees=charged)


def price_exact_out(route: SandboxRoute, target: int, prices: Prices) -> Price:
    """Return the price of an order with a given output: the smallest input that delivers it.

    The remainder of that input is the rounding fee.
    """
    bps = route.platform_fee_bps
    if route.direction is Direction.SELL:
        amount = _needed(_before_fee(target, bps), route, prices)
        gross = convert(amount, route.source, route.destination, prices)
        fee = gross * bps // BPS
        return Price(amount, target, bps, fee, route.fee_asset, gross - fee - target)
    needed = _needed(target, route, prices)
    amount = _before_fee(needed, bps)
    fee = amount * bps // BPS
    return Price(amount, target, bps, fee, route.fee_asset, amount - fee - needed)


def _after_fees(
    amount: int, platform_bps: int, fees: tuple[PricedAppFee, ...]
) -> tuple[int, tuple[ChargedFee, ...], int]:
    fee = amount * platform_bps // BPS
    rest = amount - fee
    charged = tuple(ChargedFee(app_fee, rest * app_fee.bps // BPS) for app_fee in fees)
    return fee, charged, rest - sum(app_fee.amount for app_fee in charged)


def _delivery_step(asset: Asset) -> int:
    """Return the granularity of deliveries: whole cents for dollars on another chain, the smallest unit otherwise."""
    if asset.kind is Kind.STABLE and asset.chain.is_foreign and asset.cent:
        return asset.cent
    return 1


def _before_fee(net: int, bps: int) -> int:
    """Return the smallest amount that leaves at least `net` after the platform's fee, which is rounded down."""
    return (net - 1) * BPS // (BPS - bps) + 1


def _needed(output: int, route: SandboxRoute, prices: Prices) -> int:
    """Return the smallest input that is worth at least `output`."""
    worth = output * prices[route.destination.symbol] * route.source.unit
    return -(-worth // (prices[route.source.symbol] * route.destination.unit))
