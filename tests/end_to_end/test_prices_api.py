"""Prices, routes and limits over HTTP: the same words as at the command line."""

import pytest

from tests.end_to_end.test_order_api import error_of
from tests.end_to_end.world import USDC_TO_BTC, World

ROUTE = {name: value for name, value in USDC_TO_BTC.items() if name != "recipientAddress"}


async def test_an_estimate_needs_neither_recipient_nor_reference(world: World) -> None:
    price = await world.http.post("/v1/estimate", json=ROUTE)
    assert price.status_code == 200, price.text
    shown = price.json()
    assert (shown["source"], shown["destination"], shown["amount_in"]) == ("base:USDC", "spark:BTC", "100000000")
    assert shown["amounts"]["in"]["display"] == "100"
    assert shown["amounts"]["estimated_out"]["asset"] == "BTC"
    assert int(shown["estimated_out"]) > 0


async def test_an_onramp_is_priced_as_a_swap_of_btc(world: World) -> None:
    document = {"kind": "onramp", "destinationChain": "spark", "destinationAsset": "USDB", "amount": "50000"}
    price = await world.http.post("/v1/estimate", json=document)
    assert (price.status_code, price.json()["source"]) == (200, "lightning:BTC")
    in_dollars = {**document, "amount": None, "amountFiatUsd": "25.00"}
    assert error_of(await world.http.post("/v1/estimate", json=in_dollars), 422)["field"] == "amountFiatUsd"


async def test_an_impossible_route_has_no_price(world: World) -> None:
    refused = await world.http.post("/v1/estimate", json={**ROUTE, "destinationAsset": "NOSUCH"})
    assert error_of(refused, 422)["code"] == "unsupported_route"


async def test_routes_are_listed_by_their_ends(world: World) -> None:
    found = (await world.http.get("/v1/routes", params={"source": "base:USDC", "destination": "spark"})).json()[
        "routes"
    ]
    assert {route["source"] for route in found} == {"base:USDC"}
    assert "spark:BTC" in {route["destination"] for route in found}
    assert next(route for route in found if route["destination"] == "spark:BTC")["destination_decimals"] == 8


async def test_the_limits_of_a_route_are_orchestras(world: World) -> None:
    query = {"source_chain": "base", "source_asset": "USDC", "destination_chain": "spark", "destination_asset": "BTC"}
    (route,) = (await world.http.get("/v1/limits", params=query)).json()["routes"]
    assert (route["source_chain"], route["destination_asset"]) == ("base", "BTC")
    assert route["limits"]["exact_in"]["request_amount"]["min_amount_smallest"]


@pytest.mark.parametrize("call", ["/v1/routes", "/v1/limits", "/v1/orders/invoice-42"])
async def test_an_account_that_the_gateway_does_not_have_is_named(world: World, call: str) -> None:
    error = error_of(await world.http.get(call, params={"account": "nobody"}), 404)
    assert (error["code"], error["field"]) == ("unknown_account", "account")
    assert "'nobody'" in error["message"]
    assert "partners file" in error["remedy"]
