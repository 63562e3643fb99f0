"""The read model: orders as last written, and pages of them."""

import asyncio
import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderEntry, OrderRow
from tests.ledger.examples import NOON, ORDER, delivery, minute, order, quote, statuses, timeline

FULL: dict[str, Any] = {
    "status": "awaiting_approval",
    "outcome": "completed",
    "order_id": "ord_1",
    "quote_id": "q_1",
    "deposit_address": "0xabc",
    "source_chain": "base",
    "source_asset": "USDC",
    "destination_chain": "bitcoin",
    "destination_asset": "BTC",
    "amount_in": 2**256 - 1,
    "amount_out": 0,
    "attention": "a second deposit came",
    "waiting_for": {"whom": "operator", "what": "a decision"},
    "next_deadline": minute(30),
    "closed_at": minute(40),
    "published_at": minute(41),
    "source": "address/shop-7",
    "snapshot": {"phase": "tracking", "amounts": ["115792089237316195423570985008687907853269984665640564039457"]},
}


async def test_an_order_with_every_field_reads_back_as_written(ledger: Ledger) -> None:
    written = order(**FULL)
    assert await ledger.write_order(written, [])
    assert await ledger.order(ORDER) == written


async def test_an_order_without_optional_fields_reads_back_as_written(ledger: Ledger) -> None:
    await ledger.write_order(order(), [])
    assert await ledger.order(ORDER) == order()


async def test_the_row_of_a_reference_used_again_replaces_the_old_one(ledger: Ledger) -> None:
    await ledger.write_order(order(revision=20, closed_at=minute(5)), timeline("processing"))
    again = order(revision=1, created_at=minute(60))
    assert await ledger.write_order(again, [])
    assert await ledger.order(ORDER) == again
    assert await ledger.transitions(ORDER) == []


async def test_a_late_write_of_the_old_run_does_not_replace_the_new_row(ledger: Ledger) -> None:
    again = order(revision=1, created_at=minute(60), published_at=minute(60))
    await ledger.write_order(again, [])
    assert not await ledger.write_order(order(revision=20, published_at=minute(5)), [])
    assert await ledger.order(ORDER) == again


async def test_late_statuses_of_the_old_run_end_with_it(ledger: Ledger) -> None:
    await ledger.write_order(order(revision=20), timeline("processing"))
    await ledger.record_late(delivery(), at=minute(30))
    assert statuses(await ledger.transitions(ORDER)) == ["processing", "completed"]
    await ledger.write_order(order(revision=1, created_at=minute(60)), [])
    assert await ledger.transitions(ORDER) == []


async def test_the_row_of_a_workflow_that_was_reset_replaces_the_later_revision(ledger: Ledger) -> None:
    await ledger.write_order(order(revision=20, published_at=minute(20)), [])
    reset = order(revision=7, published_at=minute(30))
    assert await ledger.write_order(reset, [])
    assert not await ledger.write_order(order(revision=6, published_at=minute(29)), [])
    assert not await ledger.write_order(order(revision=21, published_at=minute(21)), [])
    assert await ledger.order(ORDER) == reset


async def test_an_order_adds_what_the_index_lacks_and_changes_nothing_there(ledger: Ledger) -> None:
    await ledger.index_quote(quote(workflow_id="another"))
    lacking = [
        quote(deposit_address="0xold"),
        quote(quote_id="q_2", deposit_address="0xABC"),
        OrderEntry(account="default", order_id="ord_1", workflow_id=ORDER),
    ]
    for revision in (1, 2):
        await ledger.write_order(order(revision=revision), [], lacking)
    assert await ledger.find_workflow("default", quote_id="q_1") == "another"
    assert await ledger.find_workflow("default", deposit_address="0xabc") == ORDER
    assert await ledger.find_workflow("default", order_id="ord_1") == ORDER


async def test_an_unknown_order_is_none(ledger: Ledger) -> None:
    assert await ledger.order(ORDER) is None
    assert await ledger.transitions(ORDER) == []


async def test_amounts_are_ints_in_code_and_strings_of_digits_in_json(ledger: Ledger) -> None:
    await ledger.write_order(order(**FULL), [])
    read = await ledger.order(ORDER)
    assert read is not None
    assert read.amount_in == 2**256 - 1
    assert read.model_dump(mode="json")["amount_in"] == str(2**256 - 1)
    assert OrderRow.model_validate_json(read.model_dump_json()) == read


async def test_times_read_back_aware_and_in_utc_to_the_microsecond(ledger: Ledger) -> None:
    lima = datetime(2026, 3, 1, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    await ledger.write_order(order(next_deadline=lima), [])
    read = await ledger.order(ORDER)
    assert read is not None
    assert read.next_deadline is not None
    assert read.next_deadline.isoformat() == "2026-03-02T04:30:00.123456+00:00"


def test_a_time_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="created_at"):
        order(created_at=datetime(2026, 3, 1, 12))


async def test_a_newer_revision_replaces_the_whole_row(ledger: Ledger) -> None:
    await ledger.write_order(order(**FULL), [])
    assert await ledger.write_order(order(revision=2), [])
    assert await ledger.order(ORDER) == order(revision=2)


async def test_an_older_revision_changes_nothing(ledger: Ledger) -> None:
    newer = order(revision=7, phase="closed")
    await ledger.write_order(newer, timeline("processing", "completed"))
    assert not await ledger.write_order(order(revision=6), timeline("processing"))
    assert await ledger.order(ORDER) == newer
    assert statuses(await ledger.transitions(ORDER)) == ["processing", "completed"]


async def test_the_same_revision_may_be_written_again(ledger: Ledger) -> None:
    for _ in range(2):
        assert await ledger.write_order(order(), timeline("processing", "swapping"))
    assert statuses(await ledger.transitions(ORDER)) == ["processing", "swapping"]


async def test_of_revisions_written_at_once_by_two_ledgers_the_newest_stays(ledger_url: str, ledger: Ledger) -> None:
    revisions = list(range(24))
    random.Random(7).shuffle(revisions)
    async with await Ledger.open(ledger_url) as other:
        await asyncio.gather(
            *(
                (ledger, other)[revision % 2].write_order(
                    order(revision=revision), timeline(*(f"status_{n}" for n in range(revision)))
                )
                for revision in revisions
            )
        )
    read = await ledger.order(ORDER)
    assert read is not None
    assert read.revision == 23
    assert statuses(await ledger.transitions(ORDER)) == [f"status_{n}" for n in range(23)]


async def test_two_ledgers_on_one_database_lose_no_order(ledger_url: str, ledger: Ledger) -> None:
    async with await Ledger.open(ledger_url) as other:
        await asyncio.gather(
            *(
                (ledger, other)[n % 2].write_order(order(f"order/a/{n}"), timeline("s", workflow_id=f"order/a/{n}"))
                for n in range(60)
            )
        )
        assert {row.workflow_id for row in await other.orders(limit=100)} == {f"order/a/{n}" for n in range(60)}


async def test_transitions_of_another_order_or_late_ones_are_refused(ledger: Ledger) -> None:
    late = [row.model_copy(update={"source": "late"}) for row in timeline("completed")]
    for wrong in (timeline("processing", workflow_id="order/default/other"), late):
        with pytest.raises(ValueError, match="must be its own"):
            await ledger.write_order(order(), wrong)
    assert await ledger.order(ORDER) is None


async def test_text_that_no_database_can_store_does_not_lose_the_row(ledger: Ledger) -> None:
    await ledger.write_order(order(source_asset="US\x00DC", attention="\ud800", snapshot={"a": "\x00\ud800"}), [])
    read = await ledger.order(ORDER)
    assert read is not None
    assert (read.source_asset, read.attention, read.snapshot) == ("US\ufffdDC", "?", {"a": "\x00\ud800"})


async def write_four_orders(ledger: Ledger) -> None:
    rows = [
        order("order/a/1", account="a", phase="closed", outcome="completed", created_at=minute(1)),
        order("order/a/2", account="a", phase="tracking", attention="a person must decide", created_at=minute(2)),
        order("order/b/3", account="b", phase="tracking", created_at=minute(3)),
        order("order/b/4", account="b", phase="closed", outcome="failed", created_at=minute(4)),
    ]
    for row in rows:
        await ledger.write_order(row, [])


FILTERS_AND_RESULTS: list[tuple[dict[str, Any], str]] = [
    ({}, "4321"),
    ({"account": "a"}, "21"),
    ({"phase": "closed"}, "41"),
    ({"outcome": "failed"}, "4"),
    ({"attention": True}, "2"),
    ({"attention": False}, "431"),
    ({"account": "b", "phase": "tracking"}, "3"),
    ({"account": "nobody"}, ""),
    ({"limit": 2}, "43"),
    ({"limit": 0}, "4"),
    ({"before": "order/b/3"}, "21"),
    ({"before": "order/b/3", "account": "b"}, ""),
    ({"before": "order/none"}, ""),
]


async def test_orders_are_returned_newest_first_and_filtered(ledger: Ledger) -> None:
    await write_four_orders(ledger)
    pages = [(filters, await ledger.orders(**filters)) for filters, _ in FILTERS_AND_RESULTS]
    assert [(filters, "".join(row.reference for row in page)) for filters, page in pages] == FILTERS_AND_RESULTS


async def test_pages_show_each_order_once_even_if_all_started_together(ledger: Ledger) -> None:
    for number in range(7):
        await ledger.write_order(order(f"order/a/{number}", created_at=NOON), [])
    workflow_ids: list[str] = []
    while page := await ledger.orders(limit=3, before=workflow_ids[-1] if workflow_ids else None):
        workflow_ids += [row.workflow_id for row in page]
    assert workflow_ids == [f"order/a/{number}" for number in reversed(range(7))]
