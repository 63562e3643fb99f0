"""A hold's route is read in every spelling, and covers exactly the orders on it."""

import pytest

from baton.holds.routes import RouteScope

ORDER = "base:USDC>spark:BTC"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("base", "base"),
        (" Base ", "base"),
        ("base/USDC", "base:USDC"),
        ("base:USDC", "base:USDC"),
        ("base/USDC>spark/BTC", "base:USDC>spark:BTC"),
        ("base:USDC → spark:BTC", "base:USDC>spark:BTC"),
        ("base->spark", "base>spark"),
        (">spark", ">spark"),
        (">spark/BTC", ">spark:BTC"),
    ],
)
def test_every_spelling_has_one_normal_form(text: str, normal: str) -> None:
    scope = RouteScope.read(text)

    assert str(scope) == normal
    assert RouteScope.read(str(scope)) == scope


@pytest.mark.parametrize("text", ["", " ", ">", "base>", "base/", "/USDC", "base/USDC/x", "base>spark>bitcoin", "a b"])
def test_what_is_no_route_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write CHAIN"):
        RouteScope.read(text)


@pytest.mark.parametrize("text", ["base", "base/USDC", "base/usdc", "base>spark", "base/USDC>spark/BTC", ">spark/BTC"])
def test_an_order_on_the_route_is_covered(text: str) -> None:
    assert RouteScope.read(text).covers(ORDER)


@pytest.mark.parametrize("text", ["solana", "base/USDT", "base>solana", "base/USDC>spark/USDB", ">base", "bas"])
def test_an_order_on_another_route_is_not_covered(text: str) -> None:
    assert not RouteScope.read(text).covers(ORDER)


def test_an_order_whose_route_is_not_known_is_covered() -> None:
    assert RouteScope.read("base/USDC>spark/BTC").covers(None)
