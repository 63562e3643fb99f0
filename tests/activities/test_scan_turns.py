"""Very many reusable addresses: orders are read at every scan, the others in turn, and no deposit is missed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from activities.support import scan_turns
from activities.support.scan_turns import MANY, pause_between_all
from baton.chains.spec import Family
from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceAddressRow, SourceRow
from tests.activities.chain_watch import CHAIN, ORDER, SPEC, WatchedChain
from tests.chains.deposits import CONFIRMED, deposit, in_block, scan
from tests.ledger.examples import order as order_row

REUSABLE = tuple(f"0x{number:040x}" for number in range(3))
THIRTY_SECONDS = SPEC.model_copy(update={"poll_seconds": 30.0})


@pytest.fixture
async def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WatchedChain]:
    """A chain with an order and three reusable addresses, of which two are many, and a scan of all each minute."""
    monkeypatch.setattr(scan_turns, "MANY", 2)
    monkeypatch.setattr("activities.deposit_watch.pause_between_all", lambda *given: 2000 * pause_between_all(*given))
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        watched = WatchedChain(ledger)
        await watched.watch()
        await ledger.write_order(order_row(ORDER, revision=0), [])
        for number, address in enumerate(REUSABLE):
            await _reusable(ledger, f"till-{number}", address, watched)
        yield watched


async def _reusable(ledger: Ledger, reference: str, address: str, chain: WatchedChain) -> None:
    named = {"account": "default", "kind": "address", "reference": reference}
    given = {"workflow_id": f"address/default/{reference}", "enabled": True, "created_at": chain.since, "revision": 1}
    row = SourceAddressRow(**named, chain=CHAIN, address=address, since=chain.since)
    await ledger.sources.write(SourceRow.model_validate(named | given), [row])


async def test_orders_are_scanned_always_and_many_reusable_addresses_in_turn(chain: WatchedChain) -> None:
    await chain.play(scan(cursor="10"), scan(cursor="11"), scan(cursor="12"))

    order = deposit().address
    assert [sorted(watches) for watches, _, _ in chain.reader.scans] == [sorted((order, *REUSABLE)), [order], [order]]


async def test_a_scan_of_orders_alone_leaves_the_cursor_for_the_next_of_all(chain: WatchedChain) -> None:
    await chain.play(scan(cursor="10"), scan(in_block(12, state=CONFIRMED), cursor="15"))

    assert (await chain.cursor(), await chain.known()) == ("10", [in_block(12, state=CONFIRMED)])
    assert chain.orders.states == [("0xdeposit", "confirmed")]


async def test_a_deposit_that_is_not_read_is_not_looked_up_as_missing(chain: WatchedChain) -> None:
    paid = in_block(10, "0xother").model_copy(update={"address": REUSABLE[0], "symbol": None})
    await chain.play(scan(paid, cursor="10"), scan(cursor="11"))

    assert chain.reader.rechecked == []


@pytest.mark.parametrize(
    ("family", "reusable", "seconds"),
    [
        (Family.EVM, MANY, 0),
        (Family.EVM, MANY + 1, 60),
        (Family.TRON, 10 * MANY, 300),
        (Family.BITCOIN, 10 * MANY, 0),
        (Family.SOLANA, 10 * MANY, 0),
    ],
)
def test_the_pause_between_scans_of_all_grows_with_the_addresses(family: Family, reusable: int, seconds: int) -> None:
    spec = THIRTY_SECONDS.model_copy(update={"family": family})
    assert timedelta(seconds=pause_between_all(spec, reusable)) == timedelta(seconds=seconds)
