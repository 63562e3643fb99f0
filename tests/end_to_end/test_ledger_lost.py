"""The ledger is lost while orders run: it is rebuilt from Temporal, and until then no order counts as unknown."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceRow
from baton.ledger.source_totals import OrderStanding
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.reports import ApprovalEnd
from baton.ownership.owners import Owners
from baton.recovery import keeper
from baton.recovery.keeper import LedgerKeeper
from baton.recovery.rebuild import READERS, Rebuild, RebuildProgress, RebuildStopped
from baton.sources.answers import SourceSnapshot
from tests.end_to_end.chain_orders import evm_chain
from tests.end_to_end.ledger_loss import copy_ledger, lookups, lose, post_status, refused_as_incomplete, written
from tests.end_to_end.test_addresses import accumulation
from tests.end_to_end.test_pay_links import link, order_of_visit, visited
from tests.end_to_end.test_zeroconf import BITCOIN, answers
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server

BASE = evm_chain("0x" + "11" * 20, "http://127.0.0.1:9")
DECLINES = {"zeroconf": {"mode": "decline"}}
ORDERS = 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lost")


@pytest.fixture(scope="module")
async def world(folder: Path) -> AsyncIterator[World]:
    """Run Baton with a worker that leaves the ledger to the tests, and a gateway that remembers no order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Owners, "_remember", lambda *_: None)
        patch.setattr(keeper, "CHECK_INTERVAL", 3600.0)
        async with temporal_server() as temporal, running_world(temporal, folder, chains={"base": BASE}) as running:
            yield running


@pytest.fixture
def ledger_file(folder: Path) -> Path:
    return folder / "ledger.db"


async def rebuild(world: World) -> RebuildProgress:
    return await Rebuild(world.environment.client, world.ledger, ["base"]).run()


async def tracked(world: World) -> Placement:
    placed = await world.place(scenario="stepped", policy=DECLINES)
    await world.deposit_and_report(placed)
    await world.until(placed, phase="tracking")
    return placed


async def no_twin(world: World) -> bool:
    lines = await world.baton.list_orders(limit=500)
    return not [line.reference for line in lines if line.reference.startswith(("~", "orchestra:"))]


async def test_fifty_open_orders_survive_the_loss_of_the_ledger(world: World, ledger_file: Path) -> None:
    unpaid = await asyncio.gather(*(world.place(policy=DECLINES) for _ in range(ORDERS // 2)))
    paid = await asyncio.gather(*(tracked(world) for _ in range(ORDERS // 2)))
    placed = [*unpaid, *paid]
    found = [await lookups(world, each) for each in placed]
    watched = {row.quote_id for row in await world.ledger.watching.watches("base")}

    lose(ledger_file)
    order_id = (await world.snapshot(paid[0])).order_id
    await refused_as_incomplete(world, str(order_id), "bridging")
    done = await rebuild(world)

    assert (done.complete, done.read, done.written) == (True, ORDERS, ORDERS)
    assert [await lookups(world, each) for each in placed] == found
    assert all(None not in workflows for workflows in found)
    assert {row.quote_id for row in await world.ledger.watching.watches("base")} == watched
    await asyncio.gather(*(world.deposit(each, detect=True) for each in unpaid))
    assert {(await world.baton.wait(each.reference)).outcome for each in unpaid} == {Outcome.COMPLETED}
    assert await post_status(world, str(order_id), "bridging") == (200, None)
    await world.until(paid[0], status="bridging")
    assert {(await world.snapshot(each)).policy.zeroconf.mode for each in placed} == {"decline"}
    assert await no_twin(world)


async def test_an_older_copy_of_the_ledger_gives_no_order_a_twin(world: World, ledger_file: Path) -> None:
    await rebuild(world)
    copy = ledger_file.with_name("copy.db")
    await asyncio.to_thread(copy_ledger, ledger_file, copy)
    placed = await tracked(world)
    order_id = (await world.snapshot(placed)).order_id
    await written(world, placed, "processing")

    await asyncio.to_thread(copy.replace, ledger_file)
    await refused_as_incomplete(world, str(order_id), "bridging")
    await rebuild(world)

    assert await post_status(world, str(order_id), "bridging") == (200, None)
    await world.until(placed, status="bridging")
    assert await no_twin(world)


async def test_no_offer_is_accepted_by_the_accounts_policy_after_a_loss(world: World, ledger_file: Path) -> None:
    world.account.zeroconf.update({"mode": "decide", "maxFeeBps": 500})
    try:
        placed = await world.place(scenario="stepped", policy=DECLINES, **BITCOIN)
        await world.deposit_and_report(placed)
        order_id = (await world.until(placed, status="processing")).order_id
        await written(world, placed, "processing")
        lose(ledger_file)
        offer = {"version": 1, "status": "pending", "quoteId": "zc_1", "depositSats": "250000", "feeSats": "125"}
        await world.sandbox.advance(order_id, "awaiting_approval", zeroconfOffer=offer)
        await refused_as_incomplete(world, str(order_id), "awaiting_approval")

        await rebuild(world)
        await post_status(world, str(order_id), "awaiting_approval", zeroconfOffer=offer)

        order = await eventually(lambda: world.snapshot(placed), lambda order: bool(order.approvals))
        assert ApprovalEnd.ACCEPTED not in [report.end for report in order.approvals]
        assert [call["path"].rsplit("/", 1)[-1] for call in await answers(world, placed)] == ["decline"]
        assert await no_twin(world)
    finally:
        world.account.zeroconf.clear()


async def test_a_new_ledger_is_complete_at_once_where_no_order_exists(tmp_path: Path) -> None:
    async with (
        temporal_server() as temporal,
        await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger,
    ):
        assert not await ledger.is_complete()
        await LedgerKeeper(temporal.client, ledger, []).check()
        assert await ledger.is_complete()


async def test_a_ledger_lost_during_its_rebuild_is_not_called_complete(world: World, ledger_file: Path) -> None:
    placed = [await world.place() for _ in range(READERS + 1)]
    found = [await lookups(world, each) for each in placed]
    lose(ledger_file)

    losing = Rebuild(world.environment.client, world.ledger, ["base"], lambda _: lose(ledger_file))
    with pytest.raises(RebuildStopped, match="the ledger was replaced"):
        await losing.run()

    assert not await world.ledger.is_complete()
    assert (await rebuild(world)).complete
    assert [await lookups(world, each) for each in placed] == found


async def test_a_worker_rebuilds_a_lost_ledger_by_itself(world: World, ledger_file: Path) -> None:
    placed = await world.place()
    found = await lookups(world, placed)
    lose(ledger_file)

    await LedgerKeeper(world.environment.client, world.ledger, ["base"]).check()

    assert await world.ledger.is_complete()
    assert await lookups(world, placed) == found


async def test_addresses_are_written_again_into_a_new_ledger(world: World, ledger_file: Path) -> None:
    kept, closed = [await world.baton.create_address(accumulation()) for _ in range(2)]
    disabled = await world.baton.disable_address(closed.reference)
    await eventually(lambda: source(world, closed), lambda row: row is not None and not row.enabled)
    before = [await source(world, each) for each in (kept, closed)]

    lose(ledger_file)
    assert not await world.ledger.is_complete()
    done = await rebuild(world)

    assert (done.complete, done.sources) == (True, 2)
    assert [await source(world, each) for each in (kept, closed)] == before
    assert disabled.phase == "disabled"
    found = await world.ledger.sources.at_address("default", kept.addresses["base"])
    assert found is not None
    assert found.reference == kept.reference


async def test_links_and_their_orders_are_written_again_into_a_new_ledger(world: World, ledger_file: Path) -> None:
    created = await world.baton.create_pay_link(link())
    name = f"paylink/{created.reference}"
    invoice, order_id = await visited(world, created)
    order = await order_of_visit(world, order_id)
    await world.sandbox.deposit(deposit_address=invoice)
    await world.baton.wait(order.reference)
    await eventually(
        lambda: world.ledger.sources.totals("default", name),
        lambda known: known.count(OrderStanding.COMPLETED) == 1,
    )
    before = await world.ledger.sources.totals("default", name)

    lose(ledger_file)
    await eventually(lambda: world.ledger.sources.source("default", "paylink", created.reference), lambda row: not row)
    await rebuild(world)

    assert await world.ledger.sources.totals("default", name) == before
    _, later = await visited(world, created)
    found = await order_of_visit(world, later)
    assert found.source is not None
    assert found.source.name == name


async def source(world: World, address: SourceSnapshot) -> SourceRow | None:
    return await world.ledger.sources.source("default", "address", address.reference)
