"""Routes and their filter. Pure."""

from baton.orchestra.rules.route_pairs import Pair, RouteFilter, pairs
from baton.orchestra.rules.routes import RouteCatalogue, RouteList


def test_both_generations_of_the_list_yield_the_same_routes() -> None:
    ends = {"sourceChain": "a", "sourceAsset": "X", "destinationChain": "b", "destinationAsset": "Y"}
    older = RouteList.model_validate({"routes": [{**ends, "exactOutEligible": True, "fixedEligible": False}]})
    assets = [
        {"id": "a:X", "chain": "a", "asset": "X", "decimals": 1, "route": {"to": "all", "exactOutTo": ["b:Y"]}},
        {"id": "b:Y", "chain": "b", "asset": "Y", "decimals": 1},
    ]
    newer = RouteCatalogue.model_validate({"assets": assets})

    assert list(pairs(older)) == list(pairs(newer)) == [Pair("a:X", "b:Y", True, False)]


def test_a_chain_filter_matches_all_its_assets_and_no_other_chain() -> None:
    pair = Pair("base:USDC", "spark:BTC", None, None)

    assert RouteFilter("base", "spark", "usdc").matches(pair)
    assert not RouteFilter("bas", None, None).matches(pair)
    assert not RouteFilter(None, "spark:USDB", None).matches(pair)
