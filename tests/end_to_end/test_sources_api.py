"""Reusable addresses, pay links and affiliates over HTTP, the same as in Python."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.end_to_end.address_deposits import standing
from tests.end_to_end.test_order_api import error_of, read
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually


def address_document(**fields: Any) -> dict[str, Any]:
    terms = {"sourceChain": "base", "sourceAsset": "USDC", "destinationAsset": "USDB", "recipientSparkAddress": SPARK}
    return {"type": "accumulation", "reference": f"shop-{uuid.uuid4().hex[:10]}", **terms, **fields}


def link_document(**fields: Any) -> dict[str, Any]:
    terms = {
        "destinationChain": "spark",
        "destinationAsset": "USDB",
        "recipientAddress": SPARK,
        "amountFiatUsd": "25.00",
    }
    return {"reference": f"link-{uuid.uuid4().hex[:10]}", **terms, **fields}


async def test_an_address_over_http_is_the_same_in_python(world: World) -> None:
    document = address_document(metadata={"shop": "7"})
    created = await world.http.post("/v1/addresses", json=document)
    assert created.status_code == 200, created.text
    again = await world.http.post("/v1/addresses", json=document)
    assert again.json()["created"] == created.json()["created"]
    path = f"/v1/addresses/{document['reference']}"
    in_python = await world.baton.address(document["reference"])
    assert await read(world, path) == in_python.model_dump(mode="json")


async def test_a_deposit_to_an_address_is_listed_and_carries_its_metadata(world: World) -> None:
    document = address_document(metadata={"shop": "7"})
    created = (await world.http.post("/v1/addresses", json=document)).json()
    paid = created["created"]["addresses"]["base"]
    await world.sandbox.deposit(deposit_address=paid, chain="base", amount=50_000_000)
    path = f"/v1/addresses/{document['reference']}/deposits"
    page = await eventually(lambda: read(world, path), lambda found: bool(found["orders"]))
    (order,) = page["orders"]
    assert (order["source"], order["metadata"]) == (f"address/{document['reference']}", {"shop": "7"})


async def test_another_address_under_a_reference_is_refused(world: World) -> None:
    document = address_document()
    await world.http.post("/v1/addresses", json=document)
    error = error_of(await world.http.post("/v1/addresses", json={**document, "destinationAsset": "BTC"}), 409)
    assert error["code"] == "reference_conflict"


async def test_every_wrong_field_of_an_address_is_named(world: World) -> None:
    error = error_of(await world.http.post("/v1/addresses", json=address_document(feeBps="x", colour="red")), 422)
    assert sorted(fault["field"] for fault in error["fields"]) == ["colour", "feeBps"]


async def test_an_address_is_listed_until_it_is_disabled(world: World) -> None:
    document = address_document()
    await world.http.post("/v1/addresses", json=document)

    async def enabled() -> set[str]:
        found = await read(world, "/v1/addresses?phase=enabled&limit=500")
        return {line["reference"] for line in found["sources"]}

    await eventually(enabled, lambda found: document["reference"] in found)
    path = f"/v1/addresses/{document['reference']}/disable"
    assert (await world.http.post(path, json={"reason": "moved"})).json()["phase"] == "disabled"
    await eventually(enabled, lambda found: document["reference"] not in found)
    assert error_of(await world.http.post(path, json={}), 409)["code"] == "source_closed"


async def test_a_link_over_http_is_the_same_in_python(world: World) -> None:
    document = link_document()
    created = await world.http.post("/v1/paylinks", json=document)
    assert created.status_code == 200, created.text
    path = f"/v1/paylinks/{document['reference']}"
    assert await read(world, path) == (await world.baton.pay_link(document["reference"])).model_dump(mode="json")
    assert await read(world, f"{path}/orders") == {"orders": [], "next_cursor": None}
    assert (await world.http.post(f"{path}/disable", json={})).json()["phase"] == "disabled"


async def test_an_address_that_does_not_exist_is_a_404(world: World) -> None:
    for path in ("/v1/addresses/none", "/v1/paylinks/none"):
        assert error_of(await world.http.get(path), 404)["code"] == "source_unknown"


async def test_an_affiliate_is_registered_listed_and_disabled(world: World) -> None:
    name = f"partner-{uuid.uuid4().hex[:8]}"
    terms = {"feeBps": 50, "payoutChain": "spark", "payoutAsset": "USDB", "payoutAddress": SPARK}
    registered = await world.http.put(f"/v1/affiliates/{name}", json=terms)
    assert registered.status_code == 200, registered.text
    assert name in {each["affiliate_id"] for each in (await read(world, "/v1/affiliates"))["affiliates"]}
    assert (await read(world, f"/v1/affiliates/{name}/balance"))["balances"] == []
    assert (await read(world, f"/v1/affiliates/{name}/claims"))["claims"] == []
    assert error_of(await world.http.post(f"/v1/affiliates/{name}/claim"), 422)["code"]
    assert (await world.http.post(f"/v1/affiliates/{name}/disable")).json() == {"affiliate_id": name, "disabled": True}
    wrong = error_of(await world.http.put(f"/v1/affiliates/{name}", json={**terms, "feeBps": 0}), 422)
    assert wrong["field"] == "feeBps"


@pytest.mark.parametrize(("path", "document"), [("addresses", address_document), ("paylinks", link_document)])
async def test_what_baton_keeps_is_changed_over_http(
    world: World, path: str, document: Callable[..., dict[str, Any]]
) -> None:
    created = document(metadata={"shop": "7"})
    await world.http.post(f"/v1/{path}", json=created)
    update = f"/v1/{path}/{created['reference']}/update"
    changed = await world.http.post(update, json={"label": "Till 8", "metadata": {"shop": "8"}})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["label"], changed.json()["metadata"]) == ("Till 8", {"shop": "8"})
    assert await read(world, f"/v1/{path}/{created['reference']}") == changed.json()

    assert "metadata" in error_of(await world.http.post(update, json={"metadata": {"a b": "c"}}), 422)["message"]
    assert "policy" in error_of(await world.http.post(update, json={"policy": {"colour": "red"}}), 422)["message"]
    assert "all left out" in error_of(await world.http.post(update, json={}), 422)["message"]


async def test_a_standing_address_is_enabled_again_over_http(world: World) -> None:
    document = standing(SPARK)
    await world.http.post("/v1/addresses", json=document)
    path = f"/v1/addresses/{document['reference']}"
    await world.http.post(f"{path}/disable", json={})

    enabled = await world.http.post(f"{path}/enable")
    assert (enabled.status_code, enabled.json()["phase"]) == (200, "enabled")


async def test_an_address_of_another_type_is_not_enabled_over_http(world: World) -> None:
    document = address_document()
    await world.http.post("/v1/addresses", json=document)
    path = f"/v1/addresses/{document['reference']}"
    await world.http.post(f"{path}/disable", json={})
    assert error_of(await world.http.post(f"{path}/enable"), 422)["code"] == "not_enabled"
