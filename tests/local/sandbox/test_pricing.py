"""The arithmetic of prices and fees, against recorded numbers and as properties."""

from hypothesis import given
from hypothesis import strategies as st

from baton.local.sandbox.engine.assets import OPENING_PRICES
from baton.local.sandbox.engine.pricing import (
    PricedAppFee,
    cents,
    convert,
    highest_accepted_input,
    lowest_accepted,
    price_exact_in,
    price_exact_out,
)
from baton.local.sandbox.engine.routes import Direction, SandboxRoute, all_routes, find_route

ROUTES = st.sampled_from(all_routes())
EXACT_OUT_ROUTES = st.sampled_from([route for route in all_routes() if route.exact_out_eligible])
FEES = st.lists(st.integers(1, 600).map(lambda bps: PricedAppFee("me", bps)), max_size=4).map(tuple)


def test_a_recorded_estimate_with_an_affiliate_is_reproduced() -> None:
    route = find_route(("base", "USDC"), ("arbitrum", "USDC"))
    price = price_exact_in(route, 100_000, (PricedAppFee("affiliate", 100),), OPENING_PRICES)
    assert (price.fee, price.app_fee_amount, price.platform_cut) == (50, 999, 199)
    assert (price.amount_out, price.total_fee) == (98_951, 1_049)


def test_recorded_bounds_are_reproduced() -> None:
    assert lowest_accepted(96_543_210, 50) == 96_060_493
    assert lowest_accepted(96_340_000, 50) == 95_858_300
    assert highest_accepted_input(250_000) == 250_050


@given(route=ROUTES, dollars=st.integers(1, 90_000), dust=st.integers(0, 10_000), fees=FEES)
def test_input_fees_and_output_add_up_to_the_last_unit(
    route: SandboxRoute, dollars: int, dust: int, fees: tuple[PricedAppFee, ...]
) -> None:
    dollar = find_route(("base", "USDC"), ("tron", "USDT")).source
    amount = convert(dollars * dollar.unit, dollar, route.source, OPENING_PRICES) + dust
    price = price_exact_in(route, amount, fees, OPENING_PRICES)
    assert price.total_fee == price.fee + price.rounding_fee + price.app_fee_amount
    assert price.amount_out >= 0
    if route.direction is Direction.SELL:
        gross = convert(amount, route.source, route.destination, OPENING_PRICES)
        assert price.amount_out + price.total_fee == gross
    else:
        net = amount - price.total_fee
        assert price.amount_out == convert(net, route.source, route.destination, OPENING_PRICES)


@given(route=EXACT_OUT_ROUTES, quantity=st.integers(100, 9_000_000))
def test_an_exact_out_input_is_the_smallest_that_delivers_the_target(route: SandboxRoute, quantity: int) -> None:
    target = quantity * (route.destination.cent or 1)
    price = price_exact_out(route, target, OPENING_PRICES)
    assert price.rounding_fee >= 0
    assert _before_rounding(route, price.amount_in) >= target
    assert _before_rounding(route, price.amount_in - 1) < target


@given(amount=st.integers(0, 10**12))
def test_dollars_are_rounded_down(amount: int) -> None:
    usdc = find_route(("base", "USDC"), ("spark", "BTC")).source
    assert cents(amount, usdc, OPENING_PRICES) == amount // 10_000


def _before_rounding(route: SandboxRoute, amount: int) -> int:
    price = price_exact_in(route, amount, (), OPENING_PRICES)
    on_output = route.direction is Direction.SELL
    return price.amount_out + (price.rounding_fee if on_output else 0)
