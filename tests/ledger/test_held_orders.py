"""The orders that wait behind holds, oldest first, on both engines."""

from typing import Any

import pytest

from baton.ledger.held_orders import RouteColumns
from baton.ledger.ledger import Ledger
from tests.ledger.examples import minute, order

USDC = {"source_chain": "base", "source_asset": "USDC", "destination_chain": "spark", "destination_asset": "BTC"}


async def write_orders(ledger: Ledger) -> None:
    rows: list[dict[str, Any]] = [
        {"workflow_id": "order/a/3", "account": "a", "hold": "hold-1", "created_at": minute(3), **USDC},
        {"workflow_id": "order/a/1", "account": "a", "hold": "hold-1", "created_at": minute(1), **USDC},
        {"workflow_id": "order/b/2", "account": "b", "hold": "hold-2", "created_at": minute(2), **USDC},
        {"workflow_id": "order/b/4", "account": "b", "created_at": minute(4), **USDC},
    ]
    snapshot = {"source_decimals": 6}
    for row in rows:
        await ledger.write_order(order(amount_in=100, snapshot=snapshot, **row), [])


async def test_the_orders_behind_a_hold_come_page_by_page_the_oldest_first(ledger: Ledger) -> None:
    await write_orders(ledger)

    first = await ledger.held_orders.page("hold-1", 1)
    second = await ledger.held_orders.page("hold-1", 5, first[-1])

    assert [end.workflow_id for end in [*first, *second]] == ["order/a/1", "order/a/3"]
    assert await ledger.held_orders.page("hold-1", 5, second[-1]) == []


async def test_only_the_orders_that_were_stopped_since_a_time_are_listed(ledger: Ledger) -> None:
    for number, published in (("1", minute(1)), ("2", minute(5))):
        row = order(f"order/a/{number}", hold="hold-1", created_at=minute(1), published_at=published)
        await ledger.write_order(row, [])

    found = await ledger.held_orders.page("hold-1", 5, None, minute(5))

    assert [end.workflow_id for end in found] == ["order/a/2"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "123"),
        ({"accounts": ["b"]}, "2"),
        ({"accounts": []}, ""),
        ({"route": RouteColumns(source_chain="base", source_asset="usdc")}, "123"),
        ({"route": RouteColumns(destination_chain="spark", destination_asset="USDB")}, ""),
    ],
)
async def test_what_waits_behind_several_holds_is_chosen_by_account_and_route(
    ledger: Ledger, wanted: dict[str, Any], found: str
) -> None:
    await write_orders(ledger)

    rows = await ledger.held_orders.behind(["hold-1", "hold-2"], **wanted)

    assert "".join(row.workflow_id[-1] for row in rows) == found
    assert {(row.amount_in, row.source_decimals) for row in rows} <= {(100, 6)}


async def test_a_released_order_is_listed_no_more(ledger: Ledger) -> None:
    await write_orders(ledger)
    row = await ledger.order("order/a/1")
    assert row is not None

    await ledger.write_order(row.model_copy(update={"hold": None, "revision": row.revision + 1}), [])

    assert [end.workflow_id for end in await ledger.held_orders.page("hold-1", 5)] == ["order/a/3"]
