"""What operators do to single orders: close by hand, adopt, and the record of who did what and why."""

import pytest

from baton.client import BatonClient
from baton.errors import OrderRefused
from baton.ledger.act_rows import ActRow
from baton.ledger.acts import ActFilter
from baton.orders.adoption import AdoptionEnd
from baton.orders.models import Outcome
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually


@pytest.fixture
def operator(world: World) -> BatonClient:
    """A client with a name, as a token of the API or the command line gives it."""
    return BatonClient(world.environment.client, by="ada")


async def recorded(world: World, reference: str, act: str) -> ActRow:
    """Return the record of an act, once the worker has written it."""

    async def of_that_name() -> list[ActRow]:
        return [row for row in await world.ledger.acts.page(ActFilter(reference=reference)) if row.act == act]

    return (await eventually(of_that_name))[0]


async def test_an_unpaid_order_is_closed_by_hand_without_attention(world: World, operator: BatonClient) -> None:
    placed = await world.place()

    standing = await operator.close_by_hand(placed.reference, outcome=Outcome.CANCELLED, note="the payer gave up")

    result = await world.baton.wait(placed.reference)
    assert (standing.outcome, result.outcome) == (Outcome.CANCELLED, Outcome.CANCELLED)
    snapshot = await world.snapshot(placed)
    assert (snapshot.reason.code, snapshot.attentions) == ("resolved_by_operator", [])
    assert [(done.note, done.by) for done in snapshot.resolutions] == [("the payer gave up", "ada")]
    assert [(act.act, act.by, act.note) for act in snapshot.acts] == [("close_by_hand", "ada", "the payer gave up")]


async def test_money_under_way_keeps_an_order_open_until_all_of_it_is_named(
    world: World, operator: BatonClient
) -> None:
    placed = await world.place(scenario="stepped")
    proof = await world.deposit_and_report(placed)
    running = await world.until(placed, status="processing")

    with pytest.raises(OrderRefused) as refused:
        await operator.close_by_hand(placed.reference, outcome=Outcome.REFUNDED, note="sent back by hand")

    assert refused.value.code == "money_under_way"
    assert running.order_id is not None
    assert running.order_id in refused.value.remedy
    assert proof.transaction_id in refused.value.remedy
    assert (await recorded(world, placed.reference, "close_by_hand")).outcome == "refused"
    known = [running.order_id, proof.transaction_id]
    standing = await operator.close_by_hand(
        placed.reference, outcome=Outcome.REFUNDED, note="sent back by hand", despite=known
    )
    assert standing.outcome is Outcome.REFUNDED


async def test_what_comes_after_a_close_by_hand_is_followed_as_late_money(world: World, operator: BatonClient) -> None:
    placed = await world.place(scenario="stepped")
    proof = await world.deposit_and_report(placed)
    running = await world.until(placed, status="processing")
    assert running.order_id is not None
    named = [running.order_id, proof.transaction_id]
    await operator.close_by_hand(placed.reference, outcome=Outcome.REFUNDED, note="thought to be lost", despite=named)

    await world.sandbox.advance(running.order_id)

    late = await eventually(lambda: world.ledger.order(f"{placed.workflow_id}~late"))
    assert late is not None
    followed = await eventually(lambda: world.baton.snapshot(late.reference), lambda now: now.status == "bridging")
    assert (followed.order_id, followed.outcome) == (running.order_id, None)


async def test_a_closed_order_cannot_be_closed_again(world: World, operator: BatonClient) -> None:
    placed = await world.place()
    await operator.close_by_hand(placed.reference, outcome=Outcome.EXPIRED, note="nobody paid")

    with pytest.raises(OrderRefused, match="the order is closed: expired"):
        await operator.close_by_hand(placed.reference, outcome=Outcome.CANCELLED, note="once more")


async def test_an_act_is_recorded_with_who_when_and_why(world: World, operator: BatonClient) -> None:
    placed = await world.place()

    await operator.refresh(placed.reference, note="the payer asks")
    await operator.cancel(placed.reference, note="ordered twice")

    cancelled = await recorded(world, placed.reference, "cancel")
    refreshed = await recorded(world, placed.reference, "refresh")
    assert (cancelled.by, cancelled.note, cancelled.kind) == ("ada", "ordered twice", "order")
    assert (refreshed.note, refreshed.outcome) == ("the payer asks", "done")
    assert refreshed.at < cancelled.at
    shown = (await world.http.get("/v1/acts", params={"reference": placed.reference})).json()["acts"]
    assert [act["act"] for act in shown] == ["cancel", "refresh"]


async def test_adopting_names_the_workflow_that_follows_an_order_already(world: World, operator: BatonClient) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    running = await world.until(placed, status="processing")
    assert running.order_id is not None

    known = await operator.adopt(running.order_id)

    assert (known.end, known.workflow_id) == (AdoptionEnd.FOLLOWED, placed.workflow_id)


async def test_an_order_that_orchestra_does_not_know_is_not_adopted(operator: BatonClient) -> None:
    with pytest.raises(OrderRefused) as unknown:
        await operator.adopt("ord_nobody_has")

    assert unknown.value.code == "order_not_at_orchestra"


async def test_an_order_that_no_webhook_reported_is_adopted(world: World, operator: BatonClient) -> None:
    held = await world.sandbox.hold_webhooks()
    try:
        order = await world.sandbox.foreign_order("elsewhere", scenario="stepped")
        adoption = await operator.adopt(order["id"], note="a customer asks for it")
    finally:
        await world.sandbox.remove_webhook_fault(held)

    assert adoption.end is AdoptionEnd.STARTED
    followed = await world.baton.snapshot(adoption.reference)
    assert (followed.order_id, followed.outcome) == (order["id"], None)
    assert (await recorded(world, order["id"], "adopt")).note == "a customer asks for it"


async def test_the_api_closes_an_order_and_says_what_is_under_way(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, status="processing")
    path, body = f"/v1/orders/{placed.reference}/close", {"outcome": "failed", "note": "lost"}

    refused = await world.http.post(path, json=body)

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "money_under_way")


async def test_what_is_done_to_addresses_and_endpoints_is_recorded_too(world: World, operator: BatonClient) -> None:
    document = {**world.document(), "type": "accumulation", "recipientSparkAddress": SPARK}
    address = {name: document[name] for name in ("reference", "type", "sourceChain", "sourceAsset", "destinationAsset")}
    await operator.create_address({**address, "recipientSparkAddress": SPARK})
    await world.http.post("/v1/endpoints", json={"name": "recorded", "url": "https://shop.example.com/hook"})

    await operator.disable_address(address["reference"], reason="the shop has moved")
    await world.http.delete("/v1/endpoints/recorded")

    disabled = await recorded(world, address["reference"], "disable")
    removed = await recorded(world, "recorded", "remove")
    assert (disabled.kind, disabled.by, disabled.note) == ("address", "ada", "the shop has moved")
    assert (removed.kind, removed.by) == ("endpoint", "tests")


async def test_the_api_registers_webhooks_only_where_it_can_keep_the_secret(world: World) -> None:
    refused = await world.http.post(
        "/v1/webhooks", json={"url": "https://baton.example.com/webhooks/orchestra/default"}
    )
    insecure = await world.http.post("/v1/webhooks", json={"url": "http://baton.example.com"})

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "secrets_not_in_file")
    assert (insecure.status_code, insecure.json()["error"]["field"]) == (422, "url")
