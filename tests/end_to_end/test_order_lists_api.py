"""Lists of orders over HTTP: filters, pages that do not shift, orders by any id, and accounts that a token sees."""

import uuid
from typing import Any

import pytest

from tests.end_to_end.test_order_api import error_of, place, read
from tests.end_to_end.world import World
from tests.eventually import eventually


async def listed(world: World, **query: Any) -> list[str]:
    response = await world.http.get("/v1/orders", params=query)
    assert response.status_code == 200, response.text
    return [order["reference"] for order in response.json()["orders"]]


async def several(world: World, count: int, **fields: Any) -> tuple[str, list[str]]:
    """Place orders of one batch; return the batch and their references, newest first, once the list has all."""
    batch = uuid.uuid4().hex
    placed = [(await place(world, metadata={"batch": batch}, **fields))["reference"] for _ in range(count)]
    query = {"metadata[batch]": batch, "limit": 100}
    await eventually(lambda: listed(world, **query), lambda found: len(found) == count)
    return batch, placed[::-1]


async def test_orders_are_listed_newest_first_with_what_they_carry(world: World) -> None:
    batch, references = await several(world, 2)
    page = await world.http.get("/v1/orders", params={"metadata[batch]": batch})
    orders = page.json()["orders"]
    assert [order["reference"] for order in orders] == references
    assert orders[0]["metadata"] == {"batch": batch}
    assert orders[0]["amounts"]["in"]["display"] == "100"
    assert orders[0]["waiting_for"]["who"] == "payer"
    assert page.json()["next_cursor"] is None


async def test_pages_do_not_shift_when_orders_are_placed_meanwhile(world: World) -> None:
    batch, references = await several(world, 5)
    query: dict[str, Any] = {"metadata[batch]": batch, "limit": 2}
    seen, cursor = [], None
    while True:
        page = (await world.http.get("/v1/orders", params={**query, **({"cursor": cursor} if cursor else {})})).json()
        seen += [order["reference"] for order in page["orders"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        newer = (await place(world, metadata={"batch": batch}))["reference"]
        await eventually(lambda wanted=newer: listed(world, **query), lambda found, wanted=newer: wanted in found)
    assert seen == references


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"phase": "awaiting_deposit"}, True),
        ({"phase": "closed"}, False),
        ({"route": "base:USDC>spark:BTC"}, True),
        ({"route": "base>"}, True),
        ({"route": ">spark"}, True),
        ({"route": "base:USDT>"}, False),
        ({"attention": "false"}, True),
        ({"attention": "true"}, False),
        ({"reason": "overdue"}, False),
        ({"source": "address/none"}, False),
        ({"payer": "nobody"}, False),
        ({"metadata[batch]": "another"}, False),
        ({"created_from": "2000-01-01T00:00:00Z"}, True),
        ({"created_before": "2000-01-01"}, False),
        ({"account": "other"}, False),
    ],
)
async def test_each_filter_narrows_the_list_down(world: World, query: dict[str, str], found: bool) -> None:
    batch, references = await several(world, 1)
    assert await listed(world, **{"metadata[batch]": batch, **query}) == (references if found else [])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "\u2603"}, "cursor"),
        ({"route": "base"}, "route"),
        ({"metadata[a b]": "x"}, "metadata"),
        ({"metadata": "x"}, "metadata"),
        ({"phase": "lost"}, "phase"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"created_from": "yesterday"}, "created_from"),
    ],
)
async def test_a_wrong_filter_is_named(world: World, query: dict[str, str], field: str) -> None:
    assert error_of(await world.http.get("/v1/orders", params=query), 422)["field"] == field


async def test_ended_orders_that_need_a_person_are_listed_until_resolved(world: World) -> None:
    batch = uuid.uuid4().hex
    placed = await world.place(scenario="refund_without_tx", metadata={"batch": batch})
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    query = {"metadata[batch]": batch, "reason": "refund_without_transaction"}
    assert await eventually(lambda: listed(world, **query)) == [placed.reference]
    await world.baton.resolve(placed.reference, note="paid out")
    await eventually(lambda: listed(world, **query), lambda found: not found)
    others = {"metadata[batch]": batch, "attention": "false"}
    assert await eventually(lambda: listed(world, **others)) == [placed.reference]


async def test_an_order_is_found_by_each_id_that_somebody_may_have(world: World) -> None:
    placed = await world.place()
    proof = await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    order = await eventually(lambda: read(world, f"/v1/orders/{placed.reference}"), lambda found: found["closed_at"])
    ids = (placed.reference, order["order_id"], placed.quote_id, placed.deposit_address, proof.tx_hash)
    for known in (*ids, f"https://basescan.org/tx/{proof.tx_hash}", order["spark_tx_hash"]):
        await eventually(lambda known=known: found_by(world, known), lambda found: found == [placed.reference])


async def found_by(world: World, known: str | None) -> list[str]:
    response = await world.http.get("/v1/orders/lookup", params={"id": known or ""})
    assert response.status_code == 200, response.text
    return [order["reference"] for order in response.json()["orders"]]


async def test_an_order_is_found_by_its_reference_at_once(world: World) -> None:
    reference = (await place(world))["reference"]
    assert await found_by(world, reference) == [reference]
    assert await found_by(world, "no-such-order") == []
    assert await found_by(world, "a/b/c ?\u2603") == []
