"""Holds, acts in bulk and deliveries on the operator page."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.end_to_end.held_orders import follow_holds
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.gateway.ops.conftest import Desk
from tests.gateway.ops.operators import TOKENS, OperatorBrowser, form_token, text_of
from tests.gateway.ops.test_pages import completed, with_two_deposits
from tests.http import http_client
from tests.notifications.receiver import Receiver, receiving, refuse


@pytest.fixture
async def shop_endpoint(desk: Desk) -> AsyncIterator[Receiver]:
    """An endpoint named `till`, which gets the events from now on."""
    async with receiving() as receiver:
        headers, new = {"Authorization": f"Bearer {TOKENS['ada']}"}, {"name": "till", "url": receiver.url}
        async with http_client(base_url=desk.url, headers=headers) as http:
            made = await http.post("/v1/endpoints", json=new)
            assert made.status_code == 201, made.text
            yield receiver
            await http.delete("/v1/endpoints/till")


async def test_a_route_is_held_and_released(ada: OperatorBrowser, world: World) -> None:
    await follow_holds(world)
    held = await ada.send("/ops/holds", "/ops/holds", what="submits", route="base/USDC", reason="node trouble")
    assert held.headers["location"] == "/ops/holds?done=held"
    placed = await world.place()
    await world.deposit_and_report(placed)

    async def waits_behind_it() -> bool:
        return "node trouble" in await ada.read(f"/ops/orders/default/{placed.reference}")

    await eventually(waits_behind_it)
    page = await ada.http.get("/ops/holds")
    assert "node trouble" in text_of(page)
    release = re.search(r'href="(/ops/holds/[^"]+/release)"', page.text)
    assert release is not None
    assert "node trouble" in await ada.read(release[1])
    done = await ada.send(release[1], release[1], reason="the node is back", rate="50")
    assert done.headers["location"] == "/ops/holds?done=released"
    await world.baton.wait(placed.reference)
    assert "the node is back" in await ada.read("/ops/holds")
    acts = await ada.read("/ops/acts?by=ada")
    assert "release" in acts


async def test_a_token_of_one_account_cannot_hold_all(desk: Desk) -> None:
    async with desk.browser("shop") as shop:
        refused = await shop.send("/ops/holds", "/ops/holds", what="submits", reason="x")
        assert refused.status_code == 403
        assert "does not cover all accounts" in text_of(refused)
    async with desk.browser("reader") as reader:
        refused = await reader.send("/ops/holds", "/ops/holds", what="submits", reason="x")
        assert refused.status_code == 403


async def test_a_hold_on_a_chain_that_nobody_knows_is_marked(ada: OperatorBrowser, world: World) -> None:
    await ada.send("/ops/holds", "/ops/holds", what="approvals", route="bse", reason="a slip of the hand")

    assert "Baton knows no chain bse" in await ada.read("/ops/holds")

    (held,) = [hold for hold in await world.baton.open_holds() if hold.route == "bse"]
    await world.baton.release(held.id, reason="the test is over")


async def test_a_wrong_hold_says_what_is_wrong(ada: OperatorBrowser) -> None:
    for fields, words in (({"what": "all", "reason": "x"}, "what"), ({"what": "submits"}, "reason: field required")):
        refused = await ada.send("/ops/holds", "/ops/holds", **fields)
        assert refused.status_code == 422
        assert words in text_of(refused)
    assert "There is no such hold" in await ada.read("/ops/holds/hold-999/release", 404)


async def test_ticked_orders_are_resolved_in_bulk(ada: OperatorBrowser, world: World) -> None:
    orders = [await with_two_deposits(world) for _ in range(2)]
    names = [f"default/{placed.reference}" for placed in orders]
    inbox = "/ops?reason=second_deposit"
    asked = await ada.send(inbox, "/ops/bulk/ask", act="resolve", order=names, reason="second_deposit", back=inbox)
    assert "Resolve: 2 orders" in text_of(asked)
    assert "200 USDC" in text_of(asked)
    fields = {"act": "resolve", "order": names, "reason": "second_deposit", "note": "both go back"}
    begun = await ada.http.post("/ops/bulk", data={"form_token": form_token(asked), **fields})
    assert begun.status_code == 303, text_of(begun)
    bulk = begun.headers["location"]

    async def is_done() -> bool:
        return "2 done" in await ada.read(bulk)

    await eventually(is_done)
    for placed in orders:
        assert placed.reference in await ada.read(f"{bulk}?state=done")
        order = await world.snapshot(placed)
        assert [(line.by, line.note) for line in order.resolutions] == [("ada", "both go back")]
    assert "resolve in bulk: both go back" in await ada.read("/ops/bulk")


async def test_all_orders_of_the_list_are_named_before_the_act(ada: OperatorBrowser, world: World) -> None:
    placed = await with_two_deposits(world)
    asked = await ada.send("/ops", "/ops/bulk/ask", act="refresh", all="yes", reason="second_deposit")
    assert f'value="default/{placed.reference}"' in asked.text


async def test_a_bulk_of_another_account_is_refused(desk: Desk, world: World) -> None:
    placed = await with_two_deposits(world)
    async with desk.browser("shop") as shop:
        name = f"default/{placed.reference}"
        refused = await shop.send("/ops", "/ops/bulk/ask", act="resolve", order=[name])
        assert refused.status_code == 403
        nothing = await shop.send("/ops", "/ops/bulk/ask", act="resolve")
        assert "no order is chosen" in text_of(nothing)


async def test_a_delivery_is_sent_again(ada: OperatorBrowser, world: World, shop_endpoint: Receiver) -> None:
    placed = await completed(world)
    await eventually(lambda: [got for got in shop_endpoint.accepted if got.event["reference"] == placed.reference])
    path = "/ops/deliveries?endpoint=till&outcome=delivered"

    async def is_listed() -> bool:
        return placed.reference in await ada.read(path)

    await eventually(is_listed)
    first = next(got for got in shop_endpoint.accepted if got.event["reference"] == placed.reference)
    again = await ada.send(path, "/ops/deliveries/again", endpoint="till", event_id=[first.id], back=path)
    assert again.headers["location"] == f"{path}&done=redelivered"
    await eventually(lambda: len([got for got in shop_endpoint.accepted if got.id == first.id]) > 1)
    story = await ada.read(f"/ops/orders/default/{placed.reference}")
    assert "notified of order.placed till" in story


async def test_all_events_of_ticked_orders_are_sent_again(
    ada: OperatorBrowser, world: World, shop_endpoint: Receiver
) -> None:
    told, untold = await completed(world), await with_two_deposits(world)

    def ids() -> list[str]:
        return [got.id for got in shop_endpoint.accepted if got.event["reference"] == told.reference]

    def types() -> list[str]:
        return [got.event["type"] for got in shop_endpoint.accepted if got.event["reference"] == told.reference]

    await eventually(lambda: "order.closed" in types())
    before = ids()
    names = [f"default/{told.reference}"]
    asked = await ada.send("/ops", "/ops/bulk/ask", act="redeliver", order=names)
    assert '<option value="till">' in asked.text
    fields = {"act": "redeliver", "order": names, "endpoint": "till", "form_token": form_token(asked)}
    begun = await ada.http.post("/ops/bulk", data=fields)

    await eventually(lambda: sorted(ids()) == sorted([*before, *before]))
    assert "1 done" in await ada.read(begun.headers["location"])
    unknown = await ada.http.post("/ops/bulk", data={**fields, "endpoint": "nobody"})
    assert unknown.status_code in (404, 422)
    assert untold.reference not in asked.text


async def test_offers_of_ticked_orders_are_answered_in_bulk(ada: OperatorBrowser, world: World) -> None:
    placed = await with_two_deposits(world)
    names = [f"default/{placed.reference}"]
    asked = await ada.send("/ops", "/ops/bulk/ask", act="decide", order=names)
    unanswered = await ada.http.post(
        "/ops/bulk", data={"act": "decide", "order": names, "form_token": form_token(asked)}
    )
    assert unanswered.status_code == 422
    begun = await ada.http.post(
        "/ops/bulk", data={"act": "decide", "order": names, "answer": "decline", "form_token": form_token(asked)}
    )

    async def is_refused() -> bool:
        return "no ZeroConf offer waits for an answer" in await ada.read(f"{begun.headers['location']}?state=refused")

    await eventually(is_refused)


async def test_orders_are_closed_in_bulk_but_not_over_money_under_way(ada: OperatorBrowser, world: World) -> None:
    paid = await with_two_deposits(world)
    names = [f"default/{paid.reference}"]
    asked = await ada.send("/ops", "/ops/bulk/ask", act="close", order=names)
    fields = {"act": "close", "order": names, "outcome": "failed", "note": "lost", "form_token": form_token(asked)}
    begun = await ada.http.post("/ops/bulk", data=fields)

    async def is_refused() -> bool:
        return "money is under way" in await ada.read(f"{begun.headers['location']}?state=refused")

    await eventually(is_refused)
    assert (await world.snapshot(paid)).outcome is None


async def test_a_failed_delivery_says_why(ada: OperatorBrowser, world: World, shop_endpoint: Receiver) -> None:
    shop_endpoint.answer = refuse(500)
    placed = await world.place()

    async def has_failed() -> bool:
        text = await ada.read("/ops/deliveries?endpoint=till&outcome=failed")
        return placed.reference in text and "HTTP 500" in text

    await eventually(has_failed)
    assert "failing" in await ada.read("/ops/deliveries")


async def test_everything_since_a_time_is_sent_again(
    ada: OperatorBrowser, world: World, shop_endpoint: Receiver
) -> None:
    placed = await completed(world)

    def types() -> list[str]:
        return [got.event["type"] for got in shop_endpoint.accepted if got.event["reference"] == placed.reference]

    await eventually(lambda: "order.closed" in types())
    since = "/ops/deliveries/since?endpoint=till&since=2026-01-01T00:00"
    assert "events of" in await ada.read(since)
    done = await ada.send(since, "/ops/deliveries/since", endpoint="till", since="2026-01-01T00:00:00+00:00")
    assert done.headers["location"] == "/ops/deliveries?endpoint=till&done=redelivered"
    await eventually(lambda: types().count("order.closed") > 1)


async def test_endpoints_of_other_accounts_are_not_shown(desk: Desk, shop_endpoint: Receiver) -> None:
    async with desk.browser("shop") as shop:
        assert "till" not in await shop.read("/ops/deliveries")
        assert "no endpoint" in await shop.read("/ops/deliveries?endpoint=till", 404)
