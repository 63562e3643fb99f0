"""Both route lists say which assets can be exchanged, and an impossible order is refused beforehand."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.models import QuoteRequest
from baton.orchestra.rules.routes import (
    EXACT_OUT_TO,
    FIXED_TO,
    TO,
    RouteAsset,
    RouteCatalogue,
    RouteList,
    reaches,
    route_objection,
)
from tests.paths import FIXTURES

FIXTURE = FIXTURES / "docs_g3_v2_routes_asset_entry.json"


def asset(name: str, **route: Any) -> RouteAsset:
    chain, _, symbol = name.partition(":")
    fields = {"id": name, "chain": chain, "asset": symbol, "decimals": 6, "route": route or None}
    return RouteAsset.model_validate(fields)


def pair(source: str, destination: str, **fields: Any) -> dict[str, Any]:
    (chain, symbol), (to_chain, to_symbol) = source.split(":"), destination.split(":")
    ends = {"sourceChain": chain, "sourceAsset": symbol}
    return {**ends, "destinationChain": to_chain, "destinationAsset": to_symbol, **fields}


def pairs(*entries: Any) -> RouteList:
    return RouteList.model_validate({"routes": list(entries)})


def catalogue(*assets: RouteAsset) -> RouteCatalogue:
    return RouteCatalogue(assets=list(assets))


def request(source: str, destination: str, **fields: Any) -> QuoteRequest:
    ends = pair(source, destination)
    return QuoteRequest.model_validate({**ends, "amount": "1", "recipientAddress": "r", **fields})


def test_the_documented_asset_reaches_its_listed_destinations() -> None:
    usdc = RouteAsset.model_validate(json.loads(FIXTURE.read_text(encoding="utf-8")))
    assert reaches(usdc, "spark:BTC")
    assert not reaches(usdc, "litecoin:LTC")
    assert reaches(usdc, "lightning:BTC", EXACT_OUT_TO)
    assert not reaches(usdc, "spark:BTC", EXACT_OUT_TO)
    assert reaches(usdc, "spark:USDB", FIXED_TO)
    assert not reaches(usdc, "tron:USDT", FIXED_TO)


@pytest.mark.parametrize(
    ("members", "reached"),
    [
        ("all", True),
        (["b:B"], True),
        (["c:C"], False),
        ([], False),
        ({"except": ["c:C"]}, True),
        ({"except": ["b:B"]}, False),
        ({"except": []}, True),
        ([3, None, "b:B"], True),
        ({"except": [3, "c:C"]}, True),
        (None, False),
        ("some", False),
        ({}, False),
        ({"except": "b:B"}, False),
        ({"only": ["b:B"]}, False),
        (7, False),
    ],
)
def test_a_set_is_all_assets_a_list_or_all_but_a_list(members: Any, reached: bool) -> None:
    assert reaches(asset("a:A", to=members), "b:B") is reached


def test_an_asset_without_sets_reaches_nothing() -> None:
    assert not reaches(asset("a:A"), "b:B")


@given(st.lists(st.sampled_from("abcd")), st.sampled_from("abcd"))
def test_all_but_a_list_contains_the_assets_outside_the_list(names: list[str], destination: str) -> None:
    assert reaches(asset("x:X", to=names), destination) != reaches(asset("x:X", to={"except": names}), destination)


def test_a_catalogue_has_only_its_own_assets() -> None:
    known = catalogue(asset("a:A", to="all", exactOutTo=["b:B"], fixedTo=[]), asset("b:B", to=[]))
    assert known.eligibility("a:A", "b:B") == (True, False)
    assert known.eligibility("b:B", "a:A") is None
    assert known.eligibility("a:A", "mars:X") is None
    assert known.eligibility("mars:X", "a:A") is None
    assert known.destinations("a:A") == ["a:A", "b:B"]
    assert known.destinations("mars:X") == []


def test_a_list_of_pairs_gives_the_same_answers() -> None:
    known = pairs(pair("a:A", "b:B", exactOutEligible=True, fixedEligible=False), pair("a:A", "c:C"))
    assert known.eligibility("a:A", "b:B") == (True, False)
    assert known.eligibility("a:A", "c:C") == (None, None)
    assert known.eligibility("b:B", "a:A") is None
    assert known.destinations("a:A") == ["b:B", "c:C"]


def test_a_pair_has_the_details_of_both_assets() -> None:
    details = {"chain": "b", "asset": "B", "decimals": 18, "contractAddress": "0x1", "chainId": "56"}
    known = pairs(pair("a:A", "b:B") | {"source": {"chain": "a"}, "destination": details}).pair("a:A", "b:B")
    assert known is not None
    assert known.source is None
    assert known.destination is not None
    assert (known.destination.decimals, known.destination.chain_id) == (18, "56")


def test_an_unreadable_entry_is_left_out() -> None:
    assert len(pairs(None, {}, pair("a:A", "b:B"), {"sourceChain": 3}).routes) == 1
    read = RouteCatalogue.model_validate({"assets": [None, {"id": ""}, asset("a:A", to="all").wire()]})
    assert [one.id for one in read.assets] == ["a:A"]


BOTH = [
    pairs(pair("base:USDC", "spark:BTC", exactOutEligible=False, fixedEligible=False)),
    catalogue(asset("base:USDC", to=["spark:BTC"], exactOutTo=[], fixedTo=[]), asset("spark:BTC", to=[])),
]


@pytest.mark.parametrize("routes", BOTH, ids=["pairs", "catalogue"])
@pytest.mark.parametrize(
    ("ends", "fields", "objection"),
    [
        (("base:USDC", "spark:BTC"), {}, None),
        (("base:USDC", "spark:BTC"), {"amountMode": "exact_in", "deliveryMode": "variable"}, None),
        (
            ("base:USDC", "spark:BTC"),
            {"amountMode": "exact_out"},
            "amountMode exact_out is not offered from base:USDC to spark:BTC; use exact_in",
        ),
        (
            ("base:USDC", "spark:BTC"),
            {"deliveryMode": "fixed"},
            "deliveryMode fixed is not offered from base:USDC to spark:BTC; leave it out",
        ),
        (
            ("base:USDC", "spark:USDB"),
            {},
            "destinationChain and destinationAsset: base:USDC cannot become spark:USDB; it can become spark:BTC",
        ),
        (
            ("base:usdc", "spark:BTC"),
            {},
            "sourceChain and sourceAsset: base:usdc cannot be exchanged; did you mean base:USDC?",
        ),
    ],
)
def test_an_impossible_order_is_refused_with_field_and_remedy(
    routes: RouteList | RouteCatalogue, ends: tuple[str, str], fields: dict, objection: str | None
) -> None:
    assert route_objection(routes, request(*ends, **fields)) == objection


def test_of_many_destinations_an_objection_names_five() -> None:
    known = pairs(*(pair("a:A", f"b:B{number}") for number in range(8)))
    objection = route_objection(known, request("a:A", "c:C"))
    assert objection is not None
    assert objection.endswith("it can become b:B0, b:B1, b:B2, b:B3, b:B4 and 3 more")


def test_up_to_five_destinations_are_all_named() -> None:
    known = pairs(*(pair("a:A", f"b:B{number}") for number in range(5)))
    assert (route_objection(known, request("a:A", "c:C")) or "").endswith("b:B3, b:B4")


def test_an_unknown_eligibility_refuses_nothing() -> None:
    known = pairs(pair("a:A", "b:B"))
    assert route_objection(known, request("a:A", "b:B", amountMode="exact_out", deliveryMode="fixed")) is None


@pytest.mark.parametrize("empty", [RouteList(routes=[]), RouteCatalogue()])
def test_an_empty_list_refuses_nothing(empty: RouteList | RouteCatalogue) -> None:
    assert empty.is_empty
    assert route_objection(empty, request("a:A", "b:B")) is None


def test_the_sets_have_the_apis_names() -> None:
    assert (TO, EXACT_OUT_TO, FIXED_TO) == ("to", "exactOutTo", "fixedTo")


def test_a_misspelt_asset_gets_the_name_that_was_meant() -> None:
    catalogue = RouteCatalogue.model_validate(
        {
            "assets": [
                {"id": "base:USDC", "chain": "base", "asset": "USDC", "decimals": 6, "route": {"to": "all"}},
                {"id": "spark:BTC", "chain": "spark", "asset": "BTC", "decimals": 8, "route": {"to": "all"}},
            ]
        }
    )

    def objection(**fields: str) -> str | None:
        request = {"sourceChain": "base", "sourceAsset": "USDC", "destinationChain": "spark", "destinationAsset": "BTC"}
        rest = {"amount": "1", "recipientAddress": "spark1x"}
        return route_objection(catalogue, QuoteRequest.model_validate({**request, **rest, **fields}))

    assert (objection(sourceChain="bsae") or "").endswith("bsae:USDC cannot be exchanged; did you mean base:USDC?")
    assert (objection(sourceAsset="usdc") or "").endswith("did you mean base:USDC?")
    assert (objection(destinationAsset="BTCC") or "").endswith("there is no spark:BTCC; did you mean spark:BTC?")
    assert objection() is None
