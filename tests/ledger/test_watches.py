"""Watched addresses, the deposits seen there, and the cursor of each chain."""

import asyncio
from datetime import timedelta

import pytest

from baton.ledger.errors import LedgerUnavailable
from baton.ledger.ledger import Ledger
from tests.ledger.conftest import Execute
from tests.ledger.examples import NOON, ORDER, deposit, minute, order, watch

LONG_AGO = NOON - timedelta(days=365)


async def forget(ledger: Ledger, **given: float) -> int:
    """Remove what closed, or was made, before so many minutes after noon; nothing by default."""
    bounds = {name: minute(given[name]) if name in given else LONG_AGO for name in ("closed_before", "made_before")}
    return await ledger.watching.forget("base", **bounds)


async def quotes(ledger: Ledger, chain: str = "base") -> list[str]:
    return [row.quote_id for row in await ledger.watching.watches(chain)]


async def test_watches_are_returned_oldest_first_and_a_repeat_changes_nothing(ledger: Ledger) -> None:
    await ledger.watching.watch(watch(quote_id="q_2", since=minute(2)))
    await ledger.watching.watch(watch())
    await ledger.watching.watch(watch(address="0xother", since=minute(9)))
    await ledger.watching.watch(watch(quote_id="q_3", chain="solana"))

    assert await ledger.watching.watches("base") == [watch(), watch(quote_id="q_2", since=minute(2))]
    assert await quotes(ledger, "solana") == ["q_3"]


async def test_a_watch_belongs_to_the_workflow_that_requested_its_quote_last(ledger: Ledger) -> None:
    await ledger.watching.watch(watch())
    await ledger.watching.reassign(ORDER, f"{ORDER}.late")
    await ledger.watching.watch(watch(since=minute(9)))
    assert await ledger.watching.watches("base") == [watch()]


async def test_the_same_quote_id_in_two_accounts_makes_two_watches(ledger: Ledger) -> None:
    await ledger.watching.watch(watch())
    await ledger.watching.watch(watch(account="acme", workflow_id="order/acme/1"))
    assert await quotes(ledger) == ["q_1", "q_1"]


async def test_a_watch_is_removed_after_its_order_closed(ledger: Ledger) -> None:
    await ledger.watching.watch(watch())
    await ledger.watching.watch(watch(quote_id="q_open", workflow_id="order/default/open"))
    await ledger.watching.watch(watch(quote_id="q_unwritten", workflow_id="order/default/unwritten"))
    await ledger.watching.watch(watch(quote_id="q_solana", chain="solana"))
    await ledger.write_order(order(closed_at=minute(10), outcome="completed"), [])
    await ledger.write_order(order("order/default/open"), [])

    assert await forget(ledger, closed_before=10) == 0
    assert await forget(ledger, closed_before=10.1) == 1

    assert await quotes(ledger) == ["q_open", "q_unwritten"]
    assert await quotes(ledger, "solana") == ["q_solana"], "another chain's watches stay"


async def test_the_watches_of_one_workflow_can_move_to_another(ledger: Ledger) -> None:
    await ledger.watching.watch(watch())
    await ledger.watching.watch(watch(quote_id="q_2", since=minute(1)))
    await ledger.watching.watch(watch(quote_id="q_3", since=minute(2), workflow_id="order/default/other"))

    await ledger.watching.reassign(ORDER, "order/default/late")

    workflows = {row.quote_id: row.workflow_id for row in await ledger.watching.watches("base")}
    assert workflows == {"q_1": "order/default/late", "q_2": "order/default/late", "q_3": "order/default/other"}


async def test_a_watch_of_an_open_order_is_removed_when_its_quote_is_old(ledger: Ledger) -> None:
    await ledger.watching.watch(watch())
    await ledger.watching.watch(watch(quote_id="q_2", since=minute(5)))

    assert await forget(ledger, made_before=5) == 1
    assert await quotes(ledger) == ["q_2"]


async def test_a_chain_has_no_cursor_before_its_first_scan_and_then_the_last(ledger: Ledger) -> None:
    assert await ledger.watching.cursor("base") is None
    for cursor in ("block 7", "block 9"):
        await ledger.watching.record("base", [], cursor, NOON)
    await ledger.watching.record("solana", [], "slot 1", NOON)
    assert await ledger.watching.cursor("base") == "block 9"


async def test_a_deposit_seen_again_is_updated_and_keeps_its_first_time(ledger: Ledger) -> None:
    await ledger.watching.record("base", [deposit()], "1", NOON)
    later = deposit(state="confirmed", document={"block": 8}, first_seen_at=minute(5), updated_at=minute(5))
    await ledger.watching.record("base", [later], "2", minute(5))

    (row,) = await ledger.watching.known("base", [], [])

    assert row == later.model_copy(update={"first_seen_at": NOON})


async def test_transfers_of_one_transaction_are_separate_with_exact_amounts(ledger: Ledger) -> None:
    scanned = [deposit(position=str(n), amount=2**256 - 1 - n) for n in range(3)]
    await ledger.watching.record("base", [*scanned, deposit(position="9", address="0xother")], "1", NOON)

    rows = await ledger.watching.known("base", [], [])

    amounts = [row.amount for row in rows if row.address == "0xabc"]
    assert sorted(amounts) == [2**256 - 3, 2**256 - 2, 2**256 - 1]
    assert await ledger.watching.known("solana", [], []) == []


async def test_deposits_of_foreign_assets_are_counted_by_address(ledger: Ledger) -> None:
    fakes = [deposit(position=str(n), asset=f"0xfake{n}") for n in range(3)]
    elsewhere = deposit(position="8", address="0xother", asset="0xfake1")
    await ledger.watching.record("base", [*fakes, elsewhere, deposit(position="9")], "1", NOON)

    counts = await ledger.watching.foreign_counts("base", ["0xabc", "0xnone"], [deposit().asset])

    assert counts == {"0xabc": 3}


async def test_known_deposits_are_those_requested_and_all_that_may_change(ledger: Ledger) -> None:
    scanned = [deposit(tx_id=state, state=state) for state in ("seen", "confirmed", "final", "gone")]
    await ledger.watching.record("base", [*scanned, deposit(chain="solana", tx_id="other")], "1", NOON)

    async def known(*tx_ids: str) -> set[str]:
        return {row.tx_id for row in await ledger.watching.known("base", tx_ids, ["final", "gone"])}

    assert await known() == {"seen", "confirmed"}
    assert await known("gone", "seen", "other", "never seen") == {"seen", "confirmed", "gone"}


@pytest.mark.parametrize("table", ["baton_cursors", "baton_deposits"])
async def test_cursor_and_deposits_are_written_in_one_transaction(
    ledger_url: str, ledger: Ledger, execute: Execute, table: str
) -> None:
    await ledger.watching.record("base", [], "before", NOON)
    await asyncio.to_thread(execute, ledger_url, f"ALTER TABLE {table} RENAME TO renamed")
    with pytest.raises(LedgerUnavailable, match=table):
        await ledger.watching.record("base", [deposit()], "after", NOON)
    await asyncio.to_thread(execute, ledger_url, f"ALTER TABLE renamed RENAME TO {table}")

    assert await ledger.watching.cursor("base") == "before"
    assert await ledger.watching.known("base", [], []) == []


async def test_two_overlapping_scans_leave_one_row_per_deposit(ledger_url: str, ledger: Ledger) -> None:
    async with await Ledger.open(ledger_url) as other:
        scanned = [deposit(tx_id=f"0x{n}", first_seen_at=minute(n)) for n in range(5)]
        scans = ((ledger, other)[n % 2].watching.record("base", scanned, str(n), minute(n)) for n in range(8))
        await asyncio.gather(*scans)
    rows = await ledger.watching.known("base", [], [])
    assert [row.tx_id for row in rows] == [f"0x{n}" for n in range(5)]


async def test_a_watch_names_what_its_order_is_paid_in(ledger: Ledger) -> None:
    await ledger.watching.watch(watch())
    await ledger.watching.watch(watch(quote_id="q_2", workflow_id="order/default/other", since=minute(1)))
    await ledger.write_order(order(ORDER, revision=0, source_asset="cbBTC"), [])

    assert [row.asset for row in await ledger.watching.watches("base")] == ["cbBTC", None]


async def test_deposits_are_found_by_their_asset(ledger: Ledger) -> None:
    await ledger.watching.record("base", [deposit(asset="0xa"), deposit(tx_id="0x2", asset="0xb")], "1", NOON)

    assert [row.asset for row in await ledger.watching.of_assets("base", ["0xb", "0xc"])] == ["0xb"]


async def test_a_watch_names_the_workflow_that_requested_it(ledger: Ledger) -> None:
    await ledger.watching.watch(watch(since=minute(0)))
    assert [row.workflow_id for row in await ledger.watching.watches("base")] == [ORDER]
