"""Orders by any filter, page by page, and by any id, on both engines."""

from typing import Any

import pytest

from baton.ledger.ledger import Ledger
from baton.ledger.order_search import OrderFilter, PageEnd
from baton.ledger.rows import OrderKeyRow, OrderRow
from tests.ledger.examples import minute, order, quote

TX = "0x" + "ab" * 32
RAISED = {"attentions": [{"reason": "overdue", "message": "late"}, {"reason": "refund_short"}], "resolutions": []}


def key(kind: str, value: str, number: str = "1", opened: float = 1) -> OrderKeyRow:
    return OrderKeyRow(account="a", kind=kind, value=value, workflow_id=f"order/a/{number}", opened_at=minute(opened))


async def write_orders(ledger: Ledger) -> None:
    keys = [key("metadata:cart", "7"), key("metadata:shop", "x"), key("payer", "anna"), key("tx", "ab" * 32)]
    closed = {"phase": "closed", "closed_at": minute(9)}
    rows: list[tuple[OrderRow, list[OrderKeyRow]]] = [
        (order("order/a/1", account="a", source_chain="base", order_id="ord_1", created_at=minute(1)), keys),
        (
            order(
                "order/a/2", account="a", status="swapping", attention="overdue", created_at=minute(2), snapshot=RAISED
            ),
            [key("metadata:cart", "7", "2", 2), key("metadata:shop", "y", "2", 2)],
        ),
        (order("order/b/3", account="b", **closed, outcome="failed", attention="overdue", created_at=minute(3)), []),
        (order("order/b/4", account="b", **closed, outcome="completed", created_at=minute(4)), []),
    ]
    for row, its_keys in rows:
        await ledger.write_order(row, [], keys=its_keys)


FILTERS_AND_RESULTS: list[tuple[dict[str, Any], str]] = [
    ({}, "4321"),
    ({"accounts": ["a"]}, "21"),
    ({"accounts": []}, ""),
    ({"columns": {"phase": "closed", "outcome": "failed"}}, "3"),
    ({"columns": {"status": "swapping"}}, "2"),
    ({"columns": {"source_chain": "base"}}, "1"),
    ({"attention": True}, "2"),
    ({"attention": True, "attended": ["order/b/4"]}, "42"),
    ({"attention": False}, "431"),
    ({"reason": "overdue"}, "2"),
    ({"reason": "refund_short"}, "2"),
    ({"reason": "overdue", "attended": ["order/b/3"]}, "32"),
    ({"reason": "refund"}, ""),
    ({"keys": [("metadata:cart", "7")]}, "21"),
    ({"keys": [("metadata:cart", "7"), ("metadata:shop", "y")]}, "2"),
    ({"keys": [("payer", "anna")]}, "1"),
    ({"created_from": minute(2), "created_before": minute(4)}, "32"),
]


async def test_each_filter_keeps_the_orders_that_fit(ledger: Ledger) -> None:
    await write_orders(ledger)
    pages = [(wanted, await ledger.search.page(OrderFilter(**wanted), 10)) for wanted, _ in FILTERS_AND_RESULTS]
    assert [(wanted, "".join(row.reference for row in page)) for wanted, page in pages] == FILTERS_AND_RESULTS


async def test_a_page_goes_on_after_the_last_order_whatever_came_meanwhile(ledger: Ledger) -> None:
    for number in range(5):
        await ledger.write_order(order(f"order/a/{number}", created_at=minute(number // 2)), [])
    first = await ledger.search.page(OrderFilter(), 2)
    await ledger.write_order(order("order/a/newest", created_at=minute(60)), [])
    rest = await ledger.search.page(OrderFilter(), 10, PageEnd(first[-1].created_at, first[-1].workflow_id))
    assert [row.reference for row in [*first, *rest]] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "order/a/1",
        "ord_1",
        "q_1",
        "0xABCDEF",
        TX,
        TX.upper().replace("0X", "0x"),
        f"https://basescan.org/tx/{TX}",
        "https://basescan.org/address/0xABCDEF?a=2#tokentxns",
    ],
)
async def test_an_order_is_found_by_each_of_its_ids(ledger: Ledger, text: str) -> None:
    await write_orders(ledger)
    await ledger.index_order("a", "ord_1", "order/a/1")
    await ledger.index_quote(quote(account="a", workflow_id="order/a/1", deposit_address="0xabcdef"))
    assert await ledger.search.lookup(None, text) == ["order/a/1"]
    assert await ledger.search.lookup(["a"], text) == ["order/a/1"]
    assert await ledger.search.lookup(["b"], text) == []


async def test_what_nobody_has_finds_nothing(ledger: Ledger) -> None:
    await write_orders(ledger)
    assert await ledger.search.lookup(None, "anna") == []
    assert await ledger.search.lookup(None, "") == []


async def test_an_address_of_many_orders_finds_all_of_them_the_newest_first(ledger: Ledger) -> None:
    await write_orders(ledger)
    for number, opened in (("1", 1), ("2", 2)):
        row = order(f"order/a/{number}", account="a", created_at=minute(opened), revision=9)
        await ledger.write_order(row, [], keys=[key("address", "0xfe", number, opened)])
    assert await ledger.search.lookup(None, "0xFE") == ["order/a/2", "order/a/1"]


async def test_the_keys_of_a_refused_order_do_not_count_for_the_next(ledger: Ledger) -> None:
    await write_orders(ledger)
    again = order("order/a/1", account="a", created_at=minute(30), revision=0)
    await ledger.write_order(again, [], keys=[key("metadata:cart", "8", opened=30)])
    found = [await ledger.search.page(OrderFilter(keys=[("metadata:cart", cart)]), 9) for cart in ("7", "8")]
    assert [[row.reference for row in page] for page in found] == [["2"], ["1"]]
