"""Events reach every endpoint that wants them: in the order of each order, at least once, whatever others do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook
from starlette.responses import RedirectResponse, Response, StreamingResponse

from baton.ledger.notifications import Wanted
from baton.notifications import schedule, sender
from baton.notifications.attention import endpoint_workflow_id
from baton.notifications.endpoint import notify_job_id
from baton.order_lists import OrderLists
from tests.eventually import eventually
from tests.notifications.conftest import Feed
from tests.notifications.receiver import Received, accept, receiving, refuse


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PAUSES", (timedelta(seconds=0.2), timedelta(seconds=0.5)))


async def test_events_arrive_in_order_with_a_signature_that_verifies(feed: Feed) -> None:
    async with receiving() as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        ids = await feed.move("a", "order.placed", "order.processing", "order.completed")
        await eventually(lambda: len(shop.accepted) == 3)
    assert shop.ids() == ids
    secret = endpoint.secrets[0].secret.get_secret_value()
    for received in shop.accepted:
        assert Webhook(secret).verify(received.body, received.headers) == received.event
        assert received.headers["webhook-id"] == received.id


async def test_an_endpoint_gets_the_types_and_accounts_that_it_wants(feed: Feed) -> None:
    async with receiving() as shop, feed.worker():
        await feed.endpoint(shop.url, events=["order.closed"], accounts=["one"])
        await feed.move("a", "order.placed", "order.closed", account="one")
        await feed.move("b", "order.placed", "order.closed", account="two")
        await feed.move("c", "order.closed", account="one")
        await eventually(lambda: len(shop.accepted) == 2)
    assert sorted(received.event["reference"] for received in shop.accepted) == ["a", "c"]


async def test_a_new_endpoint_gets_only_what_happens_from_then_on(feed: Feed) -> None:
    async with receiving() as shop, feed.worker():
        await feed.move("a", "order.placed")
        await feed.endpoint(shop.url)
        await feed.move("a", "order.placed", "order.closed", revision=2)
        await eventually(lambda: shop.types() == ["order.closed"])


async def test_an_event_that_is_refused_comes_again_under_the_same_id(feed: Feed) -> None:
    async with receiving(refuse(500)) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        ids = await feed.move("a", "order.placed", "order.closed")
        await eventually(lambda: len(shop.requests) >= 2)
        assert {received.id for received in shop.requests} == {ids[0]}
        shop.answer = accept
        await eventually(lambda: shop.ids() == ids)
        attempts = await eventually(
            lambda: feed.ledger.notifications.attempts(endpoint=endpoint.name),
            lambda found: sum(each.outcome == "delivered" for each in found) == 2,
        )
    assert next(each.status_code for each in attempts if each.outcome == "failed") == 500


async def test_a_redirect_is_not_followed(feed: Feed) -> None:
    async with receiving() as elsewhere, receiving(lambda _: RedirectResponse(elsewhere.url)) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        await feed.move("a", "order.placed")
        failed = await eventually(lambda: feed.ledger.notifications.attempts(endpoint=endpoint.name))
    assert "redirects are not followed" in (failed[0].detail or "")
    assert elsewhere.requests == []


async def test_the_status_counts_although_the_response_never_ends(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"thanks"
        await asyncio.sleep(60)

    monkeypatch.setattr(sender, "BODY_TIMEOUT", 0.2)
    async with receiving(lambda _: StreamingResponse(endless())) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        ids = await feed.move("a", "order.placed", "order.closed")
        await eventually(lambda: shop.ids() == ids)
        delivered = await eventually(
            lambda: feed.ledger.notifications.attempts(endpoint=endpoint.name), lambda found: len(found) == 2
        )
    assert {(each.outcome, each.detail) for each in delivered} == {("delivered", "thanks")}


async def test_a_response_without_end_of_its_size_is_not_read(feed: Feed) -> None:
    async def much() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)

    async with receiving(lambda _: StreamingResponse(much())) as shop, feed.worker():
        await feed.endpoint(shop.url)
        ids = await feed.move("a", "order.placed", "order.closed")
        await eventually(lambda: shop.ids() == ids)


async def test_an_endpoint_that_is_removed_while_events_wait_gets_none_of_them(feed: Feed) -> None:
    async with receiving(refuse(500)) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        await feed.move("a", "order.placed")
        await eventually(lambda: shop.requests)
        await feed.ledger.endpoints.remove(endpoint.name)
        shop.answer = accept
        successor = await feed.endpoint(shop.url, "successor")
        ids = await feed.move("a", "order.placed", "order.closed", revision=2)
        await eventually(lambda: shop.ids() == ids[1:])
        assert await feed.ledger.notifications.pending(endpoint.name) == 0
        await eventually(lambda: feed.ledger.notifications.pending(successor.name), lambda count: count == 0)


async def test_an_endpoint_that_answers_410_is_disabled_and_a_person_finds_it(feed: Feed) -> None:
    async with receiving(refuse(410)) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        await feed.move("a", "order.placed")
        state = await eventually(
            lambda: feed.ledger.endpoints.state(endpoint.name), lambda found: found and found.disabled_at
        )
        await feed.move("b", "order.placed")
    assert state is not None
    assert "410" in (state.disabled_because or "")
    assert len(shop.requests) == 1
    handle = feed.client.get_workflow_handle(f"{endpoint_workflow_id(endpoint.name)}/attention")
    assert (await handle.describe()).typed_search_attributes
    listed = await eventually(
        lambda: OrderLists(feed.client).find(50, attention=True),
        lambda lines: any(line.reference == endpoint.name for line in lines),
    )
    assert listed


async def test_an_endpoint_that_failed_for_five_days_is_disabled(feed: Feed) -> None:
    async with receiving(refuse(500)) as shop:
        endpoint = await feed.endpoint(shop.url)
        feed.fails_since(endpoint, datetime.now(UTC) - timedelta(days=5))
        async with feed.worker():
            await feed.move("a", "order.placed")
            state = await eventually(
                lambda: feed.ledger.endpoints.state(endpoint.name), lambda found: found and found.disabled_at
            )
    assert state is not None
    assert state.disabled_because == "it accepted nothing for five days: HTTP 500"


async def test_an_endpoint_that_is_enabled_again_gets_all_that_it_missed(feed: Feed) -> None:
    async with receiving(refuse(410)) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        ids = await feed.move("a", "order.placed")
        await eventually(lambda: feed.ledger.endpoints.state(endpoint.name), lambda found: found and found.disabled_at)
        ids = await feed.move("a", "order.placed", "order.closed", revision=2)
        shop.answer = accept
        await feed.ledger.endpoints.enable(endpoint.name, datetime.now(UTC))
        await eventually(lambda: shop.ids() == ids)


async def test_events_that_failed_for_three_days_are_left_to_a_person(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "GIVE_UP_AFTER", timedelta(seconds=0.5))
    async with receiving(refuse(500)) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        ids = await feed.move("a", "order.placed", "order.processing")
        given_up = await eventually(
            lambda: feed.ledger.notifications.attempts(endpoint=endpoint.name, outcome="given_up")
        )
        shop.answer = accept
        ids = await feed.move("a", "order.placed", "order.processing", "order.closed", revision=2)
        await eventually(lambda: shop.ids() == ids[2:])
    assert {each.event_id for each in given_up} == set(ids[:2])


async def test_a_slow_and_a_dead_endpoint_hold_up_nobody(feed: Feed) -> None:
    async def slowly(_: Received) -> Response:
        await asyncio.sleep(3)
        return Response(status_code=200)

    async with receiving() as shop, receiving(slowly) as slow, feed.worker():
        await feed.endpoint(slow.url, "slow")
        await feed.endpoint("http://127.0.0.1:9/", "dead")
        await feed.endpoint(shop.url)
        for number in range(20):
            await feed.move(f"o{number}", "order.placed", "order.closed")
        await eventually(lambda: len(shop.ids()) == 40, within=12)
        assert len(slow.accepted) < 40


async def test_an_endpoint_that_was_out_gets_everything_soon_once_it_is_back(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "PAUSES", (timedelta(seconds=0.1), timedelta(hours=1)))
    async with receiving(refuse(503)) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        ids = {name: await feed.move(name, "order.placed", "order.closed") for name in ("a", "b", "c")}
        await eventually(lambda: len(shop.requests) >= 6)
        past = datetime.now(UTC) - timedelta(hours=1)
        feed.fails_since(endpoint, past)
        shop.answer = accept
        ids["d"] = await feed.move("d", "order.placed")
        await eventually(lambda: set(shop.ids()) == {each for order in ids.values() for each in order})
    for order in ids.values():
        assert [each for each in shop.ids() if each in order] == order


async def test_events_are_sent_again_right_after_they_were_accepted(feed: Feed) -> None:
    async with receiving() as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        begun = datetime.now(UTC)
        ids = await feed.move("a", "order.placed", "order.processing")
        await eventually(lambda: len(shop.accepted) == 2)
        assert await feed.ledger.notifications.repeat(endpoint.name, begun, datetime.now(UTC)) == 1
        await eventually(lambda: [each.id for each in shop.accepted] == [*ids, *ids])
        await eventually(lambda: feed.ledger.notifications.pending(endpoint.name), lambda count: count == 0)


async def test_an_event_that_comes_while_its_job_ends_is_not_lost(feed: Feed) -> None:
    async with receiving() as shop, feed.worker():
        await feed.endpoint(shop.url)
        kinds = [f"order.{name}" for name in "abcdefghijklmnopqrstuvwxyz"]
        for count in range(1, len(kinds) + 1):
            ids = await feed.move("a", *kinds[:count], revision=count)
            await eventually(lambda count=count: len(shop.ids()) >= count - 1)
        await eventually(lambda: shop.ids() == ids)


async def test_a_job_that_was_lost_is_started_again(feed: Feed) -> None:
    async with receiving() as shop:
        endpoint = await feed.endpoint(shop.url)
        async with feed.worker():
            await eventually(lambda: feed.ledger.endpoints.state(endpoint.name))
        ids = await feed.move("a", "order.placed")
        newest = await feed.ledger.events.latest()
        wanted = [Wanted(endpoint.name, "order/default/a", newest, newest)]
        assert await feed.ledger.notifications.plan(wanted, [endpoint.name], newest - 1, newest, datetime.now(UTC))
        async with feed.worker():
            await eventually(lambda: shop.ids() == ids)


async def test_nothing_but_ids_of_an_event_is_in_temporal(feed: Feed) -> None:
    async with receiving(refuse(500)) as shop, feed.worker():
        endpoint = await feed.endpoint(shop.url)
        await feed.move("a", "order.placed")
        await eventually(lambda: len(shop.requests) >= 2)
        handle = feed.client.get_activity_handle(notify_job_id(endpoint.name, "order/default/a"))
        described = str((await handle.describe()).raw_info)
        await handle.terminate()
    assert "order/default/a" in described
    assert "not now" not in described
    assert "whsec" not in described
    assert shop.url not in described
