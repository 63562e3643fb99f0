"""Acts in bulk over the API: chosen by filters, run by a workflow, with a result for each order."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from baton import BatonClient
from baton.bulk import bulks
from baton.errors import InvalidArgument, OrderUnknown
from baton.ledger.acts import ActFilter
from baton.orchestra.models import OrderRecord
from baton.orders.models import Phase
from baton.orders.names import ORDER_WORKFLOW
from baton.orders.observation import OrderView
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.attention import AttentionReason, raise_attention
from baton.orders.start import as_started, start_options
from baton.orders.state import OrderState
from baton.ownership.adopted_orders import adopted_order
from tests.end_to_end.world import World
from tests.eventually import eventually

MANY = 500
"""Orders of the long bulk: seven full parts of 64 and the rest of an eighth."""

SECONDS = 60.0


def tracked(number: int, group: str, *reasons: AttentionReason) -> PlaceOrder:
    """Return an order that is tracked from its start, with these reasons for attention."""
    now = datetime.now(UTC)
    record = OrderRecord(id=f"ord_{group}_{number}", status="processing", updated_at=now)
    view = OrderView(record=record, present=record.status, present_at=now)
    state = OrderState(phase=Phase.TRACKING, opened_at=now, heard_at=now, view=view)
    for reason in reasons:
        raise_attention(state, reason, "raised by a test", now)
    named = {"reference": f"{group}-{number}", "metadata": {"group": group}, "state": state}
    return adopted_order("default", record).model_copy(update=named)


async def start(world: World, orders: list[PlaceOrder]) -> None:
    """Start the orders' workflows, and wait until the ledger lists them."""
    room = asyncio.Semaphore(32)

    async def start_one(order: PlaceOrder) -> None:
        async with room:
            await world.environment.client.start_workflow(ORDER_WORKFLOW, as_started(order), **start_options(order))

    await asyncio.gather(*(start_one(order) for order in orders))
    await eventually(lambda: listed(world, orders[0].metadata), lambda found: found == len(orders), within=SECONDS)


async def listed(world: World, metadata: dict[str, str]) -> int:
    return int((await bulk(world, act="refresh", choice={"metadata": metadata}, dry_run=True))["orders"])


async def bulk(world: World, **body: Any) -> dict[str, Any]:
    response = await world.http.post("/v1/bulk", json=body)
    assert response.status_code in (200, 202), response.text
    return dict(response.json())


async def ended(world: World, bulk_id: str) -> dict[str, Any]:
    async def read() -> dict[str, Any]:
        return dict((await world.http.get(f"/v1/bulk/{bulk_id}")).json())

    return await eventually(read, lambda status: not status["running"], within=SECONDS)


async def results(world: World, bulk_id: str, **query: Any) -> list[dict[str, Any]]:
    return list((await world.http.get(f"/v1/bulk/{bulk_id}/results", params=query)).json()["results"])


async def test_many_orders_are_resolved_and_the_one_that_refuses_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulks, "_PAGE", 50)  # so that the orders are chosen from several pages of the ledger
    overdue, held = AttentionReason.OVERDUE, AttentionReason.OPERATOR_HOLD
    orders = [tracked(number, "many", overdue) for number in range(1, MANY)]
    await start(world, [*orders, tracked(MANY, "many", overdue, held)])

    started = await bulk(
        world, act="resolve", choice={"metadata": {"group": "many"}, "attention": True}, note="ticket 1311", rate=200
    )

    status = await ended(world, started["bulk"]["id"])
    assert (started["orders"], status["progress"]) == (
        MANY,
        {"waiting": 0, "done": MANY - 1, "refused": 1, "failed": 0, "stopped": False},
    )
    (refused,) = await results(world, status["id"], state="refused")
    assert (refused["reference"], refused["code"]) == (f"many-{MANY}", "reason_needed")
    assert "name the one that is resolved: overdue, operator_hold" in refused["message"]
    resolved = await world.baton.snapshot("many-1")
    assert [(done.note, done.by) for done in resolved.resolutions] == [("ticket 1311", "tests")]
    recorded = await world.ledger.acts.page(ActFilter(bulk=status["id"]), 500)
    assert len({act.reference for act in recorded}) == MANY
    assert {act.outcome for act in recorded} == {"done", "refused"}


async def test_the_client_starts_shows_stops_and_resumes_bulks(world: World) -> None:
    await start(world, [tracked(number, "client", AttentionReason.OVERDUE) for number in range(9)])
    baton = BatonClient(world.environment.client, by="ada")
    request = {"act": "resolve", "choice": {"metadata": {"group": "client"}}, "note": "ticket 7", "rate": 4}

    shown = await baton.start_bulk(request, dry_run=True)
    begun = (await baton.start_bulk(request)).bulk

    assert (shown.orders, shown.bulk) == (9, None)
    assert "default/client-0" in shown.sample
    assert begun is not None
    await eventually(lambda: baton.bulk_results(begun.id, ["done"]))
    await baton.stop_bulk(begun.id)
    stopped = await eventually(lambda: baton.bulk(begun.id), lambda status: not status.running)
    await baton.resume_bulk(begun.id)
    over = await eventually(lambda: baton.bulk(begun.id), lambda status: not status.running, within=SECONDS)
    assert (0 < stopped.progress.done < 9, over.progress.done, over.by) == (True, 9, "ada")
    assert begun.id in [bulk.id for bulk in await baton.bulks()]
    with pytest.raises(InvalidArgument, match=r"^choice: names no filter"):
        await baton.start_bulk({"act": "refresh"})
    with pytest.raises(InvalidArgument, match=r"^note: resolve needs one"):
        await baton.start_bulk({**request, "note": None})
    with pytest.raises(OrderUnknown, match="there is no bulk bulk_1"):
        await baton.bulk("bulk_1")


async def test_a_dry_run_shows_the_orders_and_does_nothing(world: World) -> None:
    await start(world, [tracked(number, "dry", AttentionReason.OVERDUE) for number in range(3)])

    shown = await bulk(world, act="resolve", choice={"metadata": {"group": "dry"}}, note="not yet", dry_run=True)

    assert (shown["orders"], shown["bulk"]) == (3, None)
    assert {line["reference"] for line in shown["sample"]} == {"dry-0", "dry-1", "dry-2"}
    assert (await world.baton.snapshot("dry-0")).attention is not None


async def test_a_bulk_that_was_stopped_goes_on_with_the_rest(world: World) -> None:
    await start(world, [tracked(number, "rest", AttentionReason.OVERDUE) for number in range(9)])
    choice = {"metadata": {"group": "rest"}}
    started = (await bulk(world, act="resolve", choice=choice, note="slowly", rate=4))["bulk"]["id"]
    await eventually(lambda: results(world, started, state="done"))

    await world.http.post(f"/v1/bulk/{started}/stop")
    stopped = await ended(world, started)
    await world.http.post(f"/v1/bulk/{started}/resume")

    assert 0 < stopped["progress"]["done"] < 9
    assert (await ended(world, started))["progress"]["done"] == 9
    assert [(await world.baton.snapshot(f"rest-{number}")).attentions for number in range(9)] == [[]] * 9


async def test_each_act_is_done_to_the_orders_that_are_named(world: World) -> None:
    placed = [await world.place() for _ in range(3)]
    first, second, third = [order.reference for order in placed]
    await eventually(lambda: refresh_count(world, first, second, third), lambda found: found == 3)

    cancelled = await bulk(world, act="cancel", choice={"references": [first]}, note="the campaign ended")
    closed = await bulk(world, act="close", choice={"references": [second]}, note="given up", outcome="expired")
    undecided = await bulk(world, act="decide", choice={"references": [third]}, accept=True)

    states = [await ended(world, begun["bulk"]["id"]) for begun in (cancelled, closed, undecided)]
    assert [status["progress"]["done"] for status in states] == [1, 1, 0]
    assert (await world.snapshot(placed[0])).outcome == "cancelled"
    assert (await world.snapshot(placed[1])).outcome == "expired"
    (refused,) = await results(world, states[2]["id"])
    assert refused["code"] == "no_offer_pending"


async def refresh_count(world: World, *references: str) -> int:
    found = await bulk(world, act="refresh", choice={"references": list(references)}, dry_run=True)
    return int(found["orders"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"act": "cancel"}, "choice"),
        ({"act": "cancel", "choice": {"route": "base"}}, "route"),
        ({"act": "resolve", "choice": {"attention": True}}, "note"),
        ({"act": "close", "choice": {"attention": True}, "note": "x"}, "outcome"),
        ({"act": "decide", "choice": {"attention": True}}, "accept"),
        ({"act": "redeliver", "choice": {"attention": True}}, "endpoint"),
        ({"act": "decide", "choice": {"attention": True}, "action": "approve", "minimum": "95,000"}, "minimum"),
        ({"act": "decide", "choice": {"attention": True}, "action": "approve", "minimum": "0"}, "minimum"),
        ({"act": "decide", "choice": {"attention": True}, "accept": True, "minimum": "95000"}, "minimum"),
        ({"act": "refresh", "choice": {"attention": True}, "rate": 1e-300}, "rate"),
        ({"act": "cancel", "choice": {"colour": "red"}}, "choice.colour"),
    ],
)
async def test_a_bulk_that_is_incomplete_is_refused_and_names_the_field(
    world: World, body: dict[str, Any], field: str
) -> None:
    response = await world.http.post("/v1/bulk", json=body)

    assert response.status_code in (404, 422)
    assert response.json()["error"]["field"] == field


async def test_a_bulk_that_nobody_knows_is_not_found(world: World) -> None:
    response = await world.http.get("/v1/bulk/bulk_000000000000")

    assert (response.status_code, response.json()["error"]["code"]) == (404, "bulk_unknown")
